// A pool without a heap.

import XCTest

@testable import MIDLMemory

final class PoolFixture {
    let region: Region
    var pool: SpanPool

    init(_ byteCount: Int) throws {
        region = try XCTUnwrap(Region.reserve(byteCount: byteCount))
        pool = SpanPool(region: region)
        // However slow the machine.
        pool.hugePages.quickMilliseconds = .max
    }

    deinit { region.release() }

    func take(_ unitCount: Int) throws -> Span {
        let span = try XCTUnwrap(pool.take(unitCount: unitCount))
        XCTAssertEqual(span.unitCount, unitCount)
        span.kind = .large
        return span
    }

    /// A span, followed by one unit that keeps it from its neighbour.
    func takeApart(_ unitCount: Int) throws -> Span {
        let span = try take(unitCount)
        _ = try take(1)
        return span
    }

    func units(_ span: Span) -> Range<Int> {
        region.unit(of: span)..<region.unit(of: span) + span.unitCount
    }

    var freeSpans: [Range<Int>] { region.freeSpans(below: pool.topUnit) }

    func fill(_ span: Span) {
        memset(pointer(region.start(of: span)), 7, span.unitCount * Unit.byteCount)
    }

    /// Returns how many units the pool gave back.
    func decommit(downTo limit: Int) -> Int {
        let before = pool.decommittedUnitCount
        pool.decommit(downTo: limit)
        return pool.decommittedUnitCount - before
    }

    /// 7 while the page that was filled is there.
    func firstByte(_ span: Span) -> UInt8 {
        pointer(region.start(of: span)).load(as: UInt8.self)
    }
}
