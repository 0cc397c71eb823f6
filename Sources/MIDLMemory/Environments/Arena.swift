// Arenas: what one thread allocates from in one environment.
//
//     chunk   [ block | block | block | .......... ]
//                                     ^ cursor     ^ end
//
// An arena belongs to one thread, which moves the cursor without lock or atomic.
// The environment's owner has one, and so has each thread that attached to it by
// its handle. A chunk is a span of one unit whose record names the arena.
//
// When the environment is disabled, the owner sets `end` of the other threads'
// arenas to 0; it touches nothing else of them. Their threads find out at their
// next step off the fast path, and give their chunks back themselves.

import MIDLPlatform
import Synchronization

struct ArenaRecord: ~Copyable {
    var cursor: UInt
    /// 0 when there is no chunk, or no environment any more. Relaxed: a thread that sees the old
    /// end has allocated before the environment went.
    let end: Atomic<UInt>
    /// Bits of the bins up to 1 KiB whose free lists are not empty.
    var freeBins: UInt64
    /// Some bin's free list was not empty since the arena was reset.
    var usedFreeLists: Bool
    /// Other threads may know the environment: tags change by atomic exchange.
    var isShared: Bool
    var isOwners: Bool
    /// The thread's cache.
    var cache: UInt
    var environment: UInt
    /// That of the environment when the arena was made for it.
    var generation: UInt
    /// The chunks, the one with the cursor first, and how many.
    var chunks: UInt
    var chunkCount: Int

    /// The address of the part that is used under the environment's lock.
    let shared: UInt
    /// Blocks that the thread freed, by bin.
    var freeHeads: InlineArray<80, UInt>
}

/// The part that is used under the environment's lock.
struct SharedArenaRecord {
    /// The next arena of another thread in the environment, or of the thread's spare ones.
    var next: UInt = 0
    /// Blocks of this arena that other threads freed.
    var remoteHead: UInt = 0
}

/// A handle on an arena.
struct Arena: Equatable {
    let address: UInt

    var record: UnsafeMutablePointer<ArenaRecord> {
        @inline(__always) get {
            unsafe UnsafeMutablePointer(bitPattern: address).unsafelyUnwrapped
        }
    }

    @inline(__always)
    init(at address: UInt) { self.address = address }

    var shared: UnsafeMutablePointer<SharedArenaRecord> {
        unsafe UnsafeMutablePointer(bitPattern: record.pointee.shared).unsafelyUnwrapped
    }

    // MARK: The fast paths

    /// A block at the cursor; false when there is no room, no environment, or a free block to be
    /// used first.
    @inline(__always)
    static func bump(
        byteCount: Int, _ front: UnsafePointer<midl_front>,
        _ result: inout UnsafeMutableRawPointer?
    ) -> Bool {
        // Zero and negative counts are too large here.
        let last = UInt(bitPattern: byteCount &- 1)
        guard last < UInt(Bin.tableByteLimit) else { return false }
        let bin = last &>> 4
        let arena = unsafe Arena(at: front.pointee.bump_arena)
        let start = unsafe arena.record.pointee.cursor
        let next = start &+ (UInt(bitPattern: byteCount &+ 15) & ~15)
        guard unsafe next <= arena.record.pointee.end.load(ordering: .relaxed),
            unsafe arena.record.pointee.freeBins &>> UInt64(bin) & 1 == 0
        else { return false }
        unsafe arena.record.pointee.cursor = next
        // Relaxed, as all tags.
        unsafe UnsafeMutablePointer<Atomic<UInt8>>(
            bitPattern: start &>> 4 &+ front.pointee.tag_bias
        ).unsafelyUnwrapped.pointee
            .store(UInt8(truncatingIfNeeded: bin | 64), ordering: .relaxed)
        unsafe result = pointer(start)
        return true
    }

