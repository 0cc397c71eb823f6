// What a heap should hold: the live blocks, each filled with a pattern of its own
// over all of its usable bytes. A heap that hands a byte out twice, or writes to
// a live block, spoils a pattern.

import XCTest

@testable import MIDLMemory

struct BlockModel {
    struct LiveBlock {
        let start: UnsafeMutableRawPointer
        let byteCount: Int
        let pattern: UInt8

        var isIntact: Bool {
            // The first byte is right, and each is as the one before.
            start.load(as: UInt8.self) == pattern && memcmp(start, start + 1, byteCount - 1) == 0
        }
    }

    private(set) var blocks: [LiveBlock] = []
    private var nextPattern: UInt8 = 1

    var smallCount: Int { blocks.count - largeCount }
    private(set) var largeCount = 0

    mutating func add(_ start: UnsafeMutableRawPointer, _ heap: Heap) {
        let byteCount = heap.byteCount(ofBlockAt: UInt(bitPattern: start))
        memset(start, Int32(nextPattern), byteCount)
        blocks.append(LiveBlock(start: start, byteCount: byteCount, pattern: nextPattern))
        nextPattern &+= 1
        if byteCount > SizeClass.byteLimit { largeCount += 1 }
    }

    /// Takes a block out, which the caller then frees.
    mutating func remove(
        at index: Int, file: StaticString = #filePath, line: UInt = #line
    ) -> UnsafeMutableRawPointer {
        blocks.swapAt(index, blocks.count - 1)
        let block = blocks.removeLast()
        XCTAssertTrue(block.isIntact, "the contents changed", file: file, line: line)
        if block.byteCount > SizeClass.byteLimit { largeCount -= 1 }
        return block.start
    }

    mutating func removeAny(using generator: inout SeededGenerator) -> UnsafeMutableRawPointer {
        remove(at: Int.random(in: 0..<blocks.count, using: &generator))
    }
}

/// SplitMix64: the same numbers in every run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }

    /// A size of any class, seldom of a large block. Small sizes come more often.
    mutating func byteCount(largeLimit: Int) -> Int {
        switch next() % 32 {
        case 0: Int.random(in: SizeClass.byteLimit + 1...largeLimit, using: &self)
        case 1...12: Int.random(in: 0...256, using: &self)
        default:
            SizeClass(index: .random(in: 1...SizeClass.last.index, using: &self)).blockByteCount
                - .random(in: 0...15, using: &self)
        }
    }
}
