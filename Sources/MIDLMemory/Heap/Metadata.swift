// Metadata: memory for the heap's own records, never given back: the heap, thread
// caches, magazines. It is mapped apart from the region, so no block borders on it.

import MIDLPlatform

struct Metadata {
    private var cursor: UInt = 0
    private var end: UInt = 0

    static let chunkByteCount = 256 << 10

    /// Zeroed memory; nil when there is none. `alignment` is a power of two up to a page.
    @inline(never)
    mutating func allocate(byteCount: Int, alignment: UInt) -> UInt? {
        var start = (cursor &+ alignment &- 1) & ~(alignment &- 1)
        if start &+ UInt(bitPattern: byteCount) > end || cursor == 0 {
            let chunk = max(Metadata.chunkByteCount, Page.roundUp(byteCount))
            guard let fresh = unsafe midl_reserve(chunk) else { return nil }
            guard unsafe midl_commit(fresh, chunk, chunk) else {
                unsafe midl_release(fresh, chunk)
                return nil
            }
            start = UInt(bitPattern: fresh)
            end = start &+ UInt(bitPattern: chunk)
        }
        cursor = start &+ UInt(bitPattern: byteCount)
        return start
    }

    /// Zeroed memory for a record, on cache lines of its own.
    mutating func allocate<Record: ~Copyable>(for type: Record.Type) -> UInt? {
        allocate(byteCount: (MemoryLayout<Record>.size + 63) & ~63, alignment: 64)
    }
}
