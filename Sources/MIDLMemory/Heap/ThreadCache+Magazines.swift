// The magazines of a cache: how much a thread keeps for itself.
//
//     allocate <- [ supply ]      [ return ] <- free
//                     ^               |
//                     +---------------+   when the supply is empty: they change places
//                     ^               v
//                 [ full ] [ full ] [ full ]     kept, up to a bound
//                     ^               v
//                 slabs of the thread; other threads
//
// A class begins with small magazines and doubles them whenever one is not enough, so
// that a class that is hardly used keeps hardly anything. A free block in a magazine
// keeps its slab from being given back, and it takes only one for each slab: when half
// of what the slabs of a class lack is in the thread's own magazines, after a peak, all
// of it goes home and the class begins anew. How many units of slabs are too few for
// that to matter, and how much is kept in full magazines, is learnt: from one unit it
// doubles whenever the blocks that went home were all fetched again.

extension ThreadCache {
    private static let firstCapacity = 4
    private static let keptUnitLimit = 64
    private static let emptyMagazineLimit = 16
    /// What may be kept in full magazines of a class at first.
    private static let keptByteCount = 64 << 10

    private func capacity(_ sizeClass: SizeClass) -> Int {
        let capacity = unsafe Int(record.pointee.capacities[sizeClass.index])
        return capacity == 0
            ? min(ThreadCache.firstCapacity, sizeClass.magazineBlockCount) : capacity
    }

    /// Doubles what the class's next magazine holds, up to its limit; returns that.
    func grow(_ sizeClass: SizeClass) -> Int {
        let new = min(capacity(sizeClass) * 2, sizeClass.magazineBlockCount)
        unsafe record.pointee.capacities[sizeClass.index] = UInt8(new)
        return new
    }

    func isSupplyEmpty(_ sizeClass: SizeClass) -> Bool {
        let top = supply(sizeClass)
        return top == Magazine.noneTop || top == Magazine.holding(top: top).first
    }

    // MARK: Supplying

    /// Makes a magazine the supply.
    private func setSupply(_ sizeClass: SizeClass, _ magazine: Magazine, top: UInt) {
        magazine.setSentinel(sentinel)
        setSupply(sizeClass, top)
    }

    /// Makes an emptied magazine the return; none at all if there is none.
    private func setReturn(_ sizeClass: SizeClass, empty magazine: Magazine?) {
        guard let magazine else { return setReturned(sizeClass, Magazine.noneTop) }
        magazine.makeEmpty(capacity: capacity(sizeClass))
        magazine.setSentinel(sentinel)
        setReturned(sizeClass, magazine.first)
    }

    /// The supply, if it is empty, and the return, if there is enough in it, change places. False,
    /// and nothing has happened, when that is not so.
    @inline(__always)
    func exchangeQuickly(_ sizeClass: SizeClass) -> Bool {
        let (supply, returned) = (supply(sizeClass), returned(sizeClass))
        let least = unsafe UInt(record.pointee.leastExchanges[sizeClass.index])
        guard Magazine.slot(supply &- 8) == sentinel, returned != Magazine.noneTop,
            returned &- Magazine.holding(top: returned).first >= least
        else { return false }
        setSupply(sizeClass, returned)
        setReturned(sizeClass, supply)
        return true
    }

    /// The return becomes the supply, which is empty, and the other way round. False when the return
    /// is empty as well.
    func exchangeMagazines(_ sizeClass: SizeClass) -> Bool {
        let returned = returned(sizeClass)
        if returned == Magazine.noneTop { return false }
        let full = Magazine.holding(top: returned)
        if returned == full.first { return false }
        let supply = supply(sizeClass)
        let emptied = supply == Magazine.noneTop ? emptyMagazine() : Magazine.holding(top: supply)
        setReturn(sizeClass, empty: emptied)
        setSupply(sizeClass, full, top: returned)
        return true
    }

    /// Makes a full magazine the supply in the place of an empty one; false when there is none.
    func supplyFullMagazine(_ sizeClass: SizeClass) -> Bool {
        let head = unsafe record.pointee.fullMagazines[sizeClass.index]
        if head == 0 { return false }
        let full = Magazine(at: head)
        unsafe record.pointee.fullMagazines[sizeClass.index] = full.next
        unsafe record.pointee.fullMagazineCounts[sizeClass.index] -= 1
        putAwaySupply(sizeClass)
        setSupply(sizeClass, full, top: full.end)
        return true
    }

