// A thread's cache: magazines of free blocks, two for each size class, the slabs
// that the thread owns, and the two fast paths.
//
//     allocate   pop the class's loaded magazine; check and take off the block's seal
//     free       look up the tag; check and put on the seal; push on the magazine
//
// Neither has a lock, an atomic or a call. Whatever is out of the ordinary fails one of
// the checks and goes on in the slow paths: an empty or full magazine, a new thread, a
// large block, NULL, misuse.
//
// Caches are made for threads, outlive them, and are adopted by later threads;
// they are never destroyed. See Registry.swift.

import MIDLPlatform
import Synchronization

/// Whose a cache is.
enum CacheState {
    /// A thread's.
    static let attached: UInt8 = 0
    /// Nobody's: its thread has ended. The next thread adopts it.
    static let orphaned: UInt8 = 1
    /// Held for a moment by a thread that tidies it up, empties it or takes one of its slabs.
    static let claimed: UInt8 = 2
    /// In the child of a fork: of a thread that was not copied, perhaps in the middle of a change.
    static let lost: UInt8 = 3
}

@safe struct ThreadCacheRecord: ~Copyable {
    // `midl_front` comes first, so that the address of a cache is that of its front.
    var front: midl_front
    /// Goes on from the front's tops; for tags of no size class there is no magazine.
    var topsOfTags: InlineArray<255, UInt>
    /// The top of the magazine that was loaded before, by class: it is full or empty.
    var previousTops: InlineArray<65, UInt>
    let heap: UInt
    var nextInRegistry: UInt
    /// Slabs that have blocks to give, by class.
    var slabs: InlineArray<65, UInt>
    /// Units of all slabs of a class, and their blocks that are neither free nor untouched.
    var slabUnitCounts: InlineArray<65, Int>
    /// Units of empty slabs that are kept.
    var keptSlabUnitCount: Int
    var usedBlockCounts: InlineArray<65, Int>
    /// Blocks that the next magazine of a class is to hold; with `inheritedFlag` beside it.
    var capacities: InlineArray<65, UInt8>
    /// Full magazines besides the loaded and the previous one, by class, and how many.
    var fullMagazines: InlineArray<65, UInt>
    var fullMagazineCounts: InlineArray<65, UInt16>
    /// The blocks in them.
    var fullBlockCounts: InlineArray<65, Int>
    /// Units of slabs that the thread's free blocks of a class may keep from being given back.
    var keptUnitCounts: InlineArray<65, UInt8>
    /// How many more in all than at first.
    var learntUnitCount: Int
    /// Blocks of a class that went home, since some were last fetched, and that were fetched since.
    var sentHomeCounts: InlineArray<65, Int32>
    var fetchedCounts: InlineArray<65, Int32>
    var emptyMagazines: UInt
    var emptyMagazineCount: Int
    /// How many are kept at most, and how many more than before the thread has come to need.
    var emptyMagazineLimit: Int
    var magazineDemand: Int
    /// Where the next ones are cut.
    var magazineRoom: UInt
    var magazineRoomEnd: UInt
    /// A thread has had this cache after another.
    var wasAdopted: Bool
    /// No thread has it, and it has kept what was in it: so many units of slabs.
    var rests: Bool
    var restingUnitCount: Int
    /// Blocks of other threads on their way home.
    var outbox: Outbox
    var parked: ParkedSpans
    var turn: SamplingTurn
    var package: PackageState

    // Written by other threads; apart from the owner's lines.
    let padding: InlineArray<8, UInt>
    /// The first slab of those in whose remote lists there are blocks.
    let pendingHead: Atomic<UInt>
    /// The first of the magazines, all with blocks of this cache's slabs, that others gave back.
    let returnedHead: Atomic<UInt>
    let state: Atomic<UInt8>
}

/// A handle on a cache.
struct ThreadCache: Equatable {
    let address: UInt

    var record: UnsafeMutablePointer<ThreadCacheRecord> {
        @inline(__always) get {
            unsafe UnsafeMutablePointer(bitPattern: address).unsafelyUnwrapped
        }
    }

    @inline(__always)
    init(at address: UInt) { self.address = address }

    /// The cache of a front that belongs to one, not to a thread without a cache.
    @inline(__always)
    init(of front: UnsafePointer<midl_front>) { self.init(at: UInt(bitPattern: front)) }

    var front: UnsafePointer<midl_front> {
        unsafe UnsafePointer(bitPattern: address).unsafelyUnwrapped
    }
    var heap: Heap { unsafe Heap(at: record.pointee.heap) }

    // MARK: The fast paths

