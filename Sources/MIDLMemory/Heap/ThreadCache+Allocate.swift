// What an allocation does when the fast path does not have a block.

import MIDLPlatform
import MIDLShim

extension ThreadCache {
    /// Never inlined: the fast path must stay short. The parameters are in the C function's order,
    /// so that it passes them on where they are.
    @inline(never)
    static func allocateSlowly(
        byteCount: Int, _ front: UnsafePointer<midl_front>
    ) -> UnsafeMutableRawPointer? {
        if let block = unsafe popMedium(byteCount: byteCount, front) { return unsafe block }
        return unsafe midl_heap_is_chosen()
            ? allocateFromHeap(byteCount: byteCount, front)
            : Choice.allocate(byteCount: byteCount, front)
    }

    /// A block of the heap, whatever is chosen; nil, and ENOMEM, without memory.
    @inline(never)
    static func allocateFromHeap(
        byteCount: Int, _ front: UnsafePointer<midl_front>
    ) -> UnsafeMutableRawPointer? {
        if let block = unsafe allocateQuickly(byteCount: byteCount, front) { return unsafe block }
        return unsafe allocateThoroughly(byteCount: byteCount, front)
    }

    @inline(never)
    private static func allocateThoroughly(
        byteCount: Int, _ front: UnsafePointer<midl_front>
    ) -> UnsafeMutableRawPointer? {
        var block: UnsafeMutableRawPointer?
        unsafe Registry.withCache(front) { cache in
            unsafe block = cache.allocate(byteCount: byteCount)
        }
        if unsafe block == nil { midl_set_out_of_memory() }
        return unsafe block
    }

    /// What the slow path mostly comes to; nil when it does not.
    @inline(__always)
    private static func allocateQuickly(
        byteCount: Int, _ front: UnsafePointer<midl_front>
    ) -> UnsafeMutableRawPointer? {
        // A thread without a cache has no magazines. A negative count is one too large.
        if unsafe front.pointee.granule_limit == 0 || byteCount < 0 { return nil }
        let cache = unsafe ThreadCache(of: front)
        if byteCount > SizeClass.byteLimit {
            return unsafe cache.allocateParked(byteCount: byteCount)
        }
        let sizeClass = SizeClass(holding: byteCount)
        guard
            cache.loadPrevious(sizeClass)
                || cache.isLoadedEmpty(sizeClass) && cache.loadFull(sizeClass)
        else { return nil }
        return unsafe cache.popLoaded(sizeClass)
    }

    private func allocate(byteCount: Int) -> UnsafeMutableRawPointer? {
        if byteCount < 0 { return nil }
        if byteCount > SizeClass.byteLimit {
            return unsafe allocateLarge(byteCount: byteCount)
        }
        let sizeClass = SizeClass(holding: byteCount)
        if isLoadedEmpty(sizeClass) && !refill(sizeClass) {
            // Where memory is short, what the thread has parked is wanted, and what rests.
            giveParked()
            Registry.emptyOrphans(heap)
            if !refill(sizeClass) { return nil }
        }
        return unsafe popLoaded(sizeClass)
    }

    /// Pops the loaded magazine, which is not empty.
    @inline(__always)
    private func popLoaded(_ sizeClass: SizeClass) -> UnsafeMutableRawPointer {
        unsafe ThreadCache.popTop(ThreadCache.topSlot(front, tag: sizeClass.index))
    }

    /// Pops the magazine, which is not empty, whose top stands at a place.
    @inline(__always)
    static func popTop(_ place: UnsafeMutablePointer<UInt>) -> UnsafeMutableRawPointer {
        let top = unsafe place.pointee
        let block = Block(at: Magazine.slot(top - 8))
        if !block.unseal() { Misuse.writtenAfterFree(block) }
        unsafe place.pointee = top - 8
        return unsafe block.start
    }

    /// Sees to it that the loaded magazine, which is empty, has a block; false when there is no
    /// memory.
    func refill(_ sizeClass: SizeClass) -> Bool {
        if loadPrevious(sizeClass) || loadFull(sizeClass) { return true }
        if hasReturned {
            collectReturned()
            if loadFull(sizeClass) { return true }
        }
        guard let slab = slabWithBlocks(sizeClass) else { return false }
        var missing = grow(sizeClass)
        guard var top = loadEmpty(sizeClass) else { return false }
        let count: Int
        if slab.freeCount == 0 {
            // As many as before: who has wanted many wants more.
            let least = sizeClass.carveBlockCount
            let most = max(least, min(slab.carvedCount, 4 &* least))
            count = carve(min(missing, most), from: slab, to: top)
        } else {
            count = fetch(missing, from: slab, to: top)
        }
        missing &-= count
        top &+= UInt(bitPattern: count) &* 8
        // More only where it costs nothing: from slabs that have free blocks.
        while missing > 0, let next = firstSlab(sizeClass), next.freeCount != 0 {
            let count = fetch(missing, from: next, to: top)
            missing &-= count
            top &+= UInt(bitPattern: count) &* 8
        }
        setTop(sizeClass, top)
        return true
    }

    /// Puts up to `count` free blocks of a slab in the slots from `first` on; returns how many.
    private func fetch(_ count: Int, from slab: Span, to first: UInt) -> Int {
        let fetched = min(count, slab.freeCount)
        if slab.isKept { setKept(slab, false) }
        slab.fetch(fetched, to: first, heap.region)
        account(fetched, of: slab)
        return fetched
    }

