// Where blocks can be: in the heap's region, and in the guard's. All of the regions, as other
// threads' blocks may be beyond what had been used when a walk began.

import MIDLPlatform
import MIDLShim

struct BlockBounds {
    /// Of the heap's region.
    let start: UInt
    let byteCount: UInt
    let tagsStart: UInt
    /// The heap's own records.
    let recordsStart: UInt
    let recordsByteCount: Int
    private let guardStart: UInt
    private let guardByteCount: UInt

    /// Not under a lock of the heap.
    init() {
        let figures = Core.figures
        start = figures.start
        byteCount = UInt(figures.region_byte_count)
        tagsStart = UInt(figures.tags)
        (recordsStart, recordsByteCount) = (UInt(figures.records), figures.records_byte_count)
        (guardStart, guardByteCount) = Guard.bounds
    }

    func contains(_ address: UInt) -> Bool {
        address &- start < byteCount || address &- guardStart < guardByteCount
    }

    /// Whether a thread's cache may be at an address: in the 128 MiB before the tags (Region.swift).
    func isInCacheArea(_ address: UInt) -> Bool { tagsStart &- address <= 128 << 20 }

    /// Calls `body` with each word of a range that may be the address of a block.
    @inline(__always)
    func forEachAddress(from start: UInt, to end: UInt, _ body: (UInt) -> Void) {
        var cursor = (start + 3) & ~3
        while cursor &+ 8 <= end {
            let word = midl_peek(cursor)
            if contains(word) { body(unsafe Described.isOn ? midl_defined(word) : word) }
            cursor += 4
        }
    }
}