    /// Pops a block for a small request; false when the magazine is empty, its top block was
    /// written to, or the request is not small. Not one function with `popMedium`: an optional would
    /// cost the C function two instructions.
    @inline(__always)
    static func pop(
        byteCount: Int, _ front: UnsafePointer<midl_front>,
        _ result: inout UnsafeMutableRawPointer?
    ) -> Bool {
        // A negative count is one too large.
        guard UInt(bitPattern: byteCount) <= UInt(SizeClass.tableByteLimit) else { return false }
        let index = unsafe Int(
            UnsafeRawPointer(front).load(
                fromByteOffset: Int(MIDL_FRONT_CLASSES_OFFSET) &+ byteCount, as: UInt8.self))
        let slot = unsafe topSlot(front, tag: index)
        let top = unsafe slot.pointee
        let block = Block(at: Magazine.slot(top &- 8))
        // The sentinel of an empty magazine has no seal either.
        guard block.unseal() else { return false }
        unsafe slot.pointee = top &- 8
        unsafe result = block.start
        return true
    }

    /// The same for a request above the small ones; nil when it is too large for that.
    @inline(__always)
    static func popMedium(
        byteCount: Int, _ front: UnsafePointer<midl_front>
    ) -> UnsafeMutableRawPointer? {
        // Small ones are of no class in the table, and what stands there instead of a magazine all
        // threads would write to.
        let excess = UInt(bitPattern: byteCount &- 1 &- SizeClass.tableByteLimit)
        guard excess < UInt(SizeClass.byteLimit - SizeClass.tableByteLimit) else { return nil }
        let place = (excess &+ UInt(SizeClass.tableByteLimit)) / UInt(MIDL_MEDIUM_STEP)
        let index = unsafe Int(
            UnsafeRawPointer(front).load(
                fromByteOffset: Int(MIDL_FRONT_STEPS_OFFSET) &+ Int(bitPattern: place),
                as: UInt8.self))
        let slot = unsafe topSlot(front, tag: index)
        let top = unsafe slot.pointee
        let block = Block(at: Magazine.slot(top &- 8))
        guard block.unseal() else { return nil }
        unsafe slot.pointee = top &- 8
        return unsafe block.start
    }

    static func allocate(
        _ front: UnsafePointer<midl_front>, byteCount: Int
    ) -> UnsafeMutableRawPointer? {
        var block: UnsafeMutableRawPointer?
        if unsafe pop(byteCount: byteCount, front, &block) { return unsafe block }
        return unsafe allocateSlowly(byteCount: byteCount, front)
    }

    @inline(__always)
    static func free(_ front: UnsafePointer<midl_front>, _ pointer: UnsafeMutableRawPointer?) {
        guard let tag = unsafe tag(of: UInt(bitPattern: pointer), front) else {
            return unsafe freeSlowly(pointer, front)
        }
        let slot = unsafe topSlot(front, tag: tag)
        let top = unsafe slot.pointee
        let block = unsafe Block(pointer.unsafelyUnwrapped)
        // Tags of no class, and of large blocks, have a magazine that is always full.
        if Magazine.isFull(top: top) || block.seemsSealed {
            return unsafe freeSlowly(pointer, front)
        }
        block.seal()
        Magazine.setSlot(top, block.address)
        unsafe slot.pointee = top &+ 8
    }

    /// The tag of any address; nil, too, for all addresses when each free is to go on in the slow
    /// path.
    @inline(__always)
    static func tag(of address: UInt, _ front: UnsafePointer<midl_front>) -> Int? {
        // One rotation moves the offset to granules and an odd address out of the region.
        let offset = unsafe address &- front.pointee.first_granule
        let granule = offset &>> 4 | offset &<< 60
        if unsafe granule >= front.pointee.granule_limit { return nil }
        return unsafe Int(
            UnsafeRawPointer(front).load(
                fromByteOffset: Int(bitPattern: granule) &+ Region.tagsDistance, as: UInt8.self))
    }

    @inline(__always)
    static func topSlot(
        _ front: UnsafePointer<midl_front>, tag: Int
    ) -> UnsafeMutablePointer<UInt> {
        unsafe UnsafeMutablePointer(
            bitPattern: UInt(bitPattern: front) &+ UInt(MIDL_FRONT_TOPS_OFFSET)
                &+ UInt(bitPattern: tag) &* 8
        ).unsafelyUnwrapped
    }

    // MARK: Named state

    /// The top of the loaded magazine.
    @inline(__always)
    func top(_ sizeClass: SizeClass) -> UInt {
        unsafe ThreadCache.topSlot(front, tag: sizeClass.index).pointee
    }
    @inline(__always)
    func setTop(_ sizeClass: SizeClass, _ top: UInt) {
        unsafe ThreadCache.topSlot(front, tag: sizeClass.index).pointee = top
    }

    /// What stands below the first block of a magazine.
    var sentinel: UInt {
        @inline(__always) get { (address + UInt(MIDL_FRONT_UNSEALED_OFFSET) + 15) & ~15 }
    }

