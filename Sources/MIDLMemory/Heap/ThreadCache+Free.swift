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
            if sendHome(block, heap) {
                unsafe record.pointee.usedBlockCounts[sizeClass.index] -= 1
                unsafe record.pointee.sentHomeCounts[sizeClass.index] += 1
            }
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
        let first = Magazine.holding(top: top).first
        if first == top { return }
        let index = heap.region.tag(at: Magazine.slot(first))
        var ownCount = 0
        var slot = first
        while slot < top {
            ownCount += sendHome(Block(at: Magazine.slot(slot)), heap) ? 1 : 0
            slot += 8
        }
        unsafe record.pointee.usedBlockCounts[index] -= ownCount
        unsafe record.pointee.sentHomeCounts[index] += ownCount
    }

    /// Sends a block home; true when the slab is the thread's own.
    @inline(__always)
    private func sendHome(_ block: Block, _ heap: Heap) -> Bool {
        let slab = heap.region.slab(of: block)
        guard slab.owner == address else {
            unsafe record.pointee.outbox.add(block, slab, heap)
            return false
        }
        slab.setFree(block, heap.region)
        if !slab.isListed || slab.isEmptySlab {
            // Nobody comes back for what a cache without a thread spares.
            hasReceivedBlocks(slab, keepsOne: state == CacheState.attached)
        }
        return true
    }

    func deliverOutbox() { unsafe record.pointee.outbox.deliver(heap) }
}
