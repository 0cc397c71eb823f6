// The registry: which thread has which cache.
//
//             attach                      thread ends
//     made ----------> attached  ------------------------>  orphaned
//                         ^                                  |    ^
//                         +---------- attach ----------------+    |
//                                                       tidy v    | done
//                                                          claimed
//
// A thread gets a cache at its first allocation or free: an orphaned one, else a
// new one. So a program that makes and ends threads for ever has as many caches
// as it ever had threads at a time.

import MIDLPlatform
import MIDLShim
import Synchronization

enum Registry {
    // MARK: From a thread to its cache

    /// The heap that a thread's front belongs to; nil when there is none yet.
    static func heap(of front: UnsafePointer<midl_front>) -> Heap? {
        unsafe front.pointee.granule_limit == 0 ? Heap.ofProcess : ThreadCache(of: front).heap
    }

    /// Calls `body` with the calling thread's cache, which it makes or adopts if need be. False
    /// when there is no memory for one.
    @discardableResult
    static func withCache(
        _ front: UnsafePointer<midl_front>, _ body: (ThreadCache) -> Void
    ) -> Bool {
        if unsafe front.pointee.granule_limit != 0 {
            body(unsafe ThreadCache(of: front))
            return true
        }
        guard let cache = attach() else { return false }
        if !midl_is_ending() && keep(cache) {
            body(cache)
        } else {
            // The thread has had its notice of the end, or gets none now: a cache for this once.
            body(cache)
            orphan(cache)
        }
        return true
    }

    /// The calling thread's cache, to be kept until it ends; nil when there is no memory, or the
    /// thread is ending.
    @_optimize(size)
    static func lastingCache(_ front: UnsafePointer<midl_front>) -> ThreadCache? {
        if unsafe front.pointee.granule_limit != 0 { return unsafe ThreadCache(of: front) }
        guard !midl_is_ending(), let cache = attach() else { return nil }
        if keep(cache) { return cache }
        orphan(cache)
        return nil
    }

    /// Makes a cache the calling thread's until it ends. False when the system cannot tell when;
    /// the thread's next call tries again.
    private static func keep(_ cache: ThreadCache) -> Bool {
        // First the front: what the system calls here may allocate.
        unsafe midl_set_current_front(cache.front)
        let isWatched = unsafe midl_watch_thread_end(
            cache.front, { unsafe Registry.threadEnds($0) })
        if !isWatched { unsafe midl_set_current_front(midl_new_front()) }
        return isWatched
    }

    private static func threadEnds(_ front: UnsafePointer<midl_front>?) {
        guard let front = unsafe front else { return }
        // What runs after this on the thread still allocates and frees, by way of `withCache`.
        midl_set_ending()
        unsafe midl_set_current_front(midl_new_front())
        orphan(unsafe ThreadCache(of: front))
    }

    // MARK: Attaching

    @_optimize(size)
    private static func attach() -> ThreadCache? {
        guard watchFork() else { return nil }
        midl_make_choice()
        midl_lock(MIDL_LOCK_REGISTRY)
        let heap = Heap.makeOfProcess()
        let cache = heap.flatMap { adopt($0) ?? make($0) }
        midl_unlock(MIDL_LOCK_REGISTRY)
        if let cache { unsafe Choice.prepare(cache.front) }
        return cache
    }

    @_optimize(size)
    private static func adopt(_ heap: Heap) -> ThreadCache? {
        var cursor = unsafe heap.registry.pointee.firstCache
        while cursor != 0 {
            let cache = ThreadCache(at: cursor)
            if cache.adopt() { return cache }
            cursor = cache.nextInRegistry
        }
        return nil
    }

    /// Makes an attached cache. Under the registry's lock.
    static func make(_ heap: Heap) -> ThreadCache? {
        guard
            let address = unsafe heap.registry.pointee.roomForCache(heap.region)
                ?? heap.registry.pointee.metadata.allocate(for: ThreadCacheRecord.self)
        else { return nil }
        let cache = ThreadCache(at: address)
        cache.initialize(heap, nextInRegistry: unsafe heap.registry.pointee.firstCache)
        unsafe heap.registry.pointee.firstCache = address
        return cache
    }

