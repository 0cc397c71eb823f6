// What a free does when the fast path does not take the block.

import MIDLPlatform
import MIDLShim

extension ThreadCache {
    @inline(never)
    static func freeSlowly(
        _ pointer: UnsafeMutableRawPointer?, _ front: UnsafePointer<midl_front>
    ) {
        guard let pointer = unsafe pointer else { return }
        if !midl_heap_is_chosen() { unsafe Choice.willFree(pointer) }
        let block = unsafe Block(pointer)
        guard let heap = unsafe Registry.heap(of: front) else {
            if unsafe Choice.free(pointer, nil) { return }
            Misuse.stop(.free, block.address, .foreign)
        }
        let tag = heap.region.tagOfAny(block.address)
        if SizeClass.isLargeOrWatched(tag) {
            heap.region.unwatch(block, tag, .large)
            let isFreed =
                unsafe front.pointee.granule_limit != 0
                ? ThreadCache(of: front).freeLarge(block.address)
                : LargeBlock.free(block.address, heap)
            if isFreed { return }
        } else if SizeClass.isClassOrWatched(tag) && !block.isSealed {
            let sizeClass = heap.region.slab(of: block).sizeClass
            heap.region.unwatch(block, tag, sizeClass)
            block.seal()
            let isDone = unsafe Registry.withCache(front) { cache in
                cache.take(block, sizeClass)
            }
            // Without memory for a cache the block still finds its way home.
            if !isDone { Outbox.send(block, heap) }
            return
        }
        if unsafe Choice.free(pointer, heap) { return }
        Misuse.stop(.free, block.address, Misuse.cause(block.address, heap))
    }

    /// Takes a sealed block back.
    @inline(never)
    private func take(_ block: Block, _ sizeClass: SizeClass) {
        if Magazine.isFull(top: top(sizeClass))
            && (isFirstAndForeign(block, sizeClass) || !makeRoom(sizeClass))
        {
            sendHome(block)
            return deliverOutbox()
        }
        let top = top(sizeClass)
        Magazine.setSlot(top, block.address)
        setTop(sizeClass, top + 8)
    }

    /// Whether the first block of its class that the thread has to do with is another thread's. It
    /// would be the first to be allocated here, beside blocks that the other one writes to.
    private func isFirstAndForeign(_ block: Block, _ sizeClass: SizeClass) -> Bool {
        isUnused(sizeClass) && heap.region.slab(of: block).owner != address
    }

    /// Sends the blocks of a magazine home: those of the thread's own slabs at once, the others by
    /// way of the outbox.
    func sendHome(below top: UInt) {
        let heap = heap
        var homecoming = Homecoming(heap, self)
        var slot = Magazine.holding(top: top).first
        while slot < top {
            let block = Block(at: Magazine.slot(slot))
            slot += 8
            if homecoming.add(block) { continue }
            let slab = heap.region.slab(of: block)
            if slab.owner == address {
                homecoming.begin(slab)
                _ = homecoming.add(block)
            } else {
                unsafe record.pointee.outbox.add(block, slab, heap)
            }
        }
        homecoming.end()
    }

    private func sendHome(_ block: Block) {
        let slab = heap.region.slab(of: block)
        if slab.owner != address { return unsafe record.pointee.outbox.add(block, slab, heap) }
        var homecoming = Homecoming(heap, self)
        homecoming.begin(slab)
        _ = homecoming.add(block)
        homecoming.end()
    }

    /// After `count` blocks came back to a slab of the thread.
    func account(home count: Int, _ slab: Span) {
        let index = slab.sizeClass.index
        unsafe record.pointee.usedBlockCounts[index] -= count
        unsafe record.pointee.sentHomeCounts[index] += count
        if slab.isListed && !slab.isEmptySlab { return }
        // Nobody comes back for what a cache without a thread spares.
        hasReceivedBlocks(slab, keepsOne: state == CacheState.attached)
    }

    func deliverOutbox() { unsafe record.pointee.outbox.deliver(heap) }
}
