// Slabs: spans cut into blocks of one size class, each owned by one thread's cache.
//
//     blocks   0 1 2 | 3 4 5 6 7 8 9 | 10 11 ... capacity
//              ^ never | ^ carved      | ^ never
//
// Blocks are carved, that is handed out for the first time, from one chosen at random
// on and around the end: nobody can tell what lies where. Where the pages of an earlier
// slab have stayed it is one in the page in which that one began: else a unit that is a
// slab many times, each time of a few blocks, would come to have all of its pages.
//
// Not so of all small blocks. Each leap, of which there are two in a slab, has the
// processor wait that foresees how a program goes through a list in memory, as long as
// for a hundred of them. So of these only a thread's first slab of a class begins
// anywhere, the others at the start; and each slab has an order of its own, chosen at
// random, for the blocks in each group of two to four lines of the cache, where that
// costs nothing.
//
// Nor does the first block begin at the start of the slab, where there is room to spare:
// else blocks of sizes near multiples of pages, of all slabs, would fall on the same lines
// of the processor's cache.
//
//     live or in a magazine + free map + remote list == carvedCount
//
// Only the owner touches the free map (FreeMap.swift), without locks or atomics. Other
// threads push blocks on the remote list, whole chains at a time; the one that finds it
// empty also puts the slab on its owner's list of pending slabs, where the owner
// looks when it needs blocks.
//
// The remote list goes through the free blocks. A link is the granule of the slab at
// which the next block begins, counted from 1, 0 at the end; it stands encoded with the
// heap's key and the block's own place. Of what an overwritten link decodes to, one in
// 2^17 is inside the slab, and that has to be the start of a block as well.

import Synchronization

extension Span {
    var sizeClass: SizeClass { unsafe SizeClass(index: Int(record.pointee.classIndex)) }
    var blockByteCount: Int { unsafe Int(record.pointee.blockByteCount) }
    var capacity: Int { unsafe Int(record.pointee.capacity) }
    var owner: UInt {
        @inline(__always) get { unsafe record.pointee.owner.load(ordering: .relaxed) }
        nonmutating set { unsafe record.pointee.owner.store(newValue, ordering: .relaxed) }
    }
    var carvedCount: Int {
        get { unsafe Int(record.pointee.carvedCount) }
        nonmutating set { unsafe record.pointee.carvedCount = UInt32(truncatingIfNeeded: newValue) }
    }
    var firstIndex: Int { unsafe Int(record.pointee.firstIndex) }
    /// What the order inside a group is exclusively ored with.
    var shuffle: Int { unsafe Int(record.pointee.shuffle) }
    var freeCount: Int {
        @inline(__always) get { unsafe Int(record.pointee.freeCount) }
        @inline(__always) nonmutating set {
            unsafe record.pointee.freeCount = UInt32(truncatingIfNeeded: newValue)
        }
    }
    var isListed: Bool {
        get { unsafe record.pointee.isListed }
        nonmutating set { unsafe record.pointee.isListed = newValue }
    }
    var isKept: Bool {
        get { unsafe record.pointee.isKept }
        nonmutating set { unsafe record.pointee.isKept = newValue }
    }
    var pendingNext: UInt {
        get { unsafe record.pointee.pendingNext }
        nonmutating set { unsafe record.pointee.pendingNext = newValue }
    }

    /// No block is in use.
    var isEmptySlab: Bool { freeCount == carvedCount }
    var hasBlocks: Bool { freeCount != 0 || carvedCount < capacity }

