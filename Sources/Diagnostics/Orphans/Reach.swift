// What can be reached: a walk over live blocks from memory that holds pointers.
//
//     add(range)   blocks to which the range leads      [ . . . ] not yet entered
//     close()      enters them, one after the other     blocks == closed under "leads to"
//
// The walk is conservative: any four aligned bytes may begin a pointer, to any byte of a
// live block. It reads nothing but the ranges and live blocks; of what other threads
// change meanwhile it sees the old or the new state.

import MIDLPlatform
import MIDLShim

struct Reach: ~Copyable {
    private(set) var blocks: BlockSet
    private let bounds: BlockBounds
    private var enteredCount = 0
    /// There was no memory for a block: what is here is not all.
    private(set) var isShort = false

    /// Nil without memory.
    init?(_ bounds: BlockBounds) {
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
        guard bounds.contains(address),
            let block = Core.withLock(MIDL_LOCK_POOL, { LiveBlocks.holding(address) })
        else { return }
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
