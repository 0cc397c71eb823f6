// The pending list of a cache: slabs of its thread to which other threads gave blocks
// back. Any thread puts slabs on it; the owner takes the whole list at once, so the
// list needs no guard against a slab that leaves and comes back meanwhile.

import Synchronization

extension ThreadCache {
    /// Tells the owner of a slab that there are blocks in its remote list.
    func makePending(_ slab: Span) {
        var head = unsafe record.pointee.pendingHead.load(ordering: .relaxed)
        while true {
            slab.pendingNext = head
            // Releasing: the owner that takes the list sees the link. Sequentially consistent with
            // the state that is read afterwards: see `Registry.orphan`.
            let (done, current) = unsafe record.pointee.pendingHead.compareExchange(
                expected: head, desired: slab.address,
                successOrdering: .sequentiallyConsistent, failureOrdering: .relaxed)
            if done { return }
            head = current
        }
    }

    /// Takes the list of pending slabs, linked by `pendingNext`; 0 when it is empty.
    func takePending() -> UInt {
        // Acquiring: pairs with the release of `makePending`.
        unsafe record.pointee.pendingHead.exchange(0, ordering: .acquiring)
    }

    /// Sequentially consistent: see `Registry.orphan`.
    var hasPending: Bool {
        unsafe record.pointee.pendingHead.load(ordering: .sequentiallyConsistent) != 0
    }
}