    static func allocate(
        _ front: UnsafePointer<midl_front>, byteCount: Int
    ) -> UnsafeMutableRawPointer? {
        var block: UnsafeMutableRawPointer?
        if unsafe bump(byteCount: byteCount, front, &block) { return unsafe block }
        return unsafe allocateSlowly(byteCount: byteCount, front)
    }

    @inline(never)
    static func allocateSlowly(
        byteCount: Int, _ front: UnsafePointer<midl_front>
    ) -> UnsafeMutableRawPointer? {
        guard unsafe byteCount >= 0 && front.pointee.arena != 0 else { return nil }
        let address = unsafe Arena(at: front.pointee.arena).allocate(byteCount: byteCount)
        return unsafe address.map { unsafe pointer($0) }
    }

    static func free(
        _ front: UnsafePointer<midl_front>, _ node: UnsafeMutableRawPointer?
    ) -> RPCStatus {
        guard let node = unsafe node else { return .ok }
        guard unsafe front.pointee.arena != 0 else { return .invalidArgument }
        return unsafe Arena(at: front.pointee.arena).free(Block(node))
    }

    // MARK: Allocation

    var heap: Heap { unsafe ThreadCache(at: record.pointee.cache).heap }
    var environment: Environment { unsafe Environment(at: record.pointee.environment) }

    /// Whether the environment is still the one that the arena was made for.
    var isAlive: Bool { unsafe environment.generation == record.pointee.generation }

    /// A live block; nil when the environment is gone or memory is short.
    private func allocate(byteCount: Int) -> UInt? {
        if byteCount > Bin.byteLimit { return allocateLarge(byteCount: byteCount) }
        let bin = Bin(holding: byteCount)
        guard let address = reuse(bin) ?? cut(bin) ?? cutFromNewChunk(bin) else { return nil }
        heap.region.setTag(bin.liveTag.value, at: address)
        return address
    }

