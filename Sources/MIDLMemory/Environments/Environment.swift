// Environments: the memory context of a thread in the RpcSs package.
//
//     thread ---> arena ---> environment ---> arenas of attached threads
//                                        ---> arenas of threads that detached
//                                        ---> large blocks
//
// An environment belongs to the thread that enabled it. Its record is used again
// for later ones; a generation tells them apart, so that a handle of an
// environment that is gone can never be taken for that of another.

import MIDLPlatform
import Synchronization

struct EnvironmentRecord: ~Copyable {
    /// Goes up when the environment is established and when it goes: odd while there is one.
    /// Relaxed for its owner, who alone changes it; others read it under the lock when it matters.
    let generation: Atomic<UInt>
    /// The addresses of the lock and of the part that is used under it.
    let lock: UInt
    let shared: UInt
    /// The handle has been asked for, so other threads may attach.
    var isShared: Bool
    var isMadeByStub: Bool
    /// Nothing has happened to it but allocation from one chunk.
    var isPlain: Bool
    /// The place in the table.
    let index: Int

    // The owner's.
    /// Its arena, which stays with the record.
    var ownersArena: UInt
    /// Enables that were not disabled yet.
    var nestingCount: Int
    /// The thread's environment before this one: its arena, and that arena's generation.
    var savedArena: UInt
    var savedGeneration: UInt
    /// The next of the thread's environments; of spare ones when this one is gone.
    var nextOfThread: UInt
    /// What a stub's message held before.
    var stub: StubCall
}

/// The part that is used under the lock. A record of its own, because a change of a part is, to
/// Swift, an access to the whole record.
struct SharedEnvironmentRecord {
    /// The arenas of attached threads.
    var arenas: UInt = 0
    /// Arenas that threads left when they detached, for the next ones.
    var leftArenas: UInt = 0
    var largeBlocks: UInt = 0
}

/// A handle on an environment's record.
struct Environment: Equatable {
    let address: UInt

    var record: UnsafeMutablePointer<EnvironmentRecord> {
        @inline(__always) get {
            unsafe UnsafeMutablePointer(bitPattern: address).unsafelyUnwrapped
        }
    }

    @inline(__always)
    init(at address: UInt) { self.address = address }

    var generation: UInt { unsafe record.pointee.generation.load(ordering: .relaxed) }
    var isInUse: Bool { generation & 1 == 1 }
    var ownersArena: Arena { unsafe Arena(at: record.pointee.ownersArena) }
    var heap: Heap { ownersArena.heap }

    var shared: UnsafeMutablePointer<SharedEnvironmentRecord> {
        unsafe UnsafeMutablePointer(bitPattern: record.pointee.shared).unsafelyUnwrapped
    }
    private var lockWord: UnsafeMutablePointer<UInt32> {
        unsafe UnsafeMutablePointer(bitPattern: record.pointee.lock).unsafelyUnwrapped
    }

    func lock() { unsafe midl_lock_word(lockWord) }
    func unlock() { unsafe midl_unlock_word(lockWord) }

    /// In the child of a fork, where the other threads are not. The arenas of those that were
    /// attached stay, for the blocks in them; not if one of them held the lock, perhaps in the
    /// middle of a change. An environment whose owner is not there is gone.
    func forgetOtherThreads(isOwn: Bool) {
        if unsafe lockWord.pointee != 0 { unsafe shared.pointee = SharedEnvironmentRecord() }
        unsafe lockWord.pointee = 0
        if isOwn { return }
        stopAttachedThreads()
        if isInUse { unsafe record.pointee.generation.store(generation + 1, ordering: .relaxed) }
    }

    // MARK: Under the lock

    /// The arena at an address if it is one of this environment's.
    func arena(at address: UInt) -> Arena? {
        if unsafe address == record.pointee.ownersArena { return Arena(at: address) }
        let isOurs =
            unsafe isIn(shared.pointee.arenas, address)
            || isIn(shared.pointee.leftArenas, address)
        return isOurs ? Arena(at: address) : nil
    }

    private func isIn(_ list: UInt, _ address: UInt) -> Bool {
        var cursor = list
        while cursor != 0 && cursor != address {
            cursor = unsafe Arena(at: cursor).shared.pointee.next
        }
        return cursor != 0
    }

    func attach(_ arena: Arena) { unsafe push(arena, &shared.pointee.arenas) }

    /// Takes over the arena of a thread that detaches.
    func detach(_ arena: Arena) {
        unlist(arena)
        unsafe push(arena, &shared.pointee.leftArenas)
    }

    /// An arena that a thread left, with its chunks and free blocks.
    func takeLeftArena() -> Arena? {
        let head = unsafe shared.pointee.leftArenas
        if head == 0 { return nil }
        unsafe shared.pointee.leftArenas = Arena(at: head).shared.pointee.next
        return Arena(at: head)
    }

    private func push(_ arena: Arena, _ list: inout UInt) {
        unsafe arena.shared.pointee.next = list
        list = arena.address
    }

    private func unlist(_ arena: Arena) {
        let next = unsafe arena.shared.pointee.next
        if unsafe shared.pointee.arenas == arena.address {
            unsafe shared.pointee.arenas = next
            return
        }
        var cursor = unsafe Arena(at: shared.pointee.arenas)
        while unsafe cursor.shared.pointee.next != arena.address {
            cursor = unsafe Arena(at: cursor.shared.pointee.next)
        }
        unsafe cursor.shared.pointee.next = next
    }

    func list(large span: Span) {
        span.owner = address
        // A shared one is not plain any more, and others may be here.
        if unsafe !record.pointee.isShared { unsafe record.pointee.isPlain = false }
        unsafe SpanList.push(span, on: &shared.pointee.largeBlocks)
    }

    func unlist(large span: Span) {
        span.owner = 0
        unsafe SpanList.remove(span, from: &shared.pointee.largeBlocks)
    }

    // MARK: The end

    /// Releases everything. For the owner.
    func release() {
        let isShared = unsafe record.pointee.isShared
        if isShared { lock() }
        // From here on handles are stale. Releasing: who sees the new generation without the lock
        // sees no more of the old environment.
        unsafe record.pointee.generation.store(generation + 1, ordering: .releasing)
        stopAttachedThreads()
        unsafe shared.pointee.arenas = 0
        if isShared { unlock() }
        let cache = unsafe ThreadCache(at: ownersArena.record.pointee.cache)
        ownersArena.reset()
        while let arena = takeLeftArena() {
            unsafe arena.record.pointee.cache = cache.address
            arena.giveChunksBack()
            cache.keepSpare(arena)
        }
        releaseLargeBlocks()
        freeSeparateBlocks()
    }

    /// Has the attached threads find out at their next step that the environment is gone.
    private func stopAttachedThreads() {
        var cursor = unsafe shared.pointee.arenas
        while cursor != 0 {
            let arena = Arena(at: cursor)
            unsafe arena.record.pointee.end.store(0, ordering: .relaxed)
            cursor = unsafe arena.shared.pointee.next
        }
    }

    private func releaseLargeBlocks() {
        while case let head = unsafe shared.pointee.largeBlocks, head != 0 {
            let (span, heap) = (Span(at: head), heap)
            unlist(large: span)
            heap.region.setTag(SizeClass.none.index, at: heap.region.start(of: span))
            heap.withPool { $0.give(span) }
        }
    }
}
