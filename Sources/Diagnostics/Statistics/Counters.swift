// Counters of live blocks, for peaks; only with `stats`, when every block is told of
// that is made and freed, whoever makes it.

import MIDLPlatform
import MIDLShim
import Synchronization

enum Counters {
    // Relaxed: each is a figure of its own.
    private static let allocations = Atomic<Int>(0)
    private static let blocks = Atomic<Int>(0)
    private static let bytes = Atomic<Int>(0)
    private static let mostBlocks = Atomic<Int>(0)
    private static let mostBytes = Atomic<Int>(0)

    static var allocationCount: Int { allocations.load(ordering: .relaxed) }
    static var peakBlockCount: Int { mostBlocks.load(ordering: .relaxed) }
    static var peakByteCount: Int { mostBytes.load(ordering: .relaxed) }

    // Of these the ones of malloc, which only this counts.
    private static let blocksOfMalloc = Atomic<Int>(0)
    private static let bytesOfMalloc = Atomic<Int>(0)

    static var mallocBlockCount: Int { blocksOfMalloc.load(ordering: .relaxed) }
    static var mallocByteCount: Int { bytesOfMalloc.load(ordering: .relaxed) }

    /// Counts a block that was made.
    static func add(_ byteCount: Int, isOfMalloc: Bool = false) {
        allocations.add(1, ordering: .relaxed)
        if isOfMalloc {
            blocksOfMalloc.add(1, ordering: .relaxed)
            bytesOfMalloc.add(byteCount, ordering: .relaxed)
        }
        let blockCount = blocks.add(1, ordering: .relaxed).newValue
        let liveByteCount = bytes.add(byteCount, ordering: .relaxed).newValue
        mostBlocks.max(blockCount, ordering: .relaxed)
        mostBytes.max(liveByteCount, ordering: .relaxed)
    }

    /// Counts a block that is about to be freed.
    static func subtract(_ byteCount: Int, isOfMalloc: Bool = false) {
        blocks.subtract(1, ordering: .relaxed)
        bytes.subtract(byteCount, ordering: .relaxed)
        if isOfMalloc {
            blocksOfMalloc.subtract(1, ordering: .relaxed)
            bytesOfMalloc.subtract(byteCount, ordering: .relaxed)
        }
    }

    // MARK: The heap's blocks

    static func made(_ block: UnsafeMutableRawPointer) {
        add(Core.byteCount(ofBlockAt: UInt(bitPattern: block)) ?? 0)
    }

    static func freed(_ pointer: UnsafeMutableRawPointer) {
        // Else no live block of the heap: another's, or the heap ends the program.
        if let byteCount = Core.byteCount(ofBlockAt: UInt(bitPattern: pointer)) {
            subtract(byteCount)
        }
    }
}
