// Counters of live blocks, for peaks; only with `stats`, when the heap tells of every
// block that it makes and frees.

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

    static func made(_ block: UnsafeMutableRawPointer) {
        allocations.add(1, ordering: .relaxed)
        let byteCount = Core.liveByteCount(at: UInt(bitPattern: block))
        let blockCount = blocks.add(1, ordering: .relaxed).newValue
        let liveByteCount = bytes.add(byteCount, ordering: .relaxed).newValue
        mostBlocks.max(blockCount, ordering: .relaxed)
        mostBytes.max(liveByteCount, ordering: .relaxed)
    }

    static func freed(_ pointer: UnsafeMutableRawPointer) {
        let byteCount = Core.liveByteCount(at: UInt(bitPattern: pointer))
        // Not a live block: the heap ends the program.
        if byteCount == 0 { return }
        blocks.subtract(1, ordering: .relaxed)
        bytes.subtract(byteCount, ordering: .relaxed)
    }
}
