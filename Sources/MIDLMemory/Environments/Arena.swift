// Arenas: what one thread allocates from in one environment.
//
//     chunk   [ block | block | block | .......... ]
//                                     ^ cursor     ^ end
//
// An arena belongs to one thread, which moves the cursor without lock or atomic.
// The environment's owner has one, and so has each thread that attached to it by
// its handle. A chunk is a span of one unit whose record names the arena.
//
// When the environment is disabled, the owner sets `end` of the other threads'
// arenas to 0; it touches nothing else of them. Their threads find out at their
// next step off the fast path, and give their chunks back themselves.

import MIDLPlatform
import Synchronization

struct ArenaRecord: ~Copyable {
    var cursor: UInt
    /// 0 when there is no chunk, or no environment any more. Relaxed: a thread that sees the old
    /// end has allocated before the environment went.
    let end: Atomic<UInt>
    /// Bits of the bins up to 1 KiB whose free lists are not empty.
    var freeBins: UInt64
    /// Some bin's free list was not empty since the arena was reset.
    var usedFreeLists: Bool
    /// Other threads may know the environment: tags change by atomic exchange.
    var isShared: Bool
    var isOwners: Bool
    /// The thread's cache.
    var cache: UInt
    var environment: UInt
    /// That of the environment when the arena was made for it.
    var generation: UInt
    /// The chunks, the one with the cursor first, and how many.
    var chunks: UInt
    var chunkCount: Int

    /// The address of the part that is used under the environment's lock.
    let shared: UInt
    /// Blocks that the thread freed, by bin.
    var freeHeads: InlineArray<80, UInt>
}

/// The part that is used under the environment's lock.
struct SharedArenaRecord {
    /// The next arena of another thread in the environment, or of the thread's spare ones.
    var next: UInt = 0
    /// Blocks of this arena that other threads freed.
    var remoteHead: UInt = 0
}

/// A handle on an arena.
struct Arena: Equatable {
    let address: UInt

    var record: UnsafeMutablePointer<ArenaRecord> {
        @inline(__always) get {
            unsafe UnsafeMutablePointer(bitPattern: address).unsafelyUnwrapped
        }
    }

    @inline(__always)
    init(at address: UInt) { self.address = address }

    var shared: UnsafeMutablePointer<SharedArenaRecord> {
        unsafe UnsafeMutablePointer(bitPattern: record.pointee.shared).unsafelyUnwrapped
    }

    // MARK: The fast paths

    /// A block at the cursor; false when there is no room, no environment, or a free block to be
    /// used first.
    @inline(__always)
    static func bump(
        byteCount: Int, _ front: UnsafePointer<midl_front>,
        _ result: inout UnsafeMutableRawPointer?
    ) -> Bool {
        // Zero and negative counts are too large here.
        let last = UInt(bitPattern: byteCount &- 1)
        guard last < UInt(Bin.tableByteLimit) else { return false }
        let bin = last &>> 4
        let arena = unsafe Arena(at: front.pointee.bump_arena)
        let start = unsafe arena.record.pointee.cursor
        let next = start &+ (UInt(bitPattern: byteCount &+ 15) & ~15)
        guard unsafe next <= arena.record.pointee.end.load(ordering: .relaxed),
            unsafe arena.record.pointee.freeBins &>> UInt64(bin) & 1 == 0
        else { return false }
        unsafe arena.record.pointee.cursor = next
        // Relaxed, as all tags.
        unsafe UnsafeMutablePointer<Atomic<UInt8>>(
            bitPattern: start &>> 4 &+ front.pointee.tag_bias
        ).unsafelyUnwrapped.pointee
            .store(
                UInt8(truncatingIfNeeded: bin &+ UInt(EnvironmentTag.first.value)),
                ordering: .relaxed)
        unsafe result = pointer(start)
        return true
    }

    static func allocate(
        _ front: UnsafePointer<midl_front>, byteCount: Int
    ) -> UnsafeMutableRawPointer? {
        var block: UnsafeMutableRawPointer?
        if unsafe bump(byteCount: byteCount, front, &block) { return unsafe block }
        return unsafe allocateSlowly(byteCount: byteCount, front)
    }

    @inline(never)
    static func allocateSlowly(
        byteCount: Int, _ front: UnsafePointer<midl_front>
    ) -> UnsafeMutableRawPointer? {
        guard unsafe byteCount >= 0 && front.pointee.arena != 0 else { return nil }
        let address = unsafe Arena(at: front.pointee.arena).allocate(byteCount: byteCount)
        return unsafe address.map { unsafe pointer($0) }
    }

    static func free(
        _ front: UnsafePointer<midl_front>, _ node: UnsafeMutableRawPointer?
    ) -> RPCStatus {
        guard let node = unsafe node else { return .ok }
        guard unsafe front.pointee.arena != 0 else { return .invalidArgument }
        return unsafe Arena(at: front.pointee.arena).free(Block(node))
    }

    var heap: Heap { unsafe ThreadCache(at: record.pointee.cache).heap }
    var environment: Environment { unsafe Environment(at: record.pointee.environment) }

    /// Whether the environment is still the one that the arena was made for.
    var isAlive: Bool { unsafe environment.generation == record.pointee.generation }
}