    private func putAwaySupply(_ sizeClass: SizeClass) {
        let top = supply(sizeClass)
        if top != Magazine.noneTop { putAway(Magazine.holding(top: top)) }
    }

    /// Makes the supply, which is empty, one of so many blocks, and returns its top; nil when there
    /// is no memory for one.
    func emptySupply(_ sizeClass: SizeClass, capacity: Int) -> UInt? {
        let top = supply(sizeClass)
        guard let magazine = top == Magazine.noneTop ? emptyMagazine() : Magazine.holding(top: top)
        else { return nil }
        magazine.makeEmpty(capacity: capacity)
        setSupply(sizeClass, magazine, top: magazine.first)
        return magazine.first
    }

    // MARK: Taking back

    /// Sees to it that the return has room; false when there is no memory for one.
    func makeRoom(_ sizeClass: SizeClass) -> Bool {
        if isHoarding(sizeClass) {
            flush(sizeClass)
            deliverOutbox()
        }
        let top = returned(sizeClass)
        if top == Magazine.noneTop {
            setReturn(sizeClass, empty: emptyMagazine())
            return returned(sizeClass) != Magazine.noneTop
        }
        growForReturn(sizeClass)
        if isSupplyEmpty(sizeClass) { return exchangeMagazines(sizeClass) && makeReturn(sizeClass) }
        let full = Magazine.holding(top: top)
        if let fresh = emptyMagazine() {
            if giveToOwner(full) || keep(full, sizeClass) {
                setReturn(sizeClass, empty: fresh)
                return true
            }
            putAway(fresh)
        }
        sendHome(below: top)
        deliverOutbox()
        setReturn(sizeClass, empty: full)
        return true
    }

    /// Doubles what the next return holds; where a peak may be on its way back to no more than a
    /// quarter of what the program still has, so that the next look at that comes soon.
    private func growForReturn(_ sizeClass: SizeClass) {
        let capacity = grow(sizeClass)
        if !isWorthFlushing(sizeClass) { return }
        let live = unsafe record.pointee.usedBlockCounts[sizeClass.index]
            - cachedBlockCount(sizeClass)
        let bound = max(ThreadCache.firstCapacity, live / 4)
        unsafe record.pointee.capacities[sizeClass.index] = UInt8(min(capacity, bound))
    }

    private func makeReturn(_ sizeClass: SizeClass) -> Bool {
        returned(sizeClass) != Magazine.noneTop
    }

    /// Keeps a full magazine; false when there are enough.
    private func keep(_ full: Magazine, _ sizeClass: SizeClass) -> Bool {
        let index = sizeClass.index
        let count = unsafe Int(record.pointee.fullMagazineCounts[index])
        let keptByteCount = unsafe max(
            ThreadCache.keptByteCount,
            Int(record.pointee.keptUnitCounts[index]) * Unit.byteCount)
        let fullByteCount = sizeClass.magazineBlockCount * sizeClass.blockByteCount
        guard (count + 1) * fullByteCount <= keptByteCount, count < Int(UInt8.max) else {
            return false
        }
        full.next = unsafe record.pointee.fullMagazines[index]
        unsafe record.pointee.fullMagazines[index] = full.address
        unsafe record.pointee.fullMagazineCounts[index] += 1
        return true
    }

    /// Gives a full magazine whose blocks are all of one other thread's slabs to that thread's
    /// cache; false when they are not.
    private func giveToOwner(_ full: Magazine) -> Bool {
        let region = heap.region
        var slot = full.first
        let owner = region.slab(of: Block(at: Magazine.slot(slot))).owner
        if owner == address { return false }
        while slot < full.end {
            if region.slab(of: Block(at: Magazine.slot(slot))).owner != owner { return false }
            slot += 8
        }
        let other = ThreadCache(at: owner)
        other.receive(full)
        if other.state == CacheState.orphaned { Registry.tidy(other) }
        return true
    }