    /// Sequentially consistent: see `Registry.orphan`.
    var state: UInt8 {
        unsafe record.pointee.state.load(ordering: .sequentiallyConsistent)
    }

    /// Changes the state if it is `old`. Sequentially consistent: see `Registry.orphan`.
    func changeState(from old: UInt8, to new: UInt8) -> Bool {
        // A look does not take the line from a thread that reads it.
        if state != old { return false }
        return unsafe record.pointee.state.compareExchange(
            expected: old, desired: new, ordering: .sequentiallyConsistent
        ).exchanged
    }

    var nextInRegistry: UInt { unsafe record.pointee.nextInRegistry }

    /// For the child of a fork, which has one thread.
    func changeToLost() {
        unsafe record.pointee.state.store(CacheState.lost, ordering: .sequentiallyConsistent)
    }

    // MARK: Making

    /// Fills in zeroed memory.
    @_optimize(size)
    @inline(never)
    func initialize(_ heap: Heap, nextInRegistry: UInt) {
        unsafe record.initialize(
            to: ThreadCacheRecord(
                front: midl_new_front().pointee,
                topsOfTags: .init(repeating: Magazine.noneTop),
                previousTops: .init(repeating: Magazine.noneTop), heap: heap.address,
                nextInRegistry: nextInRegistry, slabs: .init(repeating: 0),
                slabUnitCounts: .init(repeating: 0), keptSlabUnitCount: 0,
                usedBlockCounts: .init(repeating: 0), capacities: .init(repeating: 0),
                fullMagazines: .init(repeating: 0), fullMagazineCounts: .init(repeating: 0),
                fullBlockCounts: .init(repeating: 0),
                keptUnitCounts: .init(repeating: 1), learntUnitCount: 0,
                sentHomeCounts: .init(repeating: 0),
                fetchedCounts: .init(repeating: 0),
                emptyMagazines: 0, emptyMagazineCount: 0,
                emptyMagazineLimit: ThreadCache.firstEmptyMagazineLimit, magazineDemand: 0,
                magazineRoom: 0, magazineRoomEnd: 0, wasAdopted: false, rests: false,
                restingUnitCount: 0,
                outbox: Outbox(),
                parked: ParkedSpans(), turn: SamplingTurn(), package: PackageState(),
                padding: .init(repeating: 0),
                pendingHead: Atomic(0), returnedHead: Atomic(0),
                state: Atomic(CacheState.attached)))
        initializeFront(heap.region)
    }

    private func initializeFront(_ region: Region) {
        if region.isInCacheArea(address) {
            let granules = region.granules(ofCacheAt: address)
            unsafe record.pointee.front.first_granule = granules.first
            unsafe record.pointee.front.granule_limit = granules.limit
        } else {
            // No address of a program is this one: each free goes on in the slow path.
            unsafe record.pointee.front.first_granule = 1 << 63
            unsafe record.pointee.front.granule_limit = 1
        }
        unsafe record.pointee.front.tag_bias = region.tags &- region.base >> 4
        // An odd number in place of a seal: see the one in thread.c.
        unsafe pointer(sentinel).storeBytes(of: 1, toByteOffset: 4, as: UInt32.self)
        for index in SizeClass.first.index...SizeClass.last.index {
            setTables(of: SizeClass(index: index), to: index)
        }
    }

    /// Leads requests that a class serves to the top at an index.
    @_optimize(size)
    func setTables(of sizeClass: SizeClass, to index: Int) {
        let before = SizeClass(index: sizeClass.index &- 1)
        let first = sizeClass == .first ? 0 : before.blockByteCount &+ 1
        let last = sizeClass.blockByteCount
        if last <= SizeClass.tableByteLimit {
            setTable(Int(MIDL_FRONT_CLASSES_OFFSET), first...last, to: index)
        } else {
            let step = Int(MIDL_MEDIUM_STEP)
            setTable(
                Int(MIDL_FRONT_STEPS_OFFSET), (first &- 1) / step...(last &- 1) / step, to: index)
        }
    }

    /// Has requests of every class go on in the slow path.
    func clearTables() {
        let steps = SizeClass.byteLimit / Int(MIDL_MEDIUM_STEP)
        setTable(Int(MIDL_FRONT_CLASSES_OFFSET), 0...SizeClass.tableByteLimit, to: 0)
        setTable(Int(MIDL_FRONT_STEPS_OFFSET), 0...steps - 1, to: 0)
    }

    private func setTable(_ offset: Int, _ places: ClosedRange<Int>, to index: Int) {
        unsafe UnsafeMutableRawPointer(record).advanced(by: offset &+ places.lowerBound)
            .initializeMemory(
                as: UInt8.self, repeating: UInt8(truncatingIfNeeded: index), count: places.count)
    }
}
