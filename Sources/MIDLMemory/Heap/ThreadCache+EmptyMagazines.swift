// The empty magazines of a cache, and where new ones come from.
//
//     put away -> [ empty ] -> taken         the thread's own, the last first
//                 [ room  ] -> cut           pages that no other thread has magazines in
//                 [ the registry's ]         what threads had too many of
//
// The processor fetches lines of a page ahead. Where two threads have magazines in one
// page, each takes from the other lines that it is about to write, which has cost a
// fifth of the time. So a thread cuts its own, and does not pass on one that it will want
// again: it keeps as many as it was ever seen to take without putting some away. One
// that only allocates what others free gets ever more of them, and wants none.

extension ThreadCache {
    private static let roomByteCount = 16 << 10
    static let firstEmptyMagazineLimit = 16
    private static let lastEmptyMagazineLimit = 256

    /// nil when there is no memory for one.
    func emptyMagazine() -> Magazine? {
        let demand = unsafe min(
            record.pointee.magazineDemand &+ 1, ThreadCache.lastEmptyMagazineLimit)
        unsafe record.pointee.magazineDemand = demand
        unsafe record.pointee.emptyMagazineLimit = max(record.pointee.emptyMagazineLimit, demand)
        return takeAwayMagazine() ?? cutMagazine() ?? Registry.magazine(for: self)
    }

    func takeAwayMagazine() -> Magazine? {
        let head = unsafe record.pointee.emptyMagazines
        if head == 0 { return nil }
        unsafe record.pointee.emptyMagazines = Magazine(at: head).next
        unsafe record.pointee.emptyMagazineCount &-= 1
        return Magazine(at: head)
    }

    func putAway(_ magazine: Magazine) {
        magazine.next = unsafe record.pointee.emptyMagazines
        unsafe record.pointee.emptyMagazines = magazine.address
        unsafe record.pointee.emptyMagazineCount &+= 1
        // Counts twice, so that a thread which takes and puts away in turn is not seen to want many.
        unsafe record.pointee.magazineDemand = max(0, record.pointee.magazineDemand &- 2)
        let limit = unsafe record.pointee.emptyMagazineLimit
        if unsafe record.pointee.emptyMagazineCount > limit {
            Registry.returnMagazines(of: self, downTo: limit / 2)
        }
    }

    /// Leaves to all what a next thread would hardly want.
    func forgetDemand() {
        unsafe record.pointee.emptyMagazineLimit = ThreadCache.firstEmptyMagazineLimit
        unsafe record.pointee.magazineDemand = 0
        Registry.returnMagazines(of: self, downTo: ThreadCache.firstEmptyMagazineLimit)
    }

    // MARK: Room

    /// nil when there is none left.
    private func cutMagazine() -> Magazine? {
        let room = unsafe record.pointee.magazineRoom
        if unsafe room == record.pointee.magazineRoomEnd { return nil }
        unsafe record.pointee.magazineRoom = room &+ Magazine.byteCount
        return Magazine(at: room)
    }

    /// The first magazine of new room, which is the thread's from now on; nil when there is no
    /// memory. Under the registry's lock.
    func cutMagazine(from metadata: inout Metadata) -> Magazine? {
        guard
            let room = metadata.allocate(
                byteCount: ThreadCache.roomByteCount, alignment: UInt(Page.byteCount))
        else { return nil }
        unsafe record.pointee.magazineRoom = room
        unsafe record.pointee.magazineRoomEnd = room + UInt(ThreadCache.roomByteCount)
        return cutMagazine()
    }
}
