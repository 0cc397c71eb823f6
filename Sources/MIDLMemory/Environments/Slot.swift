// The slot: which environment a thread uses, and the calls that change it.
//
//             Enable                      Disable
//     none  ----------->  enabled(E)   ----------->  what was before
//     any   --SetThreadHandle(h)-->  enabled(E of h), or none for NULL
//
// The slot is the `arena` of the thread's front.

import MIDLPlatform
import Synchronization

extension ThreadCache {
    /// The arena in the slot; nil when there is no environment.
    var arena: Arena? {
        let address = unsafe record.pointee.front.arena
        return address == 0 ? nil : Arena(at: address)
    }

    @inline(__always)
    private func setSlot(_ arena: Arena?) {
        unsafe record.pointee.front.arena = arena?.address ?? 0
        unsafe record.pointee.front.bump_arena = arena?.address ?? UInt(bitPattern: midl_no_arena())
    }

    // MARK: Enable and Disable

    /// Enters the thread's own environment once more, or makes one.
    @inline(__always)
    func enable() -> RPCStatus {
        if unsafe record.pointee.front.arena == 0 && record.pointee.package.spareEnvironments != 0 {
            _ = establish(onTopOf: nil, Environment(at: takeSpareEnvironment()))
            return .ok
        }
        return enableSlowly()
    }

    @inline(never)
    private func enableSlowly() -> RPCStatus {
        if let arena, unsafe arena.record.pointee.isOwners {
            unsafe arena.environment.record.pointee.nestingCount += 1
            return .ok
        }
        return establish() == nil ? .outOfMemory : .ok
    }

    /// Makes an environment on top of whatever is in the slot; nil when there is no memory.
    func establish() -> Environment? {
        guard let environment = spareEnvironment() else { return nil }
        let saved = arena
        if saved != nil { unsafe environment.record.pointee.isPlain = false }
        return establish(onTopOf: saved, environment)
    }

    @inline(__always)
    private func establish(onTopOf saved: Arena?, _ environment: Environment) -> Environment {
        unsafe environment.record.pointee.generation.store(
            environment.generation + 1, ordering: .relaxed)
        unsafe environment.record.pointee.nestingCount = 1
        unsafe environment.record.pointee.savedArena = saved?.address ?? 0
        unsafe environment.record.pointee.savedGeneration = saved?.record.pointee.generation ?? 0
        unsafe environment.record.pointee.nextOfThread = record.pointee.package.environments
        unsafe record.pointee.package.environments = environment.address
        let arena = environment.ownersArena
        unsafe arena.record.pointee.generation = environment.generation
        setSlot(arena)
        return environment
    }

    /// Leaves an environment; the outermost call of its owner releases it.
    @inline(__always)
    func disable() {
        guard let arena else { return }
        let environment = arena.environment
        if unsafe arena.record.pointee.isOwners && environment.record.pointee.isPlain
            && environment.record.pointee.nestingCount == 1
            && record.pointee.package.environments == environment.address
            && record.pointee.package.keptChunkCount <= ThreadCache.keptChunkMinimum
        {
            endPlain(environment, arena)
        } else {
            disableSlowly(arena)
        }
    }

    /// Releases an environment of one chunk that nothing has happened to but allocation, and on
    /// top of which there is nothing: a short call of a server.
    @inline(__always)
    private func endPlain(_ environment: Environment, _ arena: Arena) {
        setSlot(nil)
        unsafe record.pointee.package.environments = environment.record.pointee.nextOfThread
        // Releasing: as in `Environment.release`.
        unsafe environment.record.pointee.generation.store(
            environment.generation + 1, ordering: .releasing)
        arena.rewind()
        putAwaySpare(environment)
    }

    @inline(never)
    private func disableSlowly(_ arena: Arena) {
        let environment = arena.environment
        if unsafe !arena.record.pointee.isOwners { return replaceSlot(nil) }
        let count = unsafe environment.record.pointee.nestingCount
        if count > 1 {
            unsafe environment.record.pointee.nestingCount = count - 1
        } else if unsafe !environment.record.pointee.isMadeByStub {
            // The stub's environment goes when the stub returns.
            end(environment)
        }
    }

    /// Releases one of the thread's environments. If it is in the slot, what was there before
    /// comes back.
    @_optimize(size)
    func end(_ environment: Environment) {
        let isCurrent = arena == environment.ownersArena
        let saved = savedArena(of: environment)
        remove(environment)
        environment.release()
        unsafe environment.record.pointee.isShared = false
        unsafe environment.record.pointee.isMadeByStub = false
        unsafe environment.ownersArena.record.pointee.isShared = false
        unsafe environment.record.pointee.isPlain = true
        putAwaySpare(environment)
        if isCurrent {
            setSlot(saved)
        } else if let saved {
            detachUnlessUsed(saved)
        }
    }

    /// What was in the slot before an environment, if it is still there to be used.
    private func savedArena(of environment: Environment) -> Arena? {
        let address = unsafe environment.record.pointee.savedArena
        if address == 0 { return nil }
        let arena = Arena(at: address)
        let isSame =
            unsafe arena.record.pointee.generation == environment.record.pointee.savedGeneration
        // Of the thread's own environments the generation tells; an arena attached to another
        // thread's stays in the slot even when that is gone, to report it.
        return isSame && (unsafe !arena.record.pointee.isOwners || arena.isAlive) ? arena : nil
    }

