// What a free does when the fast path does not take the block.

import MIDLPlatform

extension ThreadCache {
    @inline(never)
    static func freeSlowly(
        _ pointer: UnsafeMutableRawPointer?, _ front: UnsafePointer<midl_front>
    ) {
        guard let pointer = unsafe pointer else { return }
        let block = unsafe Block(pointer)
        guard let heap = unsafe Registry.heap(of: front) else {
            if unsafe Choice.free(pointer, nil) { return }
            Misuse.stop(.free, block.address, .foreign)
        }
        let tag = heap.region.tagOfAny(block.address)
        if tag == SizeClass.large.index {
            if LargeBlock.free(block.address, heap) { return }
        } else if SizeClass.isClass(tag) && !block.isSealed {
            block.seal()
            let isDone = unsafe Registry.withCache(front) { cache in
                cache.take(block, SizeClass(index: tag))
            }
            // Without memory for a cache the block still finds its way home.
            if !isDone { Outbox.send(block, heap) }
            return
        }
        if unsafe Choice.free(pointer, heap) { return }
        Misuse.stop(.free, block.address, Misuse.cause(block.address, heap))
    }

    /// Takes a sealed block back.
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

    /// Sends the blocks of a magazine home.
    func sendHome(below top: UInt) {
        var slot = Magazine.holding(top: top).first
        while slot < top {
            sendHome(Block(at: Magazine.slot(slot)))
            slot += 8
        }
    }

    /// Gives a sealed block back to its slab: at once when the slab is the thread's own, else by
    /// way of the outbox.
    private func sendHome(_ block: Block) {
        let heap = heap
        let slab = heap.region.slab(of: block)
        if slab.owner != address { return unsafe record.pointee.outbox.add(block, slab, heap) }
        slab.push(block, heap)
        let index = slab.sizeClass.index
        unsafe record.pointee.usedBlockCounts[index] -= 1
        unsafe record.pointee.sentHomeCounts[index] += 1
        if !slab.isListed || slab.isEmptySlab { hasReceivedBlocks(slab) }
    }

    func deliverOutbox() { unsafe record.pointee.outbox.deliver(heap) }
}
