// The live blocks of the heap and of its environments: all of them, and the one that an
// address is in.
//
// Other threads go on meanwhile: what they allocate or free during a walk is seen or
// not. Spans stay what they are, under the pool's lock; `body` must not allocate or free.

import MIDLShim

enum HeapBlocks {
    /// Calls `body` with each span, free ones too, by ascending addresses, under the pool's lock.
    static func forEachSpan(_ body: (midl_span) -> Void) {
        forEachSpan(from: Core.figures.start, body)
    }

    /// The same from the start of the heap's region on; 0 before there is one. For whoever has the
    /// registry's lock.
    static func forEachSpan(from start: UInt, _ body: (midl_span) -> Void) {
        if start == 0 { return }
        Core.withLock(MIDL_LOCK_POOL) {
            var address = start
            while let span = Core.span(at: address) {
                body(span)
                address = span.start + UInt(span.byte_count)
            }
        }
    }

    /// Calls `body` with each live block of a span. Under the pool's lock.
    static func forEach(in span: midl_span, _ body: (midl_block) -> Void) {
        if span.kind == MIDL_SPAN_FREE { return }
        let end = span.start + UInt(span.byte_count)
        var address = span.first_block
        while address < end {
            let block = live(at: address, in: span)
            if let block { body(block) }
            let step = self.step(span)
            address += UInt(step == 0 ? span.byte_count : max(step, block?.byte_count ?? 0))
        }
    }

    /// How far apart blocks of a span may begin; 0 when it holds one.
    private static func step(_ span: midl_span) -> Int {
        switch span.kind {
        case MIDL_SPAN_SLAB: span.block_byte_count
        case MIDL_SPAN_CHUNK: 16
        default: 0
        }
    }

    /// The live block that starts at an address.
    private static func live(at address: UInt, in span: midl_span) -> midl_block? {
        guard let (byteCount, owner) = Core.liveBlock(at: address) else { return nil }
        let isInEnvironmentSpan =
            span.kind == MIDL_SPAN_CHUNK || span.kind == MIDL_SPAN_ENVIRONMENT_BLOCK
        return midl_block(
            start: address, byte_count: byteCount,
            is_of_environment: owner.map { $0 != OwnedBlocks.nobody } ?? isInEnvironmentSpan)
    }

    /// The live block that an address is in; nil when it is in none. Under the pool's lock.
    static func holding(_ address: UInt) -> midl_block? {
        guard let span = Core.span(at: address), span.kind != MIDL_SPAN_FREE else { return nil }
        var start = span.first_block
        if address < start { return nil }
        if span.kind == MIDL_SPAN_SLAB {
            start += (address - start) / UInt(span.block_byte_count) * UInt(span.block_byte_count)
        } else if span.kind == MIDL_SPAN_CHUNK {
            // The first live block at or below it, if that reaches so far.
            start = address & ~15
            while start > span.start && Core.liveByteCount(at: start) == 0 { start -= 16 }
        }
        guard let block = live(at: start, in: span) else { return nil }
        // A described one may have any number of bytes, none included.
        let byteCount = max(16, (block.byte_count + 15) & ~15)
        return address - start < UInt(byteCount) ? block : nil
    }
}
