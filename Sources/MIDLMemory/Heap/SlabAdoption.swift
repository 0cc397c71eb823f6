// Slabs of caches that no thread has. Their blocks would wait for a thread that adopts the
// whole cache; instead a thread that needs a slab takes one of them before it takes new
// memory. So programs whose threads come and go do not keep a slab of each class for
// each thread that there ever was at a time.
//
// The cache is claimed meanwhile. Blocks in its magazines, where it rests, are those of
// another thread's slab then. A thread that has read the former owner may still tell
// that one of blocks in the slab's remote list: it passes the word on (`collectPending`).

import MIDLPlatform

extension ThreadCache {
    /// How many caches are looked at.
    private static let adoptionLimit = 32

    /// A slab with blocks of a class that was a cache's without a thread, now this one's; nil when
    /// there is none.
    @_optimize(size)
    func adoptSlab(_ sizeClass: SizeClass) -> Span? {
        let heap = heap
        var cursor = Registry.newestCache(heap)
        var count = 0
        while cursor != 0 && count < ThreadCache.adoptionLimit {
            let other = ThreadCache(at: cursor)
            cursor = other.nextInRegistry
            count += 1
            guard other.changeState(from: CacheState.orphaned, to: CacheState.claimed) else {
                continue
            }
            let slab = other.firstSlab(sizeClass)
            if let slab {
                other.unlist(slab)
                other.own(slab, -1)
                midl_lock(MIDL_LOCK_REGISTRY)
                other.didTakeRested(unitCount: slab.unitCount)
                midl_unlock(MIDL_LOCK_REGISTRY)
                slab.owner = address
                own(slab, 1)
                list(slab)
            }
            _ = other.changeState(from: CacheState.claimed, to: CacheState.orphaned)
            Registry.tidy(other)
            if slab != nil { return slab }
        }
        return nil
    }

    /// Counts a slab as the cache's, or no longer.
    private func own(_ slab: Span, _ sign: Int) {
        let index = slab.sizeClass.index
        unsafe record.pointee.slabUnitCounts[index] &+= sign &* slab.unitCount
        unsafe record.pointee.usedBlockCounts[index] &+=
            sign &* (slab.carvedCount &- slab.freeCount)
    }

    /// Tells the present owner of a slab, which is another cache, of its remote list.
    func passOn(_ slab: Span) {
        let owner = ThreadCache(at: slab.owner)
        owner.makePending(slab)
        if owner.state == CacheState.orphaned { Registry.tidy(owner) }
    }
}
