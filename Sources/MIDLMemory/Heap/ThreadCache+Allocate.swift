// What an allocation does when the fast path does not have a block.

import MIDLPlatform

extension ThreadCache {
    /// Never inlined: the fast path must stay short. The parameters are in the C function's order,
    /// so that it passes them on where they are.
    @inline(never)
    static func allocateSlowly(
        byteCount: Int, _ front: UnsafePointer<midl_front>
    ) -> UnsafeMutableRawPointer? {
        var block: UnsafeMutableRawPointer?
        unsafe Registry.withCache(front) { cache in
            unsafe block = cache.allocate(byteCount: byteCount)
        }
        if unsafe block == nil { midl_set_out_of_memory() }
        return unsafe block
    }

    private func allocate(byteCount: Int) -> UnsafeMutableRawPointer? {
        if byteCount < 0 { return nil }
        if byteCount > SizeClass.byteLimit {
            return unsafe LargeBlock.allocate(byteCount: byteCount, heap)
        }
        let sizeClass = SizeClass(holding: byteCount)
        if let block = unsafe pop(sizeClass) { return unsafe block }
        guard refill(sizeClass) else { return nil }
        if let block = unsafe pop(sizeClass) { return unsafe block }
        // The block on top of a magazine that is not empty has lost its seal.
        Misuse.writtenAfterFree(Block(at: Magazine.slot(top(sizeClass) - 8)))
    }

    /// Pops the loaded magazine; nil when it is empty or its block was written to.
    private func pop(_ sizeClass: SizeClass) -> UnsafeMutableRawPointer? {
        let top = top(sizeClass)
        let block = Block(at: Magazine.slot(top - 8))
        guard block.isSealed(heap.sealKey) else { return nil }
        block.unseal()
        setTop(sizeClass, top - 8)
        return unsafe block.start
    }

    /// Sees to it that the loaded magazine has a block; false when there is no memory.
    func refill(_ sizeClass: SizeClass) -> Bool {
        if !isEmpty(sizeClass) || loadFullMagazine(sizeClass) { return true }
        guard top(sizeClass) != Magazine.noneTop || loadFirstMagazine(sizeClass) else {
            return false
        }
        guard let slab = slabWithBlocks(sizeClass) else { return false }
        grow(sizeClass)
        // Half a magazine, so that frees that follow find room.
        var missing = max(1, capacity(sizeClass) / 2)
        missing -=
            slab.freeHead == 0
            ? carve(missing, from: slab, sizeClass) : take(missing, from: slab, sizeClass)
        // More only where it costs nothing: from slabs that have free blocks.
        while missing > 0, let next = firstSlab(sizeClass), next.freeHead != 0 {
            missing -= take(missing, from: next, sizeClass)
        }
        return true
    }

    /// Loads up to `count` free blocks of a slab; returns how many.
    private func take(_ count: Int, from slab: Span, _ sizeClass: SizeClass) -> Int {
        let heap = heap
        let taken = min(count, slab.freeCount)
        var top = top(sizeClass)
        for _ in 0..<taken {
            Magazine.setSlot(top, slab.pop(heap).address)
            top += 8
        }
        setTop(sizeClass, top)
        unsafe record.pointee.usedBlockCounts[sizeClass.index] += taken
        if !slab.hasBlocks { unlist(slab) }
        return taken
    }

    /// Loads up to `count` blocks of a slab that were never touched, in the order in which the
    /// lowest is allocated first; returns how many.
    private func carve(_ count: Int, from slab: Span, _ sizeClass: SizeClass) -> Int {
        let heap = heap
        let carved = min(count, sizeClass.carveBlockCount, slab.capacity - slab.carvedCount)
        let top = top(sizeClass) + UInt(carved) * 8
        for index in 1...carved {
            Magazine.setSlot(top - UInt(index) * 8, slab.carve(heap).address)
        }
        setTop(sizeClass, top)
        unsafe record.pointee.usedBlockCounts[sizeClass.index] += carved
        if !slab.hasBlocks { unlist(slab) }
        return carved
    }

    // MARK: Slabs

    private func firstSlab(_ sizeClass: SizeClass) -> Span? {
        let head = unsafe record.pointee.slabs[sizeClass.index]
        return head == 0 ? nil : Span(at: head)
    }

    /// A slab with blocks: one of the thread's, one to which others gave blocks back, a new one.
    private func slabWithBlocks(_ sizeClass: SizeClass) -> Span? {
        if let slab = firstSlab(sizeClass) { return slab }
        collectPending()
        if let slab = firstSlab(sizeClass) { return slab }
        let (heap, owner) = (heap, address)
        let slab = heap.withPool { pool -> Span? in
            guard let span = pool.take(unitCount: sizeClass.slabUnitCount) else { return nil }
            span.becomeSlab(of: sizeClass, owner: owner, in: heap.region)
            return span
        }
        guard let slab else { return nil }
        unsafe record.pointee.slabUnitCounts[sizeClass.index] += slab.unitCount
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
    func retire(_ slab: Span) {
        if slab.isListed { unlist(slab) }
        unsafe record.pointee.slabUnitCounts[slab.sizeClass.index] -= slab.unitCount
        let heap = heap
        heap.region.clearTags(of: slab, byteCount: slab.carvedCount * slab.blockByteCount)
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

    /// Takes in the blocks that other threads freed. `keepsOne` is as in `hasReceivedBlocks`.
    func collectPending(keepsOne: Bool = true) {
        var cursor = takePending()
        while cursor != 0 {
            let slab = Span(at: cursor)
            // Before the remote list is taken: after that the slab may become pending again.
            cursor = slab.pendingNext
            let count = slab.collectRemote(heap)
            unsafe record.pointee.usedBlockCounts[slab.sizeClass.index] -= count
            hasReceivedBlocks(slab, keepsOne: keepsOne)
        }
    }

    /// After blocks came back to a slab: an empty one retires. `keepsOne` spares it if it is the
    /// only one of its class, which would otherwise come and go with each block.
    func hasReceivedBlocks(_ slab: Span, keepsOne: Bool = true) {
        if !slab.isListed { list(slab) }
        let isSpared = keepsOne && slab.next == 0 && slab.previous == 0
        if slab.isEmptySlab && !isSpared { retire(slab) }
    }
}
