// What a free does when the fast path does not take the block.

import MIDLPlatform
import MIDLShim

extension ThreadCache {
    @inline(never)
    static func freeSlowly(
        _ pointer: UnsafeMutableRawPointer?, _ front: UnsafePointer<midl_front>
    ) {
        guard let pointer = unsafe pointer else { return }
        if unsafe !freeQuickly(Block(pointer), front) { unsafe freeThoroughly(pointer, front) }
    }

    @_optimize(size)
    @inline(never)
    private static func freeThoroughly(
        _ pointer: UnsafeMutableRawPointer, _ front: UnsafePointer<midl_front>
    ) {
        if unsafe !midl_heap_is_chosen() && Choice.willFree(pointer) { return }
        unsafe freeUnwatched(pointer, front)
    }

    /// The same without a word to who watches.
    @_optimize(size)
    @inline(never)
    static func freeUnwatched(
        _ pointer: UnsafeMutableRawPointer, _ front: UnsafePointer<midl_front>
    ) {
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

    /// What the slow path mostly comes to; false, and nothing has happened, when it does not.
    @inline(__always)
    private static func freeQuickly(_ block: Block, _ front: UnsafePointer<midl_front>) -> Bool {
        guard let tag = unsafe tag(of: block.address, front) else { return false }
        let cache = unsafe ThreadCache(of: front)
        if tag == SizeClass.large.index { return cache.park(block.address) }
        guard SizeClass.isClass(tag), !block.isSealed else { return false }
        block.seal()
        cache.take(block, SizeClass(index: tag))
        return true
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
        setTop(sizeClass, top &+ 8)
    }

    /// Whether the first block of its class that the thread has to do with is another thread's. It
    /// would be the first to be allocated here, beside blocks that the other one writes to.
    private func isFirstAndForeign(_ block: Block, _ sizeClass: SizeClass) -> Bool {
        isUnused(sizeClass) && heap.region.slab(of: block).owner != address
    }

    /// Sends the blocks of a magazine home: those of the thread's own slabs at once, the others by
    /// way of the outbox.
    func sendHome(below top: UInt) {
        let first = Magazine.holding(top: top).first
        if first < top { sendHome(from: first, to: top) }
    }

    private func sendHome(_ block: Block) {
        var slot = block.address
        unsafe withUnsafePointer(to: &slot) {
            let first = UInt(bitPattern: $0)
            sendHome(from: first, to: first + 8)
        }
    }

    /// Sends home the blocks, all of one class, in some slots.
    @inline(never)
    private func sendHome(from first: UInt, to end: UInt) {
        let heap = heap
        let region = heap.region
        let index = region.tag(at: Magazine.slot(first))
        var ownCount = 0
        var slot = first
        while slot != end {
            let block = Block(at: Magazine.slot(slot))
            let slab = region.slab(of: block)
            if slab.owner != address {
                unsafe record.pointee.outbox.add(block, slab, heap)
                slot &+= 8
                continue
            }
            let next = slab.setFree(from: slot, to: end, region)
            ownCount &+= Int(bitPattern: (next &- slot) / 8)
            slot = next
            if slab.isListed && !slab.isEmptySlab { continue }
            // Nobody comes back for what a cache without a thread spares.
            hasReceivedBlocks(slab, keepsSome: state == CacheState.attached)
        }
        unsafe record.pointee.usedBlockCounts[index] &-= ownCount
        didSendHome(ownCount, SizeClass(index: index))
    }

    func deliverOutbox() { unsafe record.pointee.outbox.deliver(heap) }
}
