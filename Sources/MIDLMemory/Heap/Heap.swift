// The heap: what all threads share. One for the process; tests make more.
//
// The record stands in the heap's own metadata and never moves.

import MIDLPlatform
import Synchronization

/// What never changes, and where the rest is. Each lock has a record of its own, because a change of
/// a part is, to Swift, an access to the whole record.
struct HeapRecord: ~Copyable {
    let region: Region
    /// The links of lists that go through blocks are encoded with it.
    let linkKey: UInt
    /// Under the pool's lock.
    let pool: UInt
    /// Under the registry's lock.
    let registry: UInt
}

/// What the registry keeps of a heap.
struct RegistryRecord {
    var metadata: Metadata
    /// Bytes of the region's cache area that were given out.
    var cacheAreaUsed = 0
    var cacheAreaCommitted = 0
    var environments = EnvironmentTable()
    /// All caches that were ever made, newest first.
    var firstCache: UInt = 0
    /// Magazines that no cache holds.
    var firstMagazine: UInt = 0
    /// Units of slabs in caches that rest.
    var restingUnitCount = 0
}

extension RegistryRecord {
    /// On pages of its own: the processor fetches lines ahead, but not beyond a page, and each that
    /// another thread writes to would have to come back.
    private static let cacheByteCount = Page.roundUp(MemoryLayout<ThreadCacheRecord>.size)
    private static let cacheAreaStep = 64 << 10

    /// Memory for a cache in the region's area for them; nil when that or memory is exhausted.
    mutating func roomForCache(_ region: Region) -> UInt? {
        let byteCount = RegistryRecord.cacheByteCount
        if cacheAreaUsed + byteCount > cacheAreaCommitted {
            guard
                region.commitCaches(
                    byteCount: RegistryRecord.cacheAreaStep, behind: cacheAreaCommitted)
            else { return nil }
            cacheAreaCommitted += RegistryRecord.cacheAreaStep
        }
        defer { cacheAreaUsed += byteCount }
        return region.cacheArea + UInt(cacheAreaUsed)
    }
}

/// A handle on a heap.
struct Heap: Equatable {
    let address: UInt

    var record: UnsafeMutablePointer<HeapRecord> {
        @inline(__always) get {
            unsafe UnsafeMutablePointer(bitPattern: address).unsafelyUnwrapped
        }
    }

    @inline(__always)
    init(at address: UInt) { self.address = address }

    /// Makes a heap in `region`; nil when there is no memory.
    init?(region: Region) {
        var metadata = Metadata()
        guard let heap = metadata.allocate(for: HeapRecord.self),
            let pool = metadata.allocate(for: SpanPool.self),
            let registry = metadata.allocate(for: RegistryRecord.self)
        else { return nil }
        self.init(at: heap)
        // The top bit makes the code of any address of a program one that is no address.
        let linkKey = UInt(truncatingIfNeeded: midl_random()) | 1 << 63
        unsafe record.initialize(
            to: HeapRecord(region: region, linkKey: linkKey, pool: pool, registry: registry))
        unsafe self.pool.initialize(to: SpanPool(region: region))
        unsafe self.registry.initialize(to: RegistryRecord(metadata: metadata))
    }

    var region: Region {
        @inline(__always) get { unsafe record.pointee.region }
    }
    var linkKey: UInt {
        @inline(__always) get { unsafe record.pointee.linkKey }
    }

    /// Only under the registry's lock.
    var registry: UnsafeMutablePointer<RegistryRecord> {
        unsafe UnsafeMutablePointer(bitPattern: record.pointee.registry).unsafelyUnwrapped
    }

    /// Only under the pool's lock.
    var pool: UnsafeMutablePointer<SpanPool> {
        unsafe UnsafeMutablePointer(bitPattern: record.pointee.pool).unsafelyUnwrapped
    }

    func withPool<Result>(_ body: (inout SpanPool) -> Result) -> Result {
        midl_lock(MIDL_LOCK_POOL)
        defer { midl_unlock(MIDL_LOCK_POOL) }
        return unsafe body(&pool.pointee)
    }

    /// A span from the pool, that of a large block perhaps with more units. It begins at a multiple of
    /// `alignment` if that is not 0: a power of two of at least a unit. Where there is none, caches
    /// give up what rests in them. nil when there is no memory.
    @_optimize(size)
    @inline(never)
    func takeSpan(unitCount: Int, _ kind: SpanKind, alignment: UInt = 0) -> Span? {
        var hasEmptied = false
        while true {
            let span = withPool { pool in
                let length =
                    kind == .large ? pool.hugePages.length(holding: unitCount) : unitCount
                let span =
                    alignment == 0
                    ? pool.take(unitCount: length) ?? pool.take(unitCount: unitCount)
                    : pool.take(unitCount: unitCount, alignment: alignment)
                span?.kind = kind
                return span
            }
            if span != nil || hasEmptied { return span }
            Registry.emptyOrphans(self)
            hasEmptied = true
        }
    }

    // MARK: The process's heap

    /// Its address; 0 before the first allocation. Releasing and acquiring: who sees the address
    /// sees the heap.
    private static let processHeap = Atomic<UInt>(0)

    static var ofProcess: Heap? {
        let address = processHeap.load(ordering: .acquiring)
        return address == 0 ? nil : Heap(at: address)
    }

    /// Makes the process's heap unless it is there. Under the registry's lock.
    @_optimize(size)
    @inline(never)
    static func makeOfProcess() -> Heap? {
        if let heap = ofProcess { return heap }
        guard let region = Region.reserve() else { return nil }
        guard let heap = Heap(region: region) else {
            region.release()
            return nil
        }
        processHeap.store(heap.address, ordering: .releasing)
        return heap
    }
}
