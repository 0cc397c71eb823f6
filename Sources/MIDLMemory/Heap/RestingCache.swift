// What a cache keeps while no thread has it.
//
// A thread that ends sends home what is free in its cache: nobody knows whether there
// will be another. Where threads come and go there is, and it would fetch all of that
// again, a magazine and a slab for each size. So a cache that was adopted before rests as
// it is, with its magazines and slabs, as long as the slabs of all that rest are not too
// many. The next thread begins with what it finds; a thread that needs a slab may take
// one meanwhile (SlabAdoption.swift), and a trim takes everything.

import MIDLPlatform

extension ThreadCache {
    /// 32 MiB of slabs, of which a thread of a few small blocks has touched an eighth.
    private static let restingUnitLimit = 1024

    /// Whether a cache that its thread leaves may keep what is in it.
    @_optimize(size)
    @inline(never)
    func mayRest() -> Bool {
        guard unsafe record.pointee.wasAdopted else { return false }
        endTurn()
        unsafe record.pointee.parked.close(heap)
        retireEmptySlabs()
        var unitCount = 0
        for index in SizeClass.first.index...SizeClass.last.index {
            unitCount += unsafe record.pointee.slabUnitCounts[index]
        }
        midl_lock(MIDL_LOCK_REGISTRY)
        defer { midl_unlock(MIDL_LOCK_REGISTRY) }
        let total = unsafe heap.registry.pointee.restingUnitCount + unitCount
        if total > ThreadCache.restingUnitLimit { return false }
        unsafe heap.registry.pointee.restingUnitCount = total
        unsafe record.pointee.restingUnitCount = unitCount
        bequeath()
        return true
    }

    /// Makes a cache that no thread has the calling thread's; false when one has it. Under the
    /// registry's lock.
    func adopt() -> Bool {
        guard changeState(from: CacheState.orphaned, to: CacheState.attached) else { return false }
        unsafe record.pointee.wasAdopted = true
        endRest()
        return true
    }

    private func endRest() {
        unsafe heap.registry.pointee.restingUnitCount -= record.pointee.restingUnitCount
        unsafe record.pointee.restingUnitCount = 0
    }

    /// Sends everything home that is free.
    @_optimize(size)
    @inline(never)
    func giveUp() {
        flush()
        collectPending(keepsSome: false)
        retireEmptySlabs()
        forgetDemand()
    }

    /// The same for a cache that no thread has, unless one adopts it at this moment.
    fileprivate func giveUpRest() {
        guard changeState(from: CacheState.orphaned, to: CacheState.claimed) else { return }
        giveUp()
        midl_lock(MIDL_LOCK_REGISTRY)
        endRest()
        midl_unlock(MIDL_LOCK_REGISTRY)
        _ = changeState(from: CacheState.claimed, to: CacheState.orphaned)
        Registry.tidy(self)
    }
}

extension Registry {
    /// Has the caches that no thread has give up what they keep.
    @_optimize(size)
    @inline(never)
    static func emptyOrphans(_ heap: Heap) {
        midl_lock(MIDL_LOCK_REGISTRY)
        // Caches are only ever put before the first.
        var cursor = unsafe heap.registry.pointee.firstCache
        midl_unlock(MIDL_LOCK_REGISTRY)
        while cursor != 0 {
            let cache = ThreadCache(at: cursor)
            cache.giveUpRest()
            cursor = cache.nextInRegistry
        }
    }
}