    /// A magazine that no cache holds, or else one from new room of this one's; nil when there is no
    /// memory.
    static func magazine(for cache: ThreadCache) -> Magazine? {
        let heap = cache.heap
        midl_lock(MIDL_LOCK_REGISTRY)
        defer { midl_unlock(MIDL_LOCK_REGISTRY) }
        let head = unsafe heap.registry.pointee.firstMagazine
        guard head != 0 else {
            return unsafe cache.cutMagazine(from: &heap.registry.pointee.metadata)
        }
        unsafe heap.registry.pointee.firstMagazine = Magazine(at: head).next
        return Magazine(at: head)
    }

    /// The address of the cache that was made last, from which `nextInRegistry` leads to all others;
    /// 0 when there is none. Caches are only ever put before it.
    static func newestCache(_ heap: Heap) -> UInt {
        midl_lock(MIDL_LOCK_REGISTRY)
        defer { midl_unlock(MIDL_LOCK_REGISTRY) }
        return unsafe heap.registry.pointee.firstCache
    }

    // MARK: Orphaning

    /// Empties a cache, unless it rests, and leaves it to the next thread.
    ///
    /// A thread that frees a block of this cache's slabs after the last look at the pending list
    /// must see that the cache is orphaned, or be seen: it makes the slab pending and then reads
    /// the state; here the state is written and then the pending list read; all four are
    /// sequentially consistent.
    @_optimize(size)
    @inline(never)
    static func orphan(_ cache: ThreadCache) {
        cache.leavePackage()
        cache.rest()
        _ = cache.changeState(from: CacheState.attached, to: CacheState.orphaned)
        tidy(cache)
    }

    /// Takes in what was freed into an orphaned cache.
    @inline(never)
    static func tidy(_ cache: ThreadCache) {
        while cache.hasPending
            && cache.changeState(from: CacheState.orphaned, to: CacheState.claimed)
        {
            cache.collectPending(keepsSome: false)
            _ = cache.changeState(from: CacheState.claimed, to: CacheState.orphaned)
        }
    }

    /// Leaves the empty magazines of a cache beyond `count` to all.
    static func returnMagazines(of cache: ThreadCache, downTo count: Int) {
        let heap = cache.heap
        midl_lock(MIDL_LOCK_REGISTRY)
        defer { midl_unlock(MIDL_LOCK_REGISTRY) }
        while unsafe cache.record.pointee.emptyMagazineCount > count,
            let magazine = cache.takeAwayMagazine()
        {
            magazine.next = unsafe heap.registry.pointee.firstMagazine
            unsafe heap.registry.pointee.firstMagazine = magazine.address
        }
    }

    // MARK: Fork

    /// Whether fork is watched, or about to be. Relaxed: nothing hangs on it but the call itself.
    private static let isForkWatched = Atomic<Bool>(false)

    /// Has fork watched, once. False when the system has no memory for that: then there is none
    /// for a cache either. What the system itself allocates in the call goes ahead.
    private static func watchFork() -> Bool {
        if isForkWatched.exchange(true, ordering: .relaxed) { return true }
        let isWatched = midl_watch_fork(
            {
                midl_lock(MIDL_LOCK_RESTING)
                midl_lock(MIDL_LOCK_REGISTRY)
                midl_lock(MIDL_LOCK_POOL)
            },
            { Registry.unlockAfterFork() },
            {
                Registry.loseCachesOfOtherThreads()
                Registry.unlockAfterFork()
            })
        isForkWatched.store(isWatched, ordering: .relaxed)
        return isWatched
    }

    private static func unlockAfterFork() {
        midl_unlock(MIDL_LOCK_POOL)
        midl_unlock(MIDL_LOCK_REGISTRY)
        midl_unlock(MIDL_LOCK_RESTING)
    }

    /// The other threads are not in the child, and may have been in the middle of a change. Their
    /// caches are never used again; blocks of their slabs can still be freed, to no use.
    @_optimize(size)
    private static func loseCachesOfOtherThreads() {
        guard let heap = Heap.ofProcess else { return }
        let front = unsafe midl_current_front()
        let own = UInt(bitPattern: front)
        loseEnvironmentsOfOtherThreads(heap, own: own)
        if unsafe front.pointee.granule_limit != 0 { unsafe ThreadCache(of: front).stopBorrowing() }
        var cursor = unsafe heap.registry.pointee.firstCache
        while cursor != 0 {
            let cache = ThreadCache(at: cursor)
            if cursor != own && cache.state != CacheState.orphaned {
                cache.endRest()
                cache.changeToLost()
            }
            cursor = cache.nextInRegistry
        }
    }
}
