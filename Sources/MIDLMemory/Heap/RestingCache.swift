// What a cache keeps while no thread has it.
//
// A thread that ends sends home what is free in its cache: nobody knows whether there
// will be another. Where threads come and go there is, and it would fetch all of that
// again, a magazine and a slab for each size. So a cache that was adopted before rests
// with its magazines and slabs, as long as the slabs of all that rest are not too many.
//
// A block in a magazine keeps its slab from being given back, so only blocks of the
// cache's own slabs rest, which are counted: a class with any others goes home.
//
// The next thread begins with what it finds; a thread that needs a slab may take one
// meanwhile (SlabAdoption.swift); a trim takes everything, and so does whoever is out of
// memory.

import MIDLPlatform

extension ThreadCache {
    /// 64 MiB of slabs. A thread with a few blocks of each size has touched an eighth of its own.
    private static let restingUnitLimit = 1024

    /// Prepares a cache that its thread leaves: it rests, or gives up everything.
    @_optimize(size)
    @inline(never)
    func rest() {
        if unsafe record.pointee.wasAdopted {
            endTurn()
            unsafe record.pointee.parked.close(heap)
            bequeath()
            retireEmptySlabs()
            if beginRest() { return }
        }
        giveUp()
        forgetDemand()
    }

    /// Units of all the thread's slabs.
    @_optimize(size)
    @inline(never)
    private func slabUnitCount() -> Int {
        var count = 0
        for index in SizeClass.first.index...SizeClass.last.index {
            unsafe count &+= record.pointee.slabUnitCounts[index]
        }
        return count
    }

    @inline(never)
    private func beginRest() -> Bool {
        let unitCount = slabUnitCount()
        midl_lock(MIDL_LOCK_REGISTRY)
        defer { midl_unlock(MIDL_LOCK_REGISTRY) }
        let total = unsafe heap.registry.pointee.restingUnitCount &+ unitCount
        if total > ThreadCache.restingUnitLimit { return false }
        unsafe heap.registry.pointee.restingUnitCount = total
        unsafe record.pointee.restingUnitCount = unitCount
        unsafe record.pointee.rests = true
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

    /// Under the registry's lock.
    func endRest() {
        didTakeRested(unitCount: unsafe record.pointee.restingUnitCount)
        unsafe record.pointee.rests = false
    }

    /// Units of slabs rest no longer, if they did. Under the registry's lock.
    func didTakeRested(unitCount: Int) {
        let count = unsafe min(unitCount, record.pointee.restingUnitCount)
        unsafe heap.registry.pointee.restingUnitCount -= count
        unsafe record.pointee.restingUnitCount -= count
    }

    /// Sends everything home that is free.
    @_optimize(size)
    @inline(never)
    func giveUp() {
        flush()
        collectPending(keepsSome: false)
        retireEmptySlabs()
    }

    /// The same for a cache that no thread has, unless one adopts it at this moment.
    fileprivate func giveUpRest() {
        guard changeState(from: CacheState.orphaned, to: CacheState.claimed) else { return }
        if unsafe record.pointee.rests {
            giveUp()
            forgetDemand()
            midl_lock(MIDL_LOCK_REGISTRY)
            endRest()
            midl_unlock(MIDL_LOCK_REGISTRY)
        }
        _ = changeState(from: CacheState.claimed, to: CacheState.orphaned)
        Registry.tidy(self)
    }
}

extension Registry {
    /// Has the caches that no thread has give up what they keep. Who finds nothing left waits until
    /// another thread that is about it has done so: it may be without memory as well. A cache that
    /// somebody tidies or takes a slab from at this moment is passed over.
    @_optimize(size)
    @inline(never)
    static func emptyOrphans(_ heap: Heap) {
        midl_lock(MIDL_LOCK_RESTING)
        defer { midl_unlock(MIDL_LOCK_RESTING) }
        var cursor = newestCache(heap)
        while cursor != 0 {
            let cache = ThreadCache(at: cursor)
            cache.giveUpRest()
            cursor = cache.nextInRegistry
        }
    }
}
