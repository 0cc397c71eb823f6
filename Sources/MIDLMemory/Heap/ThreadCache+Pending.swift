// What other threads gave back to a cache and its owner has not taken in: slabs in whose
// remote lists there are blocks, and whole magazines of the cache's own blocks. Any
// thread puts something on these two lists; the owner takes a whole list at once, so
// they need no guard against what leaves and comes back meanwhile.

import Synchronization

extension ThreadCache {
    // Putting on a list is releasing: the owner that takes it sees the links and all that was done
    // before. It is sequentially consistent with the state that is read afterwards: see
    // `Registry.orphan`. Taking acquires, which pairs with that.

    /// Puts what is at an address on a list, after `setNext` has linked it to the first one there.
    private static func push(
        _ address: UInt, on list: borrowing Atomic<UInt>, setNext: (UInt) -> Void
    ) {
        var head = list.load(ordering: .relaxed)
        while true {
            setNext(head)
            let (done, current) = list.compareExchange(
                expected: head, desired: address,
                successOrdering: .sequentiallyConsistent, failureOrdering: .relaxed)
            if done { return }
            head = current
        }
    }

    /// Tells the owner of a slab that there are blocks in its remote list.
    func makePending(_ slab: Span) {
        unsafe ThreadCache.push(slab.address, on: record.pointee.pendingHead) {
            slab.pendingNext = $0
        }
    }

    /// Gives the owner a full magazine of blocks of its slabs.
    func receive(_ magazine: Magazine) {
        unsafe ThreadCache.push(magazine.address, on: record.pointee.returnedHead) {
            magazine.next = $0
        }
    }

    /// Takes the list of pending slabs, linked by `pendingNext`; 0 when it is empty.
    func takePending() -> UInt {
        unsafe record.pointee.pendingHead.exchange(0, ordering: .acquiring)
    }

    /// Takes the list of magazines that were given back, linked by `next`; 0 when it is empty.
    func takeReturned() -> UInt {
        unsafe record.pointee.returnedHead.exchange(0, ordering: .acquiring)
    }

    /// Sequentially consistent: see `Registry.orphan`.
    var hasPending: Bool {
        unsafe record.pointee.pendingHead.load(ordering: .sequentiallyConsistent) != 0
            || record.pointee.returnedHead.load(ordering: .sequentiallyConsistent) != 0
    }

    /// Whether a look at the returned magazines is worth while. Relaxed: only a hint.
    var hasReturned: Bool { unsafe record.pointee.returnedHead.load(ordering: .relaxed) != 0 }
}
