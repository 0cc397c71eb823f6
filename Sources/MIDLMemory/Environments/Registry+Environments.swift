// Records of environments and arenas, made under the registry's lock, and what a
// fork does to environments. A record stays with the cache that made it, so an
// orphaned cache keeps its spare ones for the thread that adopts it.

import MIDLPlatform
import Synchronization

extension Registry {
    static func lookUp(
        _ handle: UInt, _ heap: Heap
    ) -> (environment: Environment, generation: UInt)? {
        midl_lock(MIDL_LOCK_REGISTRY)
        defer { midl_unlock(MIDL_LOCK_REGISTRY) }
        return unsafe heap.registry.pointee.environments.lookUp(handle)
    }

    static func makeEnvironment(_ cache: ThreadCache) -> Environment? {
        guard let arena = makeArena(cache) else { return nil }
        let heap = cache.heap
        midl_lock(MIDL_LOCK_REGISTRY)
        defer { midl_unlock(MIDL_LOCK_REGISTRY) }
        guard
            let address = unsafe heap.registry.pointee.metadata.allocate(
                for: EnvironmentRecord.self),
            let lock = unsafe heap.registry.pointee.metadata.allocate(for: UInt32.self),
            let shared = unsafe heap.registry.pointee.metadata.allocate(
                for: SharedEnvironmentRecord.self),
            let (index, slot) = unsafe heap.registry.pointee.environments.add(
                &heap.registry.pointee.metadata)
        else { return nil }
        let environment = Environment(at: address)
        unsafe environment.record.initialize(
            to: EnvironmentRecord(
                generation: Atomic(0), lock: lock, shared: shared, isShared: false,
                isMadeByStub: false,
                isPlain: true, index: index, ownersArena: arena.address, nestingCount: 0,
                savedArena: 0,
                savedGeneration: 0, nextOfThread: 0, stub: StubCall()))
        unsafe environment.shared.initialize(to: SharedEnvironmentRecord())
        unsafe arena.record.pointee.isOwners = true
        unsafe arena.record.pointee.isShared = false
        unsafe arena.record.pointee.environment = address
        Magazine.setSlot(slot, address)
        return environment
    }

    /// An arena for a thread that attaches.
    @_optimize(size)
    static func makeArena(_ cache: ThreadCache) -> Arena? {
        let heap = cache.heap
        midl_lock(MIDL_LOCK_REGISTRY)
        defer { midl_unlock(MIDL_LOCK_REGISTRY) }
        guard
            let address = unsafe heap.registry.pointee.metadata.allocate(for: ArenaRecord.self),
            let shared = unsafe heap.registry.pointee.metadata.allocate(
                for: SharedArenaRecord.self)
        else { return nil }
        let arena = Arena(at: address)
        unsafe arena.record.initialize(
            to: ArenaRecord(
                cursor: 0, end: Atomic(0), freeBins: 0, usedFreeLists: false, isShared: true,
                isOwners: false, cache: cache.address, environment: 0, generation: 0, chunks: 0,
                chunkCount: 0, shared: shared, freeHeads: .init(repeating: 0)))
        unsafe arena.shared.initialize(to: SharedArenaRecord())
        return arena
    }

    /// In the child of a fork: the other threads, which are not there, neither hold a lock nor
    /// are they attached; their own environments are gone.
    static func loseEnvironmentsOfOtherThreads(_ heap: Heap, own: UInt) {
        unsafe heap.registry.pointee.environments.forEach { environment in
            let owner = unsafe environment.ownersArena.record.pointee.cache
            environment.forgetOtherThreads(isOwn: owner == own)
        }
    }
}