    /// Turns a span that was just taken from the pool into a slab, the first of its class or one
    /// more of its owner.
    @_optimize(size)
    func becomeSlab(
        of sizeClass: SizeClass, owner: UInt, in region: Region, random: UInt, isFirst: Bool
    ) {
        let unit = region.unit(of: self)
        for offset in 1..<max(1, unitCount) {
            let inner = region.span(atUnit: unit &+ offset)
            inner.kind = .slabInner
            inner.unitsToFirst = offset
        }
        // Of the slab that was here before, whose pages have stayed.
        let formerPage = wasTakenZero ? nil : firstPage
        unsafe record.pointee.classIndex = UInt8(truncatingIfNeeded: sizeClass.index)
        unsafe record.pointee.blockByteCount = UInt32(truncatingIfNeeded: sizeClass.blockByteCount)
        unsafe record.pointee.reciprocal = UInt32(
            truncatingIfNeeded: (1 << 32) / sizeClass.blockByteCount &+ 1)
        offset = sizeClass.slabOffset(random: random >> 32)
        unsafe record.pointee.capacity = UInt32(truncatingIfNeeded: sizeClass.slabBlockCount)
        let groupCount = sizeClass.shuffledBlockCount
        let shuffle = random >> 48 & UInt(groupCount - 1)
        unsafe record.pointee.shuffle = UInt8(truncatingIfNeeded: shuffle)
        let beginsAtStart = !isFirst && groupCount > 1
        unsafe record.pointee.beginsAtStart = beginsAtStart
        let first =
            beginsAtStart
            ? shuffle : formerPage.map { index(inPage: $0, random) } ?? random % UInt(capacity)
        unsafe record.pointee.firstIndex = UInt32(truncatingIfNeeded: first ^ shuffle)
        carvedCount = 0
        freeCount = 0
        isListed = false
        isKept = false
        self.owner = owner
        kind = .slab
    }

    /// The page, from the start of the span, in which the slab that is here or was began; nil when
    /// there never was one, or that page was not chosen at random.
    private var firstPage: UInt? {
        if unsafe record.pointee.beginsAtStart { return nil }
        let start = offset &+ UInt(bitPattern: (firstIndex ^ shuffle) &* blockByteCount)
        // What stands there may be of a longer slab that began here.
        return blockByteCount == 0 || start >= UInt(bitPattern: unitCount) &<< Unit.shift
            ? nil : start >> Page.shift
    }

    /// One of the blocks that begin in a page, or else the one that reaches into it.
    private func index(inPage page: UInt, _ random: UInt) -> UInt {
        let size = UInt(blockByteCount)
        let start = max(page &<< Page.shift, offset) &- offset
        let end = max((page &+ 1) &<< Page.shift, offset &+ 1) &- offset
        let last = min(UInt(capacity), (end &+ size &- 1) / size) &- 1
        let first = min((start &+ size &- 1) / size, last)
        return first &+ random % (last &- first &+ 1)
    }

    /// Undoes `becomeSlab` for an empty slab without tags. Like it, under the pool's lock: the pool
    /// looks at the kinds of neighbours.
    func ceaseToBeSlab(in region: Region) {
        let unit = region.unit(of: self)
        for offset in 0..<unitCount {
            let each = region.span(atUnit: unit &+ offset)
            each.kind = .inner
            each.hadBlocks = true
        }
        owner = 0
    }

    /// Clears the tags of all blocks.
    func clearTags(in region: Region) {
        // Above this size tags stand so far apart that one after the other is faster.
        if blockByteCount <= 512 {
            return region.clearTags(
                of: self, byteCount: Int(offset) + capacity * blockByteCount)
        }
        let start = region.start(ofBlocksIn: self)
        forEachCarved(after: 0, count: carvedCount) {
            region.setTag(SizeClass.none.index, at: start &+ $0)
        }
    }

    /// Whether the block with an index, counted from the start of the slab, has been carved.
    func isCarved(index: Int) -> Bool {
        let order = (index ^ shuffle) - firstIndex
        return (order < 0 ? order + capacity : order) < carvedCount
    }

    /// Calls `body` with the offset from the start of the slab of each of the blocks that are carved
    /// after `order` others.
    @inline(__always)
    private func forEachCarved(after order: Int, count: Int, _ body: (UInt) -> Void) {
        // In registers: for all the compiler knows, what is written may be the record.
        let (capacity, shuffle, byteCount) = (capacity, shuffle, blockByteCount)
        var index = firstIndex &+ order
        if index >= capacity { index &-= capacity }
        for _ in 0..<count {
            body(UInt(bitPattern: (index ^ shuffle) &* byteCount))
            index &+= 1
            if index == capacity { index = 0 }
        }
    }

