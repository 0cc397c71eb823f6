// What an allocation does when there is no room at the cursor, or a free block to be
// used first: free lists, what other threads freed or left, new chunks, and large
// blocks.

import MIDLPlatform
import Synchronization

extension Arena {
    /// A live block; nil when the environment is gone or memory is short.
    func allocate(byteCount: Int) -> UInt? {
        if let address = allocateSeparately(byteCount: byteCount) { return address }
        if byteCount > Bin.byteLimit { return allocateLarge(byteCount: byteCount) }
        let bin = Bin(holding: byteCount)
        guard let address = reuse(bin) ?? cut(bin) ?? cutFromNewChunk(bin) else { return nil }
        heap.region.setTag(bin.liveTag.value, at: address)
        return address
    }

    /// A block that was freed; of the thread's own free list, where no other thread looks.
    func reuse(_ bin: Bin) -> UInt? {
        let head = unsafe record.pointee.freeHeads[bin.index]
        guard head != 0, hasRoom else { return nil }
        let next = Block(at: head).next(heap.linkKey)
        let region = heap.region
        if next != 0 && region.tagOfAny(next) != bin.liveTag.freed.value {
            Misuse.writtenAfterFree(Block(at: head), .environmentAllocate)
        }
        unsafe record.pointee.freeHeads[bin.index] = next
        if next == 0 && bin.index < 64 {
            unsafe record.pointee.freeBins &= ~(1 << UInt64(bin.index))
        }
        return head
    }

    /// Whether there is a chunk and, as far as this thread knows, an environment.
    var hasRoom: Bool { unsafe record.pointee.end.load(ordering: .relaxed) != 0 }

    /// A new block at the cursor.
    func cut(_ bin: Bin) -> UInt? {
        let start = unsafe record.pointee.cursor
        let next = start + UInt(bin.byteCount)
        guard unsafe next <= record.pointee.end.load(ordering: .relaxed) else { return nil }
        unsafe record.pointee.cursor = next
        return start
    }

    func cutFromNewChunk(_ bin: Bin) -> UInt? {
        var left: Arena?
        let isAlive = whileAlive {
            takeRemote()
            left = environment.takeLeftArena()
            if let left { absorb(left) }
            return true
        }
        guard isAlive else {
            giveChunksBack()
            return nil
        }
        if let left { unsafe ThreadCache(at: record.pointee.cache).keepSpare(left) }
        if let address = reuse(bin) ?? cut(bin) { return address }
        // What one thread left was not enough; perhaps what another did is.
        if left != nil { return cutFromNewChunk(bin) }
        guard let chunk = unsafe ThreadCache(at: record.pointee.cache).takeChunk() else {
            return nil
        }
        // Under the lock: the owner must not clear `end` before it is set.
        let isPlaced = whileAlive {
            place(chunk)
            return true
        }
        if !isPlaced { unsafe ThreadCache(at: record.pointee.cache).give(chunk: chunk) }
        return isPlaced ? cut(bin) : nil
    }

    /// Makes a chunk without blocks the first one.
    func place(_ chunk: Span) {
        let start = heap.region.start(of: chunk)
        noteUse()
        if unsafe record.pointee.chunks != 0 { noteIsNotPlain() }
        chunk.owner = address
        unsafe chunk.next = record.pointee.chunks
        unsafe record.pointee.chunks = chunk.address
        unsafe record.pointee.chunkCount += 1
        unsafe record.pointee.cursor = start
        unsafe record.pointee.end.store(start + UInt(Unit.byteCount), ordering: .relaxed)
    }

    func noteIsNotPlain() {
        if unsafe record.pointee.isOwners { unsafe environment.record.pointee.isPlain = false }
    }

    /// Takes over the chunks and free blocks of an arena that its thread left, and goes on at its
    /// cursor. Under the environment's lock.
    @_optimize(size)
    func absorb(_ left: Arena) {
        noteUse()
        left.noteUse()
        var last: Span?
        var cursor = unsafe left.record.pointee.chunks
        while cursor != 0 {
            let chunk = Span(at: cursor)
            chunk.owner = address
            last = chunk
            cursor = chunk.next
        }
        left.takeRemote()
        for index in 0..<Bin.count {
            while case let head = unsafe left.record.pointee.freeHeads[index], head != 0 {
                let block = Block(at: head)
                unsafe left.record.pointee.freeHeads[index] = block.next(heap.linkKey)
                keep(block, Bin(index: index))
            }
        }
        if let last {
            unsafe last.next = record.pointee.chunks
            unsafe record.pointee.chunks = left.record.pointee.chunks
            unsafe record.pointee.chunkCount += left.record.pointee.chunkCount
            unsafe record.pointee.cursor = left.record.pointee.cursor
            unsafe record.pointee.end.store(
                left.record.pointee.end.load(ordering: .relaxed), ordering: .relaxed)
            unsafe left.record.pointee.chunks = 0
            noteIsNotPlain()
        }
        left.forgetBlocks()
    }

    /// Notes in the first chunk how far it is used: so far tags are to be cleared.
    func noteUse() {
        guard unsafe record.pointee.chunks != 0 else { return }
        let chunk = unsafe Span(at: record.pointee.chunks)
        chunk.usedByteCount = unsafe Int(record.pointee.cursor - heap.region.start(of: chunk))
    }

    /// Runs `body` while the environment cannot go; false, without running it, when it is gone.
    /// The owner's own arena needs no lock for that: nobody else disables.
    func whileAlive(_ body: () -> Bool) -> Bool {
        if unsafe record.pointee.isOwners && !record.pointee.isShared { return body() }
        let environment = environment
        environment.lock()
        defer { environment.unlock() }
        return isAlive && body()
    }

    // MARK: Large blocks

    /// A span of its own, in the environment's list under its lock.
    func allocateLarge(byteCount: Int) -> UInt? {
        let (heap, environment) = (heap, environment)
        guard byteCount <= heap.region.unitCount << Int(Unit.shift) else { return nil }
        let unitCount = Unit.count(holding: byteCount)
        guard let span = heap.takeSpan(unitCount: unitCount, .environmentBlock) else { return nil }
        let start = heap.region.start(of: span)
        let isListed = whileAlive {
            environment.list(large: span)
            heap.region.setTag(EnvironmentTag.large.value, at: start)
            return true
        }
        if !isListed { heap.withPool { $0.give(span) } }
        return isListed ? start : nil
    }
}