    private func remove(_ environment: Environment) {
        let next = unsafe environment.record.pointee.nextOfThread
        if unsafe record.pointee.package.environments == environment.address {
            unsafe record.pointee.package.environments = next
            return
        }
        var cursor = unsafe Environment(at: record.pointee.package.environments)
        while unsafe cursor.record.pointee.nextOfThread != environment.address {
            cursor = unsafe Environment(at: cursor.record.pointee.nextOfThread)
        }
        unsafe cursor.record.pointee.nextOfThread = next
    }

    // MARK: Handles

    /// The handle of the environment in the slot; 0 when there is none, or none any more.
    func threadHandle() -> UInt {
        guard let arena, arena.isAlive else { return 0 }
        let environment = arena.environment
        if unsafe arena.record.pointee.isOwners && !arena.record.pointee.isShared {
            unsafe environment.record.pointee.isShared = true
            unsafe environment.record.pointee.isPlain = false
            unsafe arena.record.pointee.isShared = true
        }
        return EnvironmentTable.handle(of: environment)
    }

    /// Puts the environment of a handle into the slot. The one that was there goes on.
    @_optimize(size)
    func setThreadHandle(_ handle: UInt) -> RPCStatus {
        if handle == 0 {
            replaceSlot(nil)
            return .ok
        }
        guard let (environment, generation) = Registry.lookUp(handle, heap),
            generation & 1 == 1
        else { return .invalidArgument }
        if let arena, arena.environment == environment, arena.isAlive,
            environment.generation == generation
        {
            return .ok
        }
        if unsafe environment.ownersArena.record.pointee.cache == address {
            guard environment.generation == generation else { return .invalidArgument }
            replaceSlot(environment.ownersArena)
            return .ok
        }
        return attach(environment, generation)
    }

    private func attach(_ environment: Environment, _ generation: UInt) -> RPCStatus {
        guard let arena = spareArena() else { return .outOfMemory }
        unsafe arena.record.pointee.environment = environment.address
        unsafe arena.record.pointee.generation = generation
        environment.lock()
        let isAlive = arena.isAlive
        if isAlive { environment.attach(arena) }
        environment.unlock()
        guard isAlive else {
            keepSpare(arena)
            return .invalidArgument
        }
        replaceSlot(arena)
        return .ok
    }

    /// Changes the slot; an arena attached to another thread's environment is detached, unless an
    /// environment of this thread's is to bring it back.
    private func replaceSlot(_ new: Arena?) {
        let old = arena
        setSlot(new)
        if let old { detachUnlessUsed(old) }
    }

    @_optimize(size)
    private func detachUnlessUsed(_ arena: Arena) {
        if unsafe !arena.record.pointee.isOwners && self.arena != arena && !isSaved(arena) {
            detach(arena)
        }
    }

    /// Puts into the slot the environment itself, so that its end brings back what was before it.
    func restoreSlot(before environment: Environment) { replaceSlot(environment.ownersArena) }

    private func isSaved(_ arena: Arena) -> Bool {
        var cursor = unsafe record.pointee.package.environments
        while cursor != 0 {
            let environment = Environment(at: cursor)
            if unsafe environment.record.pointee.savedArena == arena.address { return true }
            cursor = unsafe environment.record.pointee.nextOfThread
        }
        return false
    }

    private func detach(_ arena: Arena) {
        let environment = arena.environment
        environment.lock()
        let isAlive = arena.isAlive
        if isAlive { environment.detach(arena) }
        environment.unlock()
        if isAlive { return }
        arena.giveChunksBack()
        keepSpare(arena)
    }

    /// In the child of a fork: the owner of a borrowed environment is not there.
    func stopBorrowing() {
        if let arena, unsafe !arena.record.pointee.isOwners {
            unsafe arena.record.pointee.end.store(0, ordering: .relaxed)
        }
    }

    // MARK: The end of the thread

    /// Releases the thread's environments and detaches from those of others.
    @_optimize(size)
    func leavePackage() {
        replaceSlot(nil)
        while case let head = unsafe record.pointee.package.environments, head != 0 {
            end(Environment(at: head))
        }
        returnKeptChunks()
        unsafe record.pointee.package.clientAllocate = 0
        unsafe record.pointee.package.clientFree = 0
    }

    // MARK: Records

    private func spareEnvironment() -> Environment? {
        unsafe record.pointee.package.spareEnvironments == 0
            ? Registry.makeEnvironment(self) : Environment(at: takeSpareEnvironment())
    }

    /// The address of the first spare environment, which there is.
    @inline(__always)
    private func takeSpareEnvironment() -> UInt {
        let head = unsafe record.pointee.package.spareEnvironments
        unsafe record.pointee.package.spareEnvironments =
            Environment(at: head).record.pointee.nextOfThread
        return head
    }

    @inline(__always)
    private func putAwaySpare(_ environment: Environment) {
        unsafe environment.record.pointee.nextOfThread = record.pointee.package.spareEnvironments
        unsafe record.pointee.package.spareEnvironments = environment.address
    }

    private func spareArena() -> Arena? {
        let head = unsafe record.pointee.package.spareArenas
        guard head != 0 else { return Registry.makeArena(self) }
        let arena = Arena(at: head)
        unsafe record.pointee.package.spareArenas = arena.shared.pointee.next
        // It may have been another thread's, which left it in an environment.
        unsafe arena.record.pointee.cache = address
        return arena
    }

    func keepSpare(_ arena: Arena) {
        unsafe arena.shared.pointee.next = record.pointee.package.spareArenas
        unsafe record.pointee.package.spareArenas = arena.address
    }
}
