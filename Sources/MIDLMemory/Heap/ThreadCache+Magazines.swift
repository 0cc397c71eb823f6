// The magazines of a cache: how much a thread keeps for itself.
//
//     allocate <- [ loaded ] <- free
//                  ^     v          the loaded one is empty, or full: they change places
//                [ previous ]
//                  ^     v          that does not help
//         [ full ] [ full ] [ full ]     kept, up to a bound
//                  ^     v
//          slabs of the thread; other threads
//
// The previous magazine is empty, full, or has the half of one that became full beside it
// when it was empty. With it a thread that allocates and frees in turn, wherever it stands,
// does so for a whole magazine before it needs a slab, and for half of one on its fast paths.
//
// A class begins with small magazines and doubles them whenever one is not enough, so
// that a class that is hardly used keeps hardly anything. A free block in a magazine
// keeps its slab from being given back, and it takes only one for each slab: when half
// of what the slabs of a class lack is in the thread's own magazines, after a peak, all
// of it goes home and the class begins anew. How many units of slabs are too few for
// that to matter, and how much is kept in full magazines, is learnt: from one unit it
// doubles whenever as many blocks as went home were fetched before the next go, up to 4
// MiB for a class. When that is more than 64 MiB for all of them, all begin anew.

extension ThreadCache {
    private static let firstCapacity = 4
    private static let keptUnitLimit = 64
    /// Of all classes.
    private static let learntUnitLimit = 1024
    /// Each of these takes a KiB itself.
    private static let fullMagazineLimit = 1023
    /// What may be kept in full magazines of a class at first.
    private static let keptByteCount = 64 << 10
    /// Beside a capacity: the thread has not had to do with the class, only one before it.
    private static let inheritedFlag: UInt8 = 0x80

    private func capacity(_ sizeClass: SizeClass) -> Int {
        let capacity = unsafe Int(
            record.pointee.capacities[sizeClass.index] & ~ThreadCache.inheritedFlag)
        return capacity == 0
            ? min(ThreadCache.firstCapacity, sizeClass.magazineBlockCount) : capacity
    }

    /// Doubles what the class's next magazine holds, up to its limit; returns that.
    func grow(_ sizeClass: SizeClass) -> Int {
        let new = min(capacity(sizeClass) * 2, sizeClass.magazineBlockCount)
        unsafe record.pointee.capacities[sizeClass.index] = UInt8(new)
        return new
    }

    /// Whether the thread has no magazine of the class but one that it found, and this is asked for
    /// the first time.
    func isUnused(_ sizeClass: SizeClass) -> Bool {
        let held = unsafe record.pointee.capacities[sizeClass.index]
        if held != 0 && held & ThreadCache.inheritedFlag == 0 { return false }
        unsafe record.pointee.capacities[sizeClass.index] = UInt8(capacity(sizeClass))
        return true
    }

    func isLoadedEmpty(_ sizeClass: SizeClass) -> Bool {
        let top = top(sizeClass)
        return top == Magazine.noneTop || top == Magazine.holding(top: top).first
    }

    func previousTop(_ sizeClass: SizeClass) -> UInt {
        unsafe record.pointee.previousTops[sizeClass.index]
    }
    private func setPreviousTop(_ sizeClass: SizeClass, _ top: UInt) {
        unsafe record.pointee.previousTops[sizeClass.index] = top
    }

    // MARK: Loading

    /// The previous magazine and the loaded one, which is empty, change places; false, and nothing
    /// has happened, when both are empty.
    @inline(__always)
    func loadPrevious(_ sizeClass: SizeClass) -> Bool {
        let (top, previous) = (top(sizeClass), previousTop(sizeClass))
        guard Magazine.slot(top &- 8) == sentinel, previous != Magazine.noneTop,
            Magazine.slot(previous &- 8) != sentinel
        else { return false }
        setTop(sizeClass, previous)
        setPreviousTop(sizeClass, top)
        return true
    }

