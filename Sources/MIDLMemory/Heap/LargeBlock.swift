// Large blocks: more than 32 KiB, each in a span of its own from the pool.
//
// A block begins some pages behind the start of its span, as far as there is room, and
// not all at the same distance: else the first lines of all large blocks, which every
// program touches, would fall on two lines of the processor's second cache. In the span of
// a block that cannot be parked there are only five such places, some pages of the first
// unit: where long blocks come and go that are hardly touched, each page in which one began
// keeps its memory.
//
//     span   [ 0 ... 15 pages ][ block                 ][ rest ]

enum LargeBlock {
    static func allocate(byteCount: Int, _ heap: Heap) -> UnsafeMutableRawPointer? {
        let region = heap.region
        // Before it is rounded, which could overflow.
        guard byteCount <= region.unitCount << Int(Unit.shift) else { return nil }
        guard let span = heap.takeSpan(unitCount: Unit.count(holding: byteCount), .large) else {
            return nil
        }
        return unsafe place(byteCount, in: span, region)
    }

    /// Makes a block in a span that is the caller's alone.
    @inline(never)
    static func place(
        _ byteCount: Int, in span: Span, _ region: Region
    ) -> UnsafeMutableRawPointer {
        let unit = region.unit(of: span)
        let pageCount = span.unitCount << Int(Unit.shift - Page.shift)
        let spare = pageCount - Page.roundUp(byteCount) >> Int(Page.shift)
        // A fraction of what is spare that changes much from one unit to the next.
        let fraction = (unit &* 40503) & 0xFFFF
        let skipped =
            ParkedSpans.canPark(span)
            ? (fraction * (spare + 1)) >> 16 : pageInUnit(fraction, spare)
        return unsafe place(
            byteCount, in: span, offset: UInt(skipped * Page.byteCount), region)
    }

    /// A page of the first unit from a fraction: of its four bits the lowest, as many as there are
    /// pages to spare for.
    @inline(__always)
    private static func pageInUnit(_ fraction: Int, _ spare: Int) -> Int {
        let bitCount = Int.bitWidth - 1 - (spare + 1).leadingZeroBitCount
        return fraction >> (16 - Int(Unit.shift - Page.shift)) & (1 << bitCount - 1)
    }

    /// The same in a span that had a large block: where that one was, if there is room.
    @inline(__always)
    static func placeAgain(
        _ byteCount: Int, in span: Span, _ region: Region
    ) -> UnsafeMutableRawPointer {
        if Int(span.offset) &+ byteCount > span.unitCount &<< Int(Unit.shift) {
            return unsafe place(byteCount, in: span, region)
        }
        return unsafe place(byteCount, in: span, offset: span.offset, region)
    }

    @inline(__always)
    private static func place(
        _ byteCount: Int, in span: Span, offset: UInt, _ region: Region
    ) -> UnsafeMutableRawPointer {
        span.largeByteCount = Page.roundUp(byteCount)
        span.offset = offset
        let start = region.start(ofBlocksIn: span)
        region.setTag(SizeClass.large.index, at: start)
        return unsafe Block(at: start).start
    }

    /// A block at a multiple of `alignment`, a power of two of more than a page.
    static func allocate(
        byteCount: Int, alignment: Int, _ heap: Heap
    ) -> UnsafeMutableRawPointer? {
        let region = heap.region
        let limit = region.unitCount << Int(Unit.shift)
        guard byteCount <= limit, alignment <= limit else { return nil }
        let unitCount = Unit.count(holding: max(1, byteCount))
        guard
            let span = heap.takeSpan(
                unitCount: unitCount, .large, alignment: UInt(max(alignment, Unit.byteCount)))
        else { return nil }
        return unsafe place(max(1, byteCount), in: span, offset: 0, region)
    }

    /// Frees the large block that starts at an address; false when there is none any more: of two
    /// frees one finds it.
    static func free(_ address: UInt, _ heap: Heap) -> Bool {
        let region = heap.region
        guard region.exchangeTag(at: address, from: SizeClass.large.index, to: 0) else {
            return false
        }
        give(region.span(atUnit: region.unit(of: address)), heap)
        return true
    }

    /// Gives the span of a large block without a tag to the pool.
    @inline(never)
    static func give(_ span: Span, _ heap: Heap) {
        heap.withPool { pool in give(span, to: &pool) }
    }

    static func give(_ span: Span, to pool: inout SpanPool) {
        span.hadBlocks = true
        pool.give(span)
    }
}
