// Freeing a block before its environment ends: on the thread's own free list, or to
// the arena of another thread that holds the block.

import Synchronization

extension Arena {
    /// Frees a block of the environment; otherwise changes nothing and says why.
    func free(_ block: Block) -> RPCStatus {
        let region = heap.region
        let tag = EnvironmentTag(region.tagOfAny(block.address))
        if hasRoom && tag.isLive && tag != .large
            && region.span(atUnit: region.unit(of: block.address)).owner == address
        {
            guard changeTag(of: block, from: tag) else { return .invalidArgument }
            keep(block, tag.bin)
            return .ok
        }
        return freeForOther(block)
    }

    func keep(_ block: Block, _ bin: Bin) {
        unsafe block.setNext(record.pointee.freeHeads[bin.index], heap.linkKey)
        unsafe record.pointee.freeHeads[bin.index] = block.address
        if bin.index < 64 { unsafe record.pointee.freeBins |= 1 << UInt64(bin.index) }
        if unsafe !record.pointee.usedFreeLists {
            unsafe record.pointee.usedFreeLists = true
            noteIsNotPlain()
        }
    }

    /// Marks a live block as free; of two threads that free it, one succeeds.
    func changeTag(of block: Block, from tag: EnvironmentTag) -> Bool {
        let region = heap.region
        if unsafe !record.pointee.isShared {
            region.setTag(tag.freed.value, at: block.address)
            return true
        }
        return region.exchangeTag(at: block.address, from: tag.value, to: tag.freed.value)
    }

    /// Frees a block that this thread's arena does not hold: one of another thread's arena in the
    /// environment, a large one, or one that is not the environment's at all.
    func freeForOther(_ block: Block) -> RPCStatus {
        let (region, environment) = (heap.region, environment)
        environment.lock()
        guard isAlive else {
            environment.unlock()
            return .outOfMemory
        }
        let tag = EnvironmentTag(region.tagOfAny(block.address))
        var large: Span?
        var isFreed = false
        if tag.isLive {
            let span = region.span(atUnit: region.unit(of: block.address))
            if tag == .large {
                if span.owner == environment.address {
                    region.setTag(SizeClass.none.index, at: block.address)
                    environment.unlist(large: span)
                    large = span
                    isFreed = true
                }
            } else if let arena = environment.arena(at: span.owner),
                region.exchangeTag(at: block.address, from: tag.value, to: tag.freed.value)
            {
                arena.receive(block, heap.linkKey)
                isFreed = true
            }
        } else {
            isFreed = environment.freeSeparate(block)
        }
        environment.unlock()
        if let large { heap.withPool { $0.give(large) } }
        return isFreed ? .ok : .invalidArgument
    }

    /// Takes a block that another thread freed. Under the environment's lock.
    func receive(_ block: Block, _ linkKey: UInt) {
        unsafe block.setNext(shared.pointee.remoteHead, linkKey)
        unsafe shared.pointee.remoteHead = block.address
    }

    /// Sorts what other threads freed into the free lists. Under the environment's lock.
    func takeRemote() {
        var cursor = unsafe shared.pointee.remoteHead
        unsafe shared.pointee.remoteHead = 0
        let region = heap.region
        while cursor != 0 {
            let block = Block(at: cursor)
            cursor = block.next(heap.linkKey)
            guard cursor == 0 || EnvironmentTag(region.tagOfAny(cursor)).isFreed else {
                Misuse.writtenAfterFree(block, .environmentAllocate)
            }
            keep(block, EnvironmentTag(region.tag(at: block.address)).live.bin)
        }
    }
}

// Free lists of environments go through blocks of many chunks: the link in word 1 of a free block
// is the next one's address, encoded with the heap's key and the block's own address.
extension Block {
    /// The address of the next block of the list, as it stands; 0 at the end.
    func next(_ key: UInt) -> UInt {
        unsafe start.load(fromByteOffset: 8, as: UInt.self) ^ address ^ key
    }

    func setNext(_ next: UInt, _ key: UInt) {
        unsafe start.storeBytes(of: next ^ address ^ key, toByteOffset: 8, as: UInt.self)
    }
}