    /// Loads a full magazine in the place of an empty one; false when there is none.
    func loadFull(_ sizeClass: SizeClass) -> Bool {
        let head = unsafe record.pointee.fullMagazines[sizeClass.index]
        if head == 0 { return false }
        let full = Magazine(at: head)
        unsafe record.pointee.fullMagazines[sizeClass.index] = full.next
        unsafe record.pointee.fullMagazineCounts[sizeClass.index] &-= 1
        unsafe record.pointee.fullBlockCounts[sizeClass.index] &-= full.capacity
        let top = top(sizeClass)
        if top != Magazine.noneTop { putAway(Magazine.holding(top: top)) }
        full.setSentinel(sentinel)
        setTop(sizeClass, full.end)
        return true
    }

    /// Loads an empty magazine in the place of an empty one and returns its top; nil when there is
    /// no memory for one.
    func loadEmpty(_ sizeClass: SizeClass) -> UInt? {
        let top = top(sizeClass)
        guard let magazine = top == Magazine.noneTop ? emptyMagazine() : Magazine.holding(top: top)
        else { return nil }
        load(sizeClass, empty: magazine)
        return magazine.first
    }

    private func load(_ sizeClass: SizeClass, empty magazine: Magazine) {
        makeEmpty(magazine, capacity: capacity(sizeClass))
        setTop(sizeClass, magazine.first)
    }

    private func makeEmpty(_ magazine: Magazine, capacity: Int) {
        magazine.makeEmpty(capacity: capacity)
        magazine.setSentinel(sentinel)
    }

    // MARK: Taking back

    /// Sees to it that the loaded magazine, which is full or none at all, has room; false when there
    /// is no memory for one.
    func makeRoom(_ sizeClass: SizeClass) -> Bool {
        if unsafe record.pointee.learntUnitCount > ThreadCache.learntUnitLimit {
            forgetLearnt()
        } else if isHoarding(sizeClass) {
            flush(sizeClass)
            deliverOutbox()
        }
        let top = top(sizeClass)
        if top == Magazine.noneTop { return loadEmpty(sizeClass) != nil }
        let loaded = Magazine.holding(top: top)
        if widen(loaded, sizeClass) || moveLowest(of: loaded, sizeClass) { return true }
        guard let empty = emptyPrevious(sizeClass) else {
            sendHome(below: top)
            deliverOutbox()
            load(sizeClass, empty: loaded)
            return true
        }
        setPreviousTop(sizeClass, top)
        load(sizeClass, empty: empty)
        return true
    }

    /// Has the loaded magazine, which is full, hold more; false when it may not.
    private func widen(_ loaded: Magazine, _ sizeClass: SizeClass) -> Bool {
        let (first, count) = (loaded.first, loaded.capacity)
        if count == sizeClass.magazineBlockCount && !isWorthFlushing(sizeClass) { return false }
        growForFrees(sizeClass)
        let capacity = capacity(sizeClass)
        if capacity <= count { return false }
        makeEmpty(loaded, capacity: capacity)
        Magazine.move(count, from: first, to: loaded.first)
        setTop(sizeClass, loaded.first &+ UInt(bitPattern: count) &* 8)
        return true
    }

    /// Leaves a next thread the loaded and the previous magazine of each class whose blocks are all
    /// from the cache's own slabs; of the others everything goes home.
    ///
    /// The loaded one is narrowed to the blocks in it, if there are any. So it is full, and the
    /// thread's first free of the class is one for `isUnused`.
    @_optimize(size)
    @inline(never)
    func bequeath() {
        for index in SizeClass.first.index...SizeClass.last.index {
            let sizeClass = SizeClass(index: index)
            let top = top(sizeClass)
            if unsafe !areOwn(below: top) || !areOwn(below: previousTop(sizeClass))
                || record.pointee.fullMagazines[index] != 0
            {
                flush(sizeClass)
                continue
            }
            // A magazine without room for any would be full and empty.
            if isLoadedEmpty(sizeClass) { continue }
            let (loaded, count) = (Magazine.holding(top: top), Magazine.blockCount(top: top))
            // In an order in which who reads it meanwhile finds neither fewer blocks than none nor the
            // sentinel in the place of a block.
            setTop(sizeClass, loaded.end)
            Magazine.move(count, from: loaded.first, to: loaded.end &- UInt(bitPattern: count) &* 8)
            makeEmpty(loaded, capacity: count)
            unsafe record.pointee.capacities[index] |= ThreadCache.inheritedFlag
        }
        deliverOutbox()
    }

