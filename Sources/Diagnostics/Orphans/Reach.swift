// What can be reached: a walk over the blocks of the heap from memory that holds
// pointers.
//
//     add(range)   blocks to which the range leads      [ . . . ] not yet entered
//     close()      enters them, one after the other     blocks == closed under "leads to"
//
// The walk is conservative: any four aligned bytes may begin a pointer, to any byte of a
// live block. It reads nothing but the ranges and live blocks; of what other threads
// change meanwhile it sees the old or the new state.

import MIDLPlatform
import MIDLShim

/// The part of the heap's region that has been used, and its tags.
struct HeapBounds {
    let start: UInt
    let byteCount: UInt
    let regionByteCount: UInt
    let tagsStart: UInt
    let tags: WatchedTags

    /// Not under a lock of the heap.
    init() {
        let figures = Core.figures
        start = figures.start
        byteCount = UInt(figures.mapped_byte_count)
        regionByteCount = UInt(figures.region_byte_count)
        tagsStart = UInt(figures.tags)
        tags = WatchedTags(figures)
    }

    func contains(_ address: UInt) -> Bool { address &- start < byteCount }

    /// Whether a thread's cache may be at an address: in the 128 MiB before the tags (Region.swift).
    func isInCacheArea(_ address: UInt) -> Bool { tagsStart &- address <= 128 << 20 }

    /// Calls `body` with each word of a range that is an address in the heap.
    @inline(__always)
    func forEachAddress(from start: UInt, to end: UInt, _ body: (UInt) -> Void) {
        var cursor = (start + 3) & ~3
        while cursor &+ 8 <= end {
            let word = unsafe pointer(cursor).loadUnaligned(as: UInt.self)
            if contains(word) { body(word) }
            cursor += 4
        }
    }
}

struct Reach: ~Copyable {
    private(set) var blocks: BlockSet
    private let bounds: HeapBounds
    private var enteredCount = 0
    /// There was no memory for a block: what is here is not all.
    private(set) var isShort = false

    /// Nil without memory.
    init?(_ bounds: HeapBounds) {
        guard let blocks = BlockSet() else { return nil }
        self.blocks = blocks
        self.bounds = bounds
    }

    mutating func add(rangeFrom start: UInt, to end: UInt) {
        Core.withLock(MIDL_LOCK_POOL) { addLocked(rangeFrom: start, to: end) }
    }

    /// Enters all blocks that have been added.
    mutating func close() {
        while enteredCount < blocks.count && !isShort {
            let entry = blocks[enteredCount]
            enteredCount += 1
            add(rangeFrom: entry.address, to: entry.address + UInt(entry.byteCount))
        }
    }

    /// Counts the block that an address is in as reached, without entering it.
    mutating func addClosed(blockOf address: UInt) {
        close()
        guard bounds.contains(address), let block = LiveBlocks.containing(address) else { return }
        isShort =
            blocks.insert(block.start, byteCount: block.byte_count) == .noMemory || isShort
        enteredCount = blocks.count
    }

    /// Ends the walk.
    consuming func takeBlocks() -> BlockSet { blocks }

    private mutating func addLocked(rangeFrom start: UInt, to end: UInt) {
        bounds.forEachAddress(from: start, to: end) { add(blockOf: $0) }
    }

    /// Under the pool's lock.
    mutating func add(blockOf address: UInt) {
        guard let block = LiveBlocks.holding(address) else { return }
        let insertion = blocks.insert(
            block.start, byteCount: block.byte_count, isOfEnvironment: block.is_of_environment)
        if insertion == .noMemory { isShort = true }
    }
}
