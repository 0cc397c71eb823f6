// The magazines of a cache: how much a thread keeps for itself.
//
// A class begins with a magazine of two blocks and doubles it whenever it runs
// full or empty, so that a class that is hardly used keeps hardly anything. A
// cached block keeps its slab from being given back, and it takes only one for
// each slab: when half of what the slabs of a class lack is in the thread's own
// magazines, after a peak, all of it goes back and the class begins anew.

extension ThreadCache {
    private static let firstCapacity = 2
    /// A class with no more units of slabs than this is not worth the trouble.
    private static let slabUnitsWorthKeeping = 1

    func capacity(_ sizeClass: SizeClass) -> Int {
        unsafe Int(record.pointee.capacities[sizeClass.index])
    }

    private func setCapacity(_ sizeClass: SizeClass, _ capacity: Int) {
        unsafe record.pointee.capacities[sizeClass.index] = UInt8(capacity)
    }

    func isEmpty(_ sizeClass: SizeClass) -> Bool {
        Magazine.slot(top(sizeClass) - 8) == Magazine.sentinel
    }

    /// Loads the first magazine of a class that has none; false when there is no memory.
    func loadFirstMagazine(_ sizeClass: SizeClass) -> Bool {
        guard let magazine = emptyMagazine() else { return false }
        load(
            magazine, sizeClass,
            capacity: min(ThreadCache.firstCapacity, sizeClass.magazineBlockCount))
        return true
    }

    private func load(_ magazine: Magazine, _ sizeClass: SizeClass, capacity: Int) {
        magazine.setSentinel(capacity: capacity)
        setCapacity(sizeClass, capacity)
        setTop(sizeClass, magazine.firstSlot(capacity: capacity))
    }

    /// Loads a full magazine in the place of the empty one; false when there is none.
    func loadFullMagazine(_ sizeClass: SizeClass) -> Bool {
        let head = unsafe record.pointee.fullMagazines[sizeClass.index]
        if head == 0 { return false }
        let full = Magazine(at: head)
        unsafe record.pointee.fullMagazines[sizeClass.index] = full.next
        unsafe record.pointee.fullMagazineCounts[sizeClass.index] -= 1
        putAway(Magazine.holding(top: top(sizeClass)))
        setTop(sizeClass, full.end)
        return true
    }

    /// Doubles the loaded magazine of a class, which has one, up to its limit.
    func grow(_ sizeClass: SizeClass) {
        let (top, old) = (top(sizeClass), capacity(sizeClass))
        let new = min(old * 2, sizeClass.magazineBlockCount)
        if new == old { return }
        let magazine = Magazine.holding(top: top)
        magazine.setSentinel(capacity: new)
        setCapacity(sizeClass, new)
        let newTop = Magazine.move(
            from: magazine.firstSlot(capacity: old), to: top,
            downTo: magazine.firstSlot(capacity: new))
        setTop(sizeClass, newTop)
    }

    /// Sees to it that the loaded magazine has room; false when there is no memory for one.
    func makeRoom(_ sizeClass: SizeClass) -> Bool {
        if isHoarding(sizeClass) {
            flush(sizeClass)
            deliverOutbox()
        }
        let top = top(sizeClass)
        if top == Magazine.noneTop { return loadFirstMagazine(sizeClass) }
        grow(sizeClass)
        if !Magazine.isFull(top: self.top(sizeClass)) { return true }
        if !keepFullMagazine(sizeClass) { sendHalfHome(sizeClass) }
        return true
    }

    /// Puts the full, loaded magazine aside and loads an empty one, within the bound.
    private func keepFullMagazine(_ sizeClass: SizeClass) -> Bool {
        let index = sizeClass.index
        guard unsafe Int(record.pointee.fullMagazineCounts[index]) < sizeClass.keptMagazineCount,
            let fresh = emptyMagazine()
        else { return false }
        let full = Magazine.holding(top: top(sizeClass))
        full.next = unsafe record.pointee.fullMagazines[index]
        unsafe record.pointee.fullMagazines[index] = full.address
        unsafe record.pointee.fullMagazineCounts[index] += 1
        load(fresh, sizeClass, capacity: sizeClass.magazineBlockCount)
        return true
    }

    /// Sends home the half of a full magazine that has been there longest.
    private func sendHalfHome(_ sizeClass: SizeClass) {
        let capacity = capacity(sizeClass)
        let magazine = Magazine.holding(top: top(sizeClass))
        let first = magazine.firstSlot(capacity: capacity)
        let half = first + UInt((capacity + 1) / 2) * 8
        sendHome(from: first, to: half)
        setTop(sizeClass, Magazine.move(from: half, to: magazine.end, downTo: first))
        deliverOutbox()
    }

    /// Whether most of what the class's slabs lack is in the thread's own magazines.
    private func isHoarding(_ sizeClass: SizeClass) -> Bool {
        let index = sizeClass.index
        guard unsafe record.pointee.slabUnitCounts[index] > ThreadCache.slabUnitsWorthKeeping
        else { return false }
        return unsafe cachedBlockCount(sizeClass) * 2 > record.pointee.usedBlockCounts[index]
    }

    private func cachedBlockCount(_ sizeClass: SizeClass) -> Int {
        let (capacity, top) = (capacity(sizeClass), top(sizeClass))
        if capacity == 0 { return 0 }
        let first = Magazine.holding(top: top).firstSlot(capacity: capacity)
        let full = unsafe Int(record.pointee.fullMagazineCounts[sizeClass.index])
        return Int(top - first) / 8 + full * capacity
    }

    /// Sends all cached blocks home and gives the magazines away.
    func flush() {
        for index in SizeClass.first.index...SizeClass.last.index {
            flush(SizeClass(index: index))
        }
        deliverOutbox()
    }

    private func flush(_ sizeClass: SizeClass) {
        let (capacity, top) = (capacity(sizeClass), top(sizeClass))
        if capacity == 0 { return }
        let loaded = Magazine.holding(top: top)
        sendHome(from: loaded.firstSlot(capacity: capacity), to: top)
        putAway(loaded)
        setTop(sizeClass, Magazine.noneTop)
        let index = sizeClass.index
        while case let head = unsafe record.pointee.fullMagazines[index], head != 0 {
            let full = Magazine(at: head)
            unsafe record.pointee.fullMagazines[index] = full.next
            sendHome(from: full.firstSlot(capacity: capacity), to: full.end)
            putAway(full)
        }
        unsafe record.pointee.fullMagazineCounts[index] = 0
        setCapacity(sizeClass, 0)
    }

    // MARK: Empty magazines

    private func emptyMagazine() -> Magazine? { takeAwayMagazine() ?? Registry.magazine(heap) }

    func takeAwayMagazine() -> Magazine? {
        let head = unsafe record.pointee.emptyMagazines
        if head == 0 { return nil }
        unsafe record.pointee.emptyMagazines = Magazine(at: head).next
        return Magazine(at: head)
    }

    private func putAway(_ magazine: Magazine) {
        magazine.next = unsafe record.pointee.emptyMagazines
        unsafe record.pointee.emptyMagazines = magazine.address
    }
}