    /// Puts up to `count` blocks of a slab that were never touched in the slots from `first` on, in
    /// the order in which the lowest is allocated first; returns how many.
    private func carve(_ count: Int, from slab: Span, to first: UInt) -> Int {
        let carved = min(count, slab.capacity &- slab.carvedCount)
        var slot = first &+ UInt(bitPattern: carved) &* 8
        slab.carve(carved, heap) { block in
            slot &-= 8
            Magazine.setSlot(slot, block.address)
        }
        account(carved, of: slab)
        return carved
    }

    private func account(_ count: Int, of slab: Span) {
        unsafe record.pointee.usedBlockCounts[slab.sizeClass.index] &+= count
        didFetch(count, slab.sizeClass)
        if !slab.hasBlocks { unlist(slab) }
    }

    // MARK: Slabs

    func firstSlab(_ sizeClass: SizeClass) -> Span? {
        let head = unsafe record.pointee.slabs[sizeClass.index]
        return head == 0 ? nil : Span(at: head)
    }

    /// A slab with blocks: one of the thread's, one to which others gave blocks back, one of a
    /// thread that has ended, a new one.
    @_optimize(size)
    @inline(never)
    private func slabWithBlocks(_ sizeClass: SizeClass) -> Span? {
        if let slab = firstSlab(sizeClass) { return slab }
        collectPending()
        if let slab = firstSlab(sizeClass) ?? adoptSlab(sizeClass) { return slab }
        let (heap, owner) = (heap, address)
        let present = unsafe record.pointee.slabUnitCounts[sizeClass.index]
        let isFirst = present == 0
        // The last slab of each class is used in part: not much where there are many.
        let isSparse = present < 2 &* sizeClass.slabUnitCount
        let slab = heap.withPool { pool -> Span? in
            guard let span = pool.take(unitCount: sizeClass.slabUnitCount, isSparse: isSparse)
            else { return nil }
            span.becomeSlab(
                of: sizeClass, owner: owner, in: heap.region, random: pool.random(),
                isFirst: isFirst)
            return span
        }
        guard let slab else { return nil }
        unsafe record.pointee.slabUnitCounts[sizeClass.index] &+= slab.unitCount
        list(slab)
        return slab
    }

    func list(_ slab: Span) {
        slab.isListed = true
        unsafe SpanList.push(slab, on: &record.pointee.slabs[slab.sizeClass.index])
    }

    func unlist(_ slab: Span) {
        slab.isListed = false
        unsafe SpanList.remove(slab, from: &record.pointee.slabs[slab.sizeClass.index])
    }

    /// Gives an empty slab back to the pool.
    @_optimize(size)
    func retire(_ slab: Span) {
        if slab.isListed { unlist(slab) }
        if slab.isKept { setKept(slab, false) }
        unsafe record.pointee.slabUnitCounts[slab.sizeClass.index] &-= slab.unitCount
        let heap = heap
        slab.clearTags(in: heap.region)
        slab.clearFreeMap(heap.region)
        heap.withPool { pool in
            slab.ceaseToBeSlab(in: heap.region)
            pool.give(slab)
        }
    }

    func retireEmptySlabs() {
        for index in SizeClass.first.index...SizeClass.last.index {
            var cursor = unsafe record.pointee.slabs[index]
            while cursor != 0 {
                let slab = Span(at: cursor)
                cursor = slab.next
                if slab.isEmptySlab { retire(slab) }
            }
        }
    }

    /// Takes in the blocks that other threads freed. Without `keepsSome` they go home, and
    /// `hasReceivedBlocks` spares no slab.
    @_optimize(size)
    func collectPending(keepsSome: Bool = true) {
        collectReturned(keepsSome: keepsSome)
        var cursor = takePending()
        while cursor != 0 {
            let slab = Span(at: cursor)
            // Before the remote list is taken: after that the slab may become pending again.
            cursor = slab.pendingNext
            if slab.owner != address {
                passOn(slab)
                continue
            }
            let count = slab.collectRemote(heap)
            unsafe record.pointee.usedBlockCounts[slab.sizeClass.index] &-= count
            hasReceivedBlocks(slab, keepsSome: keepsSome)
        }
    }

    /// After blocks came back to a slab: an empty one retires. `keepsSome` spares it if it is the
    /// only one of its class that has blocks, which would otherwise come and go with each block, or
    /// if the class has no more slabs than have turned out to be worth keeping.
    func hasReceivedBlocks(_ slab: Span, keepsSome: Bool = true) {
        if !slab.isListed { list(slab) }
        if !slab.isEmptySlab { return }
        if keepsSome {
            if slab.next == 0 && slab.previous == 0 { return }
            if !isWorthFlushing(slab.sizeClass) && keep(slab) { return }
        }
        retire(slab)
    }

    /// 2 MiB of empty slabs, of all classes.
    private static let keptSlabUnitLimit = 32

    private func keep(_ slab: Span) -> Bool {
        let kept = unsafe record.pointee.keptSlabUnitCount + slab.unitCount
        if kept > ThreadCache.keptSlabUnitLimit { return false }
        setKept(slab, true)
        return true
    }

    private func setKept(_ slab: Span, _ isKept: Bool) {
        slab.isKept = isKept
        unsafe record.pointee.keptSlabUnitCount &+= isKept ? slab.unitCount : 0 &- slab.unitCount
    }
}
