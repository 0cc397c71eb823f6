// The chunks of arenas, and what a thread keeps of them for its next environment.

import MIDLPlatform
import Synchronization

extension Arena {
    /// Takes the first chunk out of the arena; nil when there is none.
    func takeAwayChunk() -> Span? {
        let head = unsafe record.pointee.chunks
        if head == 0 { return nil }
        let chunk = Span(at: head)
        unsafe record.pointee.chunks = chunk.next
        return chunk
    }

    /// Gives all chunks to the thread that keeps or returns them.
    func giveChunksBack() {
        noteUse()
        let cache = unsafe ThreadCache(at: record.pointee.cache)
        while let chunk = takeAwayChunk() { cache.give(chunk: chunk) }
        forgetBlocks()
    }

    /// Makes the owner's arena empty for the next environment. It keeps its first chunk: the next
    /// environment then begins where this one began.
    func reset() {
        noteUse()
        let cache = unsafe ThreadCache(at: record.pointee.cache)
        cache.setChunkGoal(unsafe record.pointee.chunkCount)
        guard let first = takeAwayChunk() else { return forgetBlocks() }
        while let chunk = takeAwayChunk() { cache.give(chunk: chunk) }
        forgetBlocks()
        heap.region.clearTags(of: first, byteCount: first.usedByteCount)
        place(first)
    }

    /// Makes an arena of one chunk, or none, empty again.
    @inline(__always)
    func rewind() {
        let chunks = unsafe record.pointee.chunks
        if chunks == 0 { return }
        let end = unsafe record.pointee.end.load(ordering: .relaxed)
        let start = end &- UInt(Unit.byteCount)
        let cursor = unsafe record.pointee.cursor
        // Tags of a chunk stand in a row of 4096, so steps of 16 stay within it.
        var tag = unsafe start &>> 4 &+ ThreadCache(at: record.pointee.cache).front.pointee.tag_bias
        let last = tag &+ (cursor &- start) &>> 4
        while tag < last {
            unsafe pointer(tag).storeBytes(of: SIMD2<UInt64>(0, 0), as: SIMD2<UInt64>.self)
            tag &+= 16
        }
        unsafe record.pointee.cursor = start
    }

    func forgetBlocks() {
        unsafe record.pointee.cursor = 0
        unsafe record.pointee.end.store(0, ordering: .relaxed)
        unsafe record.pointee.chunkCount = 0
        unsafe shared.pointee.remoteHead = 0
        if unsafe record.pointee.usedFreeLists {
            unsafe record.pointee.freeHeads = .init(repeating: 0)
            unsafe record.pointee.freeBins = 0
            unsafe record.pointee.usedFreeLists = false
        }
    }
}

extension Span {
    /// In a chunk: the bytes up to the cursor, when it left the chunk.
    var usedByteCount: Int {
        get { carvedCount }
        nonmutating set { carvedCount = newValue }
    }
}

extension ThreadCache {
    /// At most 64 MiB of chunks are kept, at least 1 MiB.
    private static let keptChunkLimit = 1024
    static let keptChunkMinimum = 16

    /// A chunk without tags: a kept one, else a new one; nil when there is no memory.
    func takeChunk() -> Span? {
        let head = unsafe record.pointee.package.keptChunks
        if head != 0 {
            let chunk = Span(at: head)
            unsafe record.pointee.package.keptChunks = chunk.next
            unsafe record.pointee.package.keptChunkCount -= 1
            return chunk
        }
        return heap.takeSpan(unitCount: 1, .environmentChunk)
    }

    /// Takes back a chunk that nobody uses any more: keeps it for the thread's next environment,
    /// or returns it to the pool.
    func give(chunk: Span) {
        heap.region.clearTags(of: chunk, byteCount: chunk.usedByteCount)
        chunk.usedByteCount = 0
        chunk.owner = 0
        if unsafe record.pointee.package.keptChunkCount < record.pointee.package.chunkGoal {
            unsafe chunk.next = record.pointee.package.keptChunks
            unsafe record.pointee.package.keptChunks = chunk.address
            unsafe record.pointee.package.keptChunkCount += 1
        } else {
            heap.withPool { $0.give(chunk) }
        }
    }

    /// Sets how many chunks to keep, after an environment that used `count`: as many, or an eighth
    /// less than before if that is more, so that a server whose calls alternate keeps what the
    /// larger ones need and gives a peak back in some ten calls.
    func setChunkGoal(_ count: Int) {
        let goal = unsafe record.pointee.package.chunkGoal
        let wanted = max(ThreadCache.keptChunkMinimum, count, goal - goal / 8)
        unsafe record.pointee.package.chunkGoal = min(wanted, ThreadCache.keptChunkLimit)
        while unsafe record.pointee.package.keptChunkCount > record.pointee.package.chunkGoal {
            returnKeptChunk()
        }
    }

    /// Returns all kept chunks to the pool.
    @_optimize(size)
    func returnKeptChunks() {
        while unsafe record.pointee.package.keptChunkCount > 0 { returnKeptChunk() }
    }

    private func returnKeptChunk() {
        let chunk = unsafe Span(at: record.pointee.package.keptChunks)
        unsafe record.pointee.package.keptChunks = chunk.next
        unsafe record.pointee.package.keptChunkCount -= 1
        heap.withPool { $0.give(chunk) }
    }
}