    /// Whether the blocks below a top, if there are any, are of the cache's own slabs.
    private func areOwn(below top: UInt) -> Bool {
        Magazine.blockCount(top: top) == 0 || owner(ofAllBelow: top) == address
    }

    /// Moves the lowest blocks of the loaded magazine, which is full, to the previous one: half of
    /// them when that is empty, so that neither is full or empty soon. False when it is full, or
    /// there is none.
    private func moveLowest(of loaded: Magazine, _ sizeClass: SizeClass) -> Bool {
        var top = previousTop(sizeClass)
        if Magazine.isFull(top: top) { return false }
        let previous = Magazine.holding(top: top)
        let isEmpty = top == previous.first
        if isEmpty {
            makeEmpty(previous, capacity: loaded.capacity)
            top = previous.first
        }
        let count =
            isEmpty
            ? max(1, loaded.capacity / 2)
            : min(loaded.capacity, Int(bitPattern: previous.end &- top) / 8)
        Magazine.move(count, from: loaded.first, to: top)
        setPreviousTop(sizeClass, top &+ UInt(bitPattern: count) &* 8)
        let rest = loaded.first &+ UInt(bitPattern: count) &* 8
        Magazine.move(loaded.capacity &- count, from: rest, to: loaded.first)
        setTop(sizeClass, loaded.end &- UInt(bitPattern: count) &* 8)
        return true
    }

    /// Empties the previous magazine, which is full or none at all, and returns it or another in its
    /// place: it is given to its owner, kept, or its blocks go home. nil when there is no memory for
    /// another.
    private func emptyPrevious(_ sizeClass: SizeClass) -> Magazine? {
        let top = previousTop(sizeClass)
        if top == Magazine.noneTop { return emptyMagazine() }
        let previous = Magazine.holding(top: top)
        if let another = emptyMagazine() {
            if giveToOwner(previous) || keep(previous, sizeClass) { return another }
            putAway(another)
        }
        sendHome(below: top)
        deliverOutbox()
        return previous
    }

    /// Doubles what the next magazine holds; where a peak may be on its way back to no more than a
    /// quarter of what the program still has, so that the next look at that comes soon.
    private func growForFrees(_ sizeClass: SizeClass) {
        let capacity = grow(sizeClass)
        if !isWorthFlushing(sizeClass) { return }
        let live =
            unsafe record.pointee.usedBlockCounts[sizeClass.index]
            &- cachedBlockCount(sizeClass)
        let bound = max(ThreadCache.firstCapacity, live / 4)
        unsafe record.pointee.capacities[sizeClass.index] = UInt8(
            truncatingIfNeeded: min(capacity, bound))
    }

    /// Keeps a full magazine; false when there are enough.
    private func keep(_ full: Magazine, _ sizeClass: SizeClass) -> Bool {
        let index = sizeClass.index
        let count = unsafe Int(record.pointee.fullMagazineCounts[index])
        let keptByteCount = unsafe max(
            ThreadCache.keptByteCount,
            Int(record.pointee.keptUnitCounts[index]) &* Unit.byteCount)
        let fullByteCount = sizeClass.magazineBlockCount &* sizeClass.blockByteCount
        guard (count &+ 1) &* fullByteCount <= keptByteCount, count < ThreadCache.fullMagazineLimit
        else {
            return false
        }
        full.next = unsafe record.pointee.fullMagazines[index]
        unsafe record.pointee.fullMagazines[index] = full.address
        unsafe record.pointee.fullMagazineCounts[index] &+= 1
        unsafe record.pointee.fullBlockCounts[index] &+= full.capacity
        return true
    }

    /// Gives a full magazine whose blocks are all of one other thread's slabs to that thread's
    /// cache; false when they are not.
    private func giveToOwner(_ full: Magazine) -> Bool {
        // Mostly they are the thread's own, as the first one tells.
        let first = heap.region.slab(of: Block(at: Magazine.slot(full.first)))
        guard first.owner != address, let owner = owner(ofAllBelow: full.end) else { return false }
        let other = ThreadCache(at: owner)
        other.receive(full)
        if other.state == CacheState.orphaned { Registry.tidy(other) }
        return true
    }

    /// The owner of the slabs of all blocks below a top; nil when there are several, or no block.
    private func owner(ofAllBelow top: UInt) -> UInt? {
        let region = heap.region
        var owner: UInt?
        for slot in stride(from: Magazine.holding(top: top).first, to: top, by: 8) {
            let each = region.slab(of: Block(at: Magazine.slot(slot))).owner
            if let owner, owner != each { return nil }
            owner = each
        }
        return owner
    }