    // MARK: The owner's side

    /// Hands out `count` blocks, which were never touched, sealed.
    @inline(__always)
    func carve(_ count: Int, _ heap: Heap, _ body: (Block) -> Void) {
        let (region, tag) = (heap.region, sizeClass.index)
        let start = region.start(ofBlocksIn: self)
        forEachCarved(after: carvedCount, count: count) {
            let block = Block(at: start &+ $0)
            region.setTag(tag, at: block.address)
            block.seal()
            body(block)
        }
        carvedCount &+= count
    }

    /// The address of the block after `block` in a list of this slab, 0 at the end; ends the
    /// program when the link is not one.
    @inline(__always)
    func next(of block: Block, _ heap: Heap) -> UInt {
        guard let next = nextIfSound(block, heap) else { Misuse.writtenAfterFree(block) }
        return next
    }

    /// The same; nil when the link is not one.
    @inline(__always)
    func nextIfSound(_ block: Block, _ heap: Heap) -> UInt? {
        Span.followed(
            block.link(UInt32(truncatingIfNeeded: heap.linkKey)),
            from: heap.region.start(of: self),
            limit: UInt32(truncatingIfNeeded: unitCount &* Unit.granuleCount),
            tag: sizeClass.index, heap.region)
    }

    /// The address that a link leads to in the slab that starts at an address, 0 at the end; nil
    /// when no block with this tag starts there.
    @inline(__always)
    private static func followed(
        _ link: UInt32, from start: UInt, limit: UInt32, tag: Int, _ region: Region
    ) -> UInt? {
        if link == 0 { return 0 }
        if link > limit { return nil }
        let address = start &+ UInt(link &- 1) &<< 4
        return region.tag(at: address) == tag ? address : nil
    }

    /// Puts the block at `next`, or the end at 0, after `block` in a list of this slab.
    @inline(__always)
    func link(_ block: Block, to next: UInt, _ heap: Heap) {
        let link = next == 0 ? 0 : Span.link(to: next, from: heap.region.start(of: self))
        block.setLink(link, UInt32(truncatingIfNeeded: heap.linkKey))
    }

    @inline(__always)
    static func link(to block: UInt, from start: UInt) -> UInt32 {
        UInt32(truncatingIfNeeded: (block &- start) &>> 4) &+ 1
    }

    // MARK: Other threads' side

    /// Pushes a chain of blocks, linked from `first` to `last`. True when the remote list was
    /// empty: the caller then makes the slab pending.
    ///
    /// Releasing: whoever takes the list sees the links, and all that the freeing thread did.
    /// Acquiring: the owner has read `pendingNext` before it emptied the list.
    func pushRemote(first: Block, last: Block, _ heap: Heap) -> Bool {
        var head = unsafe record.pointee.remoteHead.load(ordering: .relaxed)
        while true {
            link(last, to: head, heap)
            let (done, current) = unsafe record.pointee.remoteHead.compareExchange(
                expected: head, desired: first.address,
                successOrdering: .acquiringAndReleasing, failureOrdering: .relaxed)
            if done { return head == 0 }
            head = current
        }
    }

    /// The first block of the remote list; 0 when it is empty.
    var remoteHead: UInt {
        // Relaxed: for checks while no other thread is there.
        unsafe record.pointee.remoteHead.load(ordering: .relaxed)
    }

    /// Moves the remote list to the free map; returns how many blocks. For the owner.
    func collectRemote(_ heap: Heap) -> Int {
        // Both ways: pairs with `pushRemote`.
        var cursor = unsafe record.pointee.remoteHead.exchange(0, ordering: .acquiringAndReleasing)
        let (region, before) = (heap.region, freeCount)
        while cursor != 0 {
            let block = Block(at: cursor)
            cursor = next(of: block, heap)
            setFree(block, region)
        }
        return freeCount - before
    }
}
