// What a free does when the fast path does not take the block.

import MIDLPlatform

extension ThreadCache {
    @inline(never)
    static func freeSlowly(
        _ front: UnsafePointer<midl_front>, _ pointer: UnsafeMutableRawPointer?
    ) {
        guard let pointer = unsafe pointer else { return }
        let block = unsafe Block(pointer)
        guard let heap = unsafe Registry.heap(of: front) else {
            Misuse.stop(.free, block.address, .foreign)
        }
        let tag = heap.region.tagOfAny(block.address)
        if tag == SizeClass.large.index {
            if LargeBlock.free(block.address, heap) { return }
        } else if SizeClass.isClass(tag) && !block.isSealed(heap.sealKey) {
            block.seal(heap.sealKey)
            let isDone = unsafe Registry.withCache(front) { cache in
                cache.take(block, SizeClass(index: tag))
            }
            // Without memory for a cache the block still finds its way home.
            if !isDone { Outbox.send(block, heap) }
            return
        }
        Misuse.stop(.free, block.address, Misuse.cause(block.address, heap))
    }

    /// Puts a sealed block on its magazine.
    private func take(_ block: Block, _ sizeClass: SizeClass) {
        let top = top(sizeClass)
        if Magazine.isFull(top: top) && !makeRoom(sizeClass) {
            sendHome(block)
            return deliverOutbox()
        }
        let room = self.top(sizeClass)
        Magazine.setSlot(room, block.address)
        setTop(sizeClass, room + 8)
    }

    /// Sees to it that the loaded magazine has room; false when there is no memory for one.
    private func makeRoom(_ sizeClass: SizeClass) -> Bool {
        let top = top(sizeClass)
        let isKept =
            unsafe Int(record.pointee.fullMagazineCounts[sizeClass.index])
            < sizeClass.keptMagazineCount
        if top == Magazine.noneTop || isKept {
            if let fresh = emptyMagazine() {
                if top != Magazine.noneTop { keep(Magazine.holding(top: top), sizeClass) }
                setTop(sizeClass, fresh.prepare(for: sizeClass))
                return true
            }
            if top == Magazine.noneTop { return false }
        }
        // Half of the blocks go home, those that have been here longest.
        empty(Magazine.holding(top: top), sizeClass)
        return true
    }

    private func keep(_ magazine: Magazine, _ sizeClass: SizeClass) {
        magazine.next = unsafe record.pointee.fullMagazines[sizeClass.index]
        unsafe record.pointee.fullMagazines[sizeClass.index] = magazine.address
        unsafe record.pointee.fullMagazineCounts[sizeClass.index] += 1
    }

    /// Sends the older half of a full, loaded magazine home.
    private func empty(_ magazine: Magazine, _ sizeClass: SizeClass) {
        let first = magazine.emptyTop(for: sizeClass)
        let half = first + UInt((sizeClass.magazineBlockCount + 1) / 2) * 8
        sendHome(from: first, to: half)
        var (source, target) = (half, first)
        while source < magazine.end {
            Magazine.setSlot(target, Magazine.slot(source))
            source += 8
            target += 8
        }
        setTop(sizeClass, target)
        deliverOutbox()
    }

    /// Sends all cached blocks home and gives the magazines away.
    func flush() {
        for index in SizeClass.first.index...SizeClass.last.index {
            let sizeClass = SizeClass(index: index)
            let top = top(sizeClass)
            if top == Magazine.noneTop { continue }
            let loaded = Magazine.holding(top: top)
            sendHome(from: loaded.emptyTop(for: sizeClass), to: top)
            putAway(loaded)
            setTop(sizeClass, Magazine.noneTop)
            while case let head = unsafe record.pointee.fullMagazines[index], head != 0 {
                let full = Magazine(at: head)
                unsafe record.pointee.fullMagazines[index] = full.next
                sendHome(from: full.emptyTop(for: sizeClass), to: full.end)
                putAway(full)
            }
            unsafe record.pointee.fullMagazineCounts[index] = 0
        }
        deliverOutbox()
    }

    private func sendHome(from first: UInt, to end: UInt) {
        var slot = first
        while slot < end {
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
        slab.push(block, linkKey: heap.linkKey)
        if !slab.isListed || slab.isEmptySlab { hasReceivedBlocks(slab) }
    }

    private func deliverOutbox() { unsafe record.pointee.outbox.deliver(heap) }
}