    /// A block that was freed; of the thread's own free list, where no other thread looks.
    private func reuse(_ bin: Bin) -> UInt? {
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
    private var hasRoom: Bool { unsafe record.pointee.end.load(ordering: .relaxed) != 0 }

    /// A new block at the cursor.
    private func cut(_ bin: Bin) -> UInt? {
        let start = unsafe record.pointee.cursor
        let next = start + UInt(bin.byteCount)
        guard unsafe next <= record.pointee.end.load(ordering: .relaxed) else { return nil }
        unsafe record.pointee.cursor = next
        return start
    }

    private func cutFromNewChunk(_ bin: Bin) -> UInt? {
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
        let start = heap.region.start(of: chunk)
        // Under the lock: the owner must not clear `end` before it is set.
        let isPlaced = whileAlive {
            place(chunk, start: start)
            return true
        }
        if !isPlaced { unsafe ThreadCache(at: record.pointee.cache).give(chunk: chunk) }
        return isPlaced ? cut(bin) : nil
    }

    private func place(_ chunk: Span, start: UInt) {
        noteUse()
        if unsafe record.pointee.chunks != 0 { noteIsNotPlain() }
        chunk.owner = address
        unsafe chunk.next = record.pointee.chunks
        unsafe record.pointee.chunks = chunk.address
        unsafe record.pointee.chunkCount += 1
        unsafe record.pointee.cursor = start
        unsafe record.pointee.end.store(start + UInt(Unit.byteCount), ordering: .relaxed)
    }

    private func noteIsNotPlain() {
        if unsafe record.pointee.isOwners { unsafe environment.record.pointee.isPlain = false }
    }

    /// Takes over the chunks and free blocks of an arena that its thread left, and goes on at its
    /// cursor. Under the environment's lock.
    private func absorb(_ left: Arena) {
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
    private func allocateLarge(byteCount: Int) -> UInt? {
        let (heap, environment) = (heap, environment)
        guard byteCount <= heap.region.unitCount << Int(Unit.shift) else { return nil }
        let taken = heap.withPool { pool -> Span? in
            let span = pool.take(unitCount: Unit.count(holding: byteCount))
            span?.kind = .environmentBlock
            return span
        }
        guard let span = taken else { return nil }
        let start = heap.region.start(of: span)
        let isListed = whileAlive {
            environment.list(large: span)
            heap.region.setTag(EnvironmentTag.large.value, at: start)
            return true
        }
        if !isListed { heap.withPool { $0.give(span) } }
        return isListed ? start : nil
    }

    // MARK: Free

    /// Frees a block of the environment; otherwise changes nothing and says why.
    private func free(_ block: Block) -> RPCStatus {
        let region = heap.region
        let tag = EnvironmentTag(region.tagOfAny(block.address))
        if hasRoom && tag.isLive && tag != .large
            && region.span(atUnit: region.unit(of: block.address)).owner == address
        {
            guard changeTag(of: block, from: tag) else { return .invalidArgument }
            keep(block, tag.bin)
            return .ok
        }
        return freeForOther(block)
    }

    private func keep(_ block: Block, _ bin: Bin) {
        unsafe block.setNext(record.pointee.freeHeads[bin.index], heap.linkKey)
        unsafe record.pointee.freeHeads[bin.index] = block.address
        if bin.index < 64 { unsafe record.pointee.freeBins |= 1 << UInt64(bin.index) }
        if unsafe !record.pointee.usedFreeLists {
            unsafe record.pointee.usedFreeLists = true
            noteIsNotPlain()
        }
    }

    /// Marks a live block as free; of two threads that free it, one succeeds.
    private func changeTag(of block: Block, from tag: EnvironmentTag) -> Bool {
        let region = heap.region
        if unsafe !record.pointee.isShared {
            region.setTag(tag.freed.value, at: block.address)
            return true
        }
        return region.exchangeTag(at: block.address, from: tag.value, to: tag.freed.value)
    }

    /// Frees a block that this thread's arena does not hold: one of another thread's arena in the
    /// environment, a large one, or one that is not the environment's at all.
    private func freeForOther(_ block: Block) -> RPCStatus {
        let (region, environment) = (heap.region, environment)
        environment.lock()
        guard isAlive else {
            environment.unlock()
            return .outOfMemory
        }
        let tag = EnvironmentTag(region.tagOfAny(block.address))
        var large: Span?
        var isFreed = false
        if tag.isLive {
            let span = region.span(atUnit: region.unit(of: block.address))
            if tag == .large {
                if span.owner == environment.address {
                    region.setTag(SizeClass.none.index, at: block.address)
                    environment.unlist(large: span)
                    large = span
                    isFreed = true
                }
            } else if let arena = environment.arena(at: span.owner),
                region.exchangeTag(at: block.address, from: tag.value, to: tag.freed.value)
            {
                arena.receive(block, heap.linkKey)
                isFreed = true
            }
        }
        environment.unlock()
        if let large { heap.withPool { $0.give(large) } }
        return isFreed ? .ok : .invalidArgument
    }

    /// Takes a block that another thread freed. Under the environment's lock.
    func receive(_ block: Block, _ linkKey: UInt) {
        unsafe block.setNext(shared.pointee.remoteHead, linkKey)
        unsafe shared.pointee.remoteHead = block.address
    }

    /// Sorts what other threads freed into the free lists. Under the environment's lock.
    private func takeRemote() {
        var cursor = unsafe shared.pointee.remoteHead
        unsafe shared.pointee.remoteHead = 0
        let region = heap.region
        while cursor != 0 {
            let block = Block(at: cursor)
            cursor = block.next(heap.linkKey)
            guard cursor == 0 || EnvironmentTag(region.tagOfAny(cursor)).isFreed else {
                Misuse.writtenAfterFree(block, .environmentAllocate)
            }
            keep(block, EnvironmentTag(region.tag(at: block.address)).live.bin)
        }
    }
}
