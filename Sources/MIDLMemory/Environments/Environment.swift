// Environments: the memory context of a thread in the RpcSs package.
//
//     thread ---> arena ---> environment ---> arenas of attached threads
//                                        ---> chunks of threads that detached
//                                        ---> large blocks
//
// An environment belongs to the thread that enabled it. Its record is used again
// for later ones; a generation tells them apart, so that a handle of an
// environment that is gone can never be taken for that of another.

import MIDLPlatform
import Synchronization

struct EnvironmentRecord: ~Copyable {
    /// Goes up when the environment goes. Relaxed for its owner, who alone changes it; others
    /// read it under the lock when it matters.
    let generation: Atomic<UInt>
    /// The address of the part that is used under the lock.
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
    /// First, so that the lock has the record's address.
    var lockWord: UInt32 = 0
    /// The arenas of attached threads.
    var arenas: UInt = 0
    /// Chunks of threads that detached.
    var chunks: UInt = 0
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
    var ownersArena: Arena { unsafe Arena(at: record.pointee.ownersArena) }
    var heap: Heap { ownersArena.heap }

    var shared: UnsafeMutablePointer<SharedEnvironmentRecord> {
        unsafe UnsafeMutablePointer(bitPattern: record.pointee.shared).unsafelyUnwrapped
    }
    private var lockWord: UnsafeMutablePointer<UInt32> {
        unsafe UnsafeMutableRawPointer(shared).assumingMemoryBound(to: UInt32.self)
    }

    func lock() { unsafe midl_lock_word(lockWord) }
    func unlock() { unsafe midl_unlock_word(lockWord) }

    /// In the child of a fork: nobody holds the lock, nobody is attached.
    func forgetOtherThreads() {
        unsafe lockWord.pointee = 0
        unsafe shared.pointee.arenas = 0
    }

    // MARK: Under the lock

    /// The arena at an address if it is one of this environment's.
    func arena(at address: UInt) -> Arena? {
        if unsafe address == record.pointee.ownersArena { return Arena(at: address) }
        var cursor = unsafe shared.pointee.arenas
        while cursor != 0 && cursor != address {
            cursor = unsafe Arena(at: cursor).shared.pointee.next
        }
        return cursor == 0 ? nil : Arena(at: cursor)
    }

    func attach(_ arena: Arena) {
        unsafe arena.shared.pointee.next = shared.pointee.arenas
        unsafe shared.pointee.arenas = arena.address
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

    /// Takes over the chunks of an arena whose thread detaches, as if they had been the owner's.
    func detach(_ arena: Arena) {
        unlist(arena)
        arena.noteUse()
        while let chunk = arena.takeAwayChunk() {
            unsafe chunk.owner = record.pointee.ownersArena
            unsafe chunk.next = shared.pointee.chunks
            unsafe shared.pointee.chunks = chunk.address
        }
        ownersArena.adopt(remoteOf: arena)
    }

    func list(large span: Span) {
        span.owner = address
        unsafe record.pointee.isPlain = false
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
        var cursor = unsafe shared.pointee.arenas
        while cursor != 0 {
            let arena = Arena(at: cursor)
            unsafe arena.record.pointee.end.store(0, ordering: .relaxed)
            cursor = unsafe arena.shared.pointee.next
        }
        unsafe shared.pointee.arenas = 0
        if isShared { unlock() }
        ownersArena.reset()
        let cache = unsafe ThreadCache(at: ownersArena.record.pointee.cache)
        while case let head = unsafe shared.pointee.chunks, head != 0 {
            let chunk = Span(at: head)
            unsafe shared.pointee.chunks = chunk.next
            cache.give(chunk: chunk)
        }
        releaseLargeBlocks()
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