    /// Takes in the magazines that others gave back: with `keepsSome` full ones are kept, within the
    /// bound.
    @_optimize(size)
    func collectReturned(keepsSome: Bool = true) {
        var cursor = takeReturned()
        while cursor != 0 {
            let magazine = Magazine(at: cursor)
            cursor = magazine.next
            let sizeClass = sizeClass(ofBlockIn: magazine)
            if keepsSome && keep(magazine, sizeClass) { continue }
            sendHome(below: magazine.end)
            putAway(magazine)
        }
        // Some of the slabs may have become another thread's meanwhile.
        deliverOutbox()
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

    func isWorthFlushing(_ sizeClass: SizeClass) -> Bool {
        unsafe record.pointee.slabUnitCounts[sizeClass.index]
            > Int(record.pointee.keptUnitCounts[sizeClass.index])
    }

    private func cachedBlockCount(_ sizeClass: SizeClass) -> Int {
        unsafe Magazine.blockCount(top: top(sizeClass))
            + Magazine.blockCount(top: previousTop(sizeClass))
            + record.pointee.fullBlockCounts[sizeClass.index]
    }

    /// After blocks came from slabs.
    func didFetch(_ count: Int, _ sizeClass: SizeClass) {
        let count = Int32(truncatingIfNeeded: count)
        unsafe record.pointee.fetchedCounts[sizeClass.index] &+= count
    }

    /// After blocks went home. When as many have come again as went before, it was not worth the
    /// way: from now on more is kept. What went home earlier does not count, like a peak that does
    /// not come again.
    func didSendHome(_ count: Int, _ sizeClass: SizeClass) {
        let (index, count) = (sizeClass.index, Int32(truncatingIfNeeded: count))
        if count == 0 { return }
        let fetched = unsafe record.pointee.fetchedCounts[index]
        let sent = unsafe record.pointee.sentHomeCounts[index]
        unsafe record.pointee.sentHomeCounts[index] = (fetched == 0 ? sent : 0) &+ count
        unsafe record.pointee.fetchedCounts[index] = 0
        if sent == 0 || fetched < sent { return }
        let kept = unsafe Int(record.pointee.keptUnitCounts[index])
        if kept == ThreadCache.keptUnitLimit { return }
        unsafe record.pointee.keptUnitCounts[index] = UInt8(truncatingIfNeeded: kept &* 2)
        unsafe record.pointee.learntUnitCount &+= kept
    }

    /// Gives up all that was learnt, and what is kept for it: some of the classes may never be used
    /// again.
    @_optimize(size)
    @inline(never)
    private func forgetLearnt() {
        unsafe record.pointee.learntUnitCount = 0
        unsafe record.pointee.keptUnitCounts = .init(repeating: 1)
        flushClasses()
    }

    /// Sends all cached blocks home and gives the magazines away.
    @inline(never)
    func flush() {
        endTurn()
        flushClasses()
        unsafe record.pointee.parked.close(heap)
    }

    @inline(never)
    private func flushClasses() {
        for index in SizeClass.first.index...SizeClass.last.index {
            flush(SizeClass(index: index))
        }
        deliverOutbox()
    }

    @inline(never)
    private func flush(_ sizeClass: SizeClass) {
        let index = sizeClass.index
        let (top, previous) = (top(sizeClass), previousTop(sizeClass))
        setTop(sizeClass, Magazine.noneTop)
        setPreviousTop(sizeClass, Magazine.noneTop)
        empty(below: top)
        empty(below: previous)
        while case let head = unsafe record.pointee.fullMagazines[index], head != 0 {
            let full = Magazine(at: head)
            unsafe record.pointee.fullMagazines[index] = full.next
            empty(below: full.end)
        }
        unsafe record.pointee.fullMagazineCounts[index] = 0
        unsafe record.pointee.fullBlockCounts[index] = 0
        unsafe record.pointee.capacities[index] = 0
    }

    func empty(below top: UInt) {
        if top == Magazine.noneTop { return }
        sendHome(below: top)
        putAway(Magazine.holding(top: top))
    }
}
