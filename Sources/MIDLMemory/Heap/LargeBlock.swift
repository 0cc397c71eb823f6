// Large blocks: more than 32 KiB, each a span of its own from the pool.

enum LargeBlock {
    static func allocate(byteCount: Int, _ heap: Heap) -> UnsafeMutableRawPointer? {
        unsafe make(byteCount: byteCount, heap) { pool, unitCount in
            pool.take(unitCount: unitCount)
        }
    }

    /// Makes a large block of a span that `take` takes from the pool.
    @inline(__always)
    static func make(
        byteCount: Int, _ heap: Heap, _ take: (inout SpanPool, Int) -> Span?
    ) -> UnsafeMutableRawPointer? {
        let region = heap.region
        // Before it is rounded, which could overflow.
        guard byteCount <= region.unitCount << Int(Unit.shift),
            let span = heap.withPool({ pool -> Span? in
                guard let span = take(&pool, Unit.count(holding: byteCount)) else { return nil }
                span.kind = .large
                span.largeByteCount = Page.roundUp(byteCount)
                region.setTag(SizeClass.large.index, at: region.start(of: span))
                return span
            })
        else { return nil }
        return unsafe Block(at: region.start(of: span)).start
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