    /// Takes in the magazines that others gave back.
    func collectReturned() {
        var cursor = takeReturned()
        while cursor != 0 {
            let magazine = Magazine(at: cursor)
            cursor = magazine.next
            let sizeClass = sizeClass(ofBlockIn: magazine)
            if keep(magazine, sizeClass) { continue }
            sendHome(below: magazine.end)
            putAway(magazine)
        }
    }

    private func sizeClass(ofBlockIn magazine: Magazine) -> SizeClass {
        SizeClass(index: heap.region.tag(at: Magazine.slot(magazine.first)))
    }

    // MARK: Giving up

    /// Whether most of what the class's slabs lack is in the thread's own magazines.
    private func isHoarding(_ sizeClass: SizeClass) -> Bool {
        guard isWorthFlushing(sizeClass) else { return false }
        return unsafe cachedBlockCount(sizeClass) * 2
            > record.pointee.usedBlockCounts[sizeClass.index]
    }

    private func isWorthFlushing(_ sizeClass: SizeClass) -> Bool {
        unsafe record.pointee.slabUnitCounts[sizeClass.index]
            > Int(record.pointee.keptUnitCounts[sizeClass.index])
    }

    private func cachedBlockCount(_ sizeClass: SizeClass) -> Int {
        var count =
            Magazine.blockCount(top: supply(sizeClass))
            + Magazine.blockCount(top: returned(sizeClass))
        var cursor = unsafe record.pointee.fullMagazines[sizeClass.index]
        while cursor != 0 {
            let full = Magazine(at: cursor)
            count += Magazine.blockCount(top: full.end)
            cursor = full.next
        }
        return count
    }

    /// After blocks came from slabs. When as many as went home have come again, it was not worth the
    /// way: the next time more is kept.
    func learn(fetchedBlockCount count: Int, _ sizeClass: SizeClass) {
        let index = sizeClass.index
        let sent = unsafe record.pointee.sentHomeCounts[index]
        if sent == 0 { return }
        unsafe record.pointee.sentHomeCounts[index] = max(0, sent - count)
        if sent > count { return }
        let kept = unsafe Int(record.pointee.keptUnitCounts[index])
        unsafe record.pointee.keptUnitCounts[index] = UInt8(
            min(kept * 2, ThreadCache.keptUnitLimit))
    }

    /// Sends all cached blocks home and gives the magazines away.
    func flush() {
        for index in SizeClass.first.index...SizeClass.last.index {
            flush(SizeClass(index: index))
        }
        deliverOutbox()
    }

    private func flush(_ sizeClass: SizeClass) {
        let index = sizeClass.index
        let (supply, returned) = (supply(sizeClass), returned(sizeClass))
        setSupply(sizeClass, Magazine.noneTop)
        setReturned(sizeClass, Magazine.noneTop)
        empty(below: supply)
        empty(below: returned)
        while case let head = unsafe record.pointee.fullMagazines[index], head != 0 {
            let full = Magazine(at: head)
            unsafe record.pointee.fullMagazines[index] = full.next
            empty(below: full.end)
        }
        unsafe record.pointee.fullMagazineCounts[index] = 0
        unsafe record.pointee.capacities[index] = 0
    }

    private func empty(below top: UInt) {
        if top == Magazine.noneTop { return }
        sendHome(below: top)
        putAway(Magazine.holding(top: top))
    }

    // MARK: Empty magazines

    private func emptyMagazine() -> Magazine? { takeAwayMagazine() ?? Registry.magazine(heap) }

    func takeAwayMagazine() -> Magazine? {
        let head = unsafe record.pointee.emptyMagazines
        if head == 0 { return nil }
        unsafe record.pointee.emptyMagazines = Magazine(at: head).next
        unsafe record.pointee.emptyMagazineCount -= 1
        return Magazine(at: head)
    }

    private func putAway(_ magazine: Magazine) {
        magazine.next = unsafe record.pointee.emptyMagazines
        unsafe record.pointee.emptyMagazines = magazine.address
        unsafe record.pointee.emptyMagazineCount += 1
        if unsafe record.pointee.emptyMagazineCount > ThreadCache.emptyMagazineLimit {
            Registry.returnMagazines(of: self, downTo: ThreadCache.emptyMagazineLimit / 2)
        }
    }
}
