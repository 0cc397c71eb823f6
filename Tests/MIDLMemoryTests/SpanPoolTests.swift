import XCTest

@testable import MIDLMemory

/// Which units are in use, one flag each: what the pool's lists must amount to.
private struct NaivePool {
    var isUsed: [Bool] = []
    let limit: Int

    var freeRuns: [Range<Int>] {
        var (runs, start): ([Range<Int>], Int?) = ([], nil)
        for unit in 0...isUsed.count {
            let isFree = unit < isUsed.count && !isUsed[unit]
            if isFree, start == nil { start = unit }
            if !isFree, let first = start {
                runs.append(first..<unit)
                start = nil
            }
        }
        return runs
    }

    /// Where a span may come from: any of the smallest runs that fit, else the top; empty when
    /// there is no room.
    func places(for unitCount: Int) -> [Int] {
        let runs = freeRuns
        if let best = runs.map(\.count).filter({ $0 >= unitCount }).min() {
            return runs.filter { $0.count == best }.map(\.lowerBound)
        }
        let last = runs.last.flatMap { $0.upperBound == isUsed.count ? $0.lowerBound : nil }
        let start = last ?? isUsed.count
        return start + unitCount <= limit ? [start] : []
    }

    mutating func mark(_ units: Range<Int>, used: Bool) {
        while isUsed.count < units.upperBound { isUsed.append(false) }
        for unit in units { isUsed[unit] = used }
    }
}

final class SpanPoolTests: XCTestCase {
    // MARK: Against the naive pool

    func testRandomRunsAgreeWithTheNaivePool() throws {
        for seed in 0..<6 as Range<UInt64> {
            try run(seed: seed, byteCount: seed % 2 == 0 ? 4 << 20 : 32 << 20)
        }
    }

    private func run(seed: UInt64, byteCount: Int) throws {
        let fixture = try PoolFixture(byteCount)
        var generator = SeededGenerator(seed: seed)
        var naive = NaivePool(limit: fixture.region.unitCount)
        var spans: [Span] = []
        for _ in 0..<700 {
            // Some runs fill the region, others hover.
            let grows = Int.random(in: 0..<100, using: &generator) < (seed % 3 == 0 ? 65 : 50)
            if grows || spans.isEmpty {
                let wide = Int.random(in: 0..<8, using: &generator) == 0
                let count = Int.random(in: 1...(wide ? 90 : 6), using: &generator)
                let places = naive.places(for: count)
                let span = fixture.pool.take(unitCount: count)
                XCTAssertEqual(span == nil, places.isEmpty)
                if let span {
                    XCTAssertTrue(places.contains(fixture.region.unit(of: span)))
                    XCTAssertEqual(span.unitCount, count)
                    span.kind = .large
                    spans.append(span)
                    naive.mark(fixture.units(span), used: true)
                }
            } else {
                give(spans.remove(at: .random(in: 0..<spans.count, using: &generator)))
            }
            check(fixture, naive)
        }
        for span in spans.shuffled(using: &generator) {
            give(span)
            check(fixture, naive)
        }
        XCTAssertEqual(fixture.freeSpans, [0..<fixture.pool.topUnit])

        func give(_ span: Span) {
            naive.mark(fixture.units(span), used: false)
            fixture.pool.give(span)
            let kept = fixture.pool.retention.keptUnitCount(used: fixture.pool.usedUnitCount)
            XCTAssertLessThanOrEqual(fixture.pool.dirtyUnitCount, kept)
        }
    }

    private func check(_ fixture: PoolFixture, _ naive: NaivePool) {
        XCTAssertTrue(fixture.pool.checkInvariants())
        XCTAssertEqual(fixture.pool.topUnit, naive.isUsed.count)
        XCTAssertEqual(fixture.freeSpans, naive.freeRuns)
        XCTAssertEqual(fixture.pool.freeUnitCount, naive.freeRuns.map(\.count).reduce(0, +))
    }

    // MARK: By hand

    func testFreedSpanJoinsWithBothNeighbours() throws {
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            for widths in [[1, 1, 1], [3, 1, 2], [1, 5, 1], [70, 2, 64]] {
                let fixture = try PoolFixture(16 << 20)
                _ = try fixture.take(1)
                let spans = try widths.map { try fixture.take($0) }
                _ = try fixture.take(1)
                for index in order { fixture.pool.give(spans[index]) }
                XCTAssertEqual(fixture.freeSpans, [1..<1 + widths.reduce(0, +)])
                XCTAssertTrue(fixture.pool.checkInvariants())
            }
        }
    }

    func testSmallestSpanThatFitsIsTaken() throws {
        let fixture = try PoolFixture(32 << 20)
        let spans = try [80, 10, 65, 3].map { try fixture.takeApart($0) }
        let places = spans.map { fixture.units($0) }
        for span in spans { fixture.pool.give(span) }
        for (unitCount, place) in [(2, 3), (4, 1), (6, 1), (64, 2), (80, 0)] {
            let units = fixture.units(try fixture.take(unitCount))
            XCTAssertTrue(places[place].clamped(to: units) == units, "\(unitCount) at \(units)")
            XCTAssertTrue(fixture.pool.checkInvariants())
        }
        XCTAssertEqual(fixture.freeSpans.map(\.count), [1, 1])
    }

    func testTopRisesOnlyByWhatTheLastFreeSpanLacks() throws {
        let fixture = try PoolFixture(4 << 20)
        _ = try fixture.take(2)
        fixture.pool.give(try fixture.take(5))
        XCTAssertEqual(fixture.units(try fixture.take(8)), 2..<10)
        XCTAssertEqual(fixture.pool.topUnit, 10)
        XCTAssertEqual(fixture.pool.freeUnitCount, 0)
        XCTAssertTrue(fixture.pool.checkInvariants())
    }

    func testExhaustedPoolKeepsWhatItHas() throws {
        let fixture = try PoolFixture(4 << 20)
        let first = try fixture.take(30)
        let last = try fixture.take(34)
        XCTAssertNil(fixture.pool.take(unitCount: 1))
        fixture.pool.give(last)
        XCTAssertNil(fixture.pool.take(unitCount: 35))
        XCTAssertEqual(fixture.freeSpans, [30..<64])
        XCTAssertTrue(fixture.pool.checkInvariants())
        fixture.pool.give(first)
        XCTAssertEqual(fixture.units(try fixture.take(64)), 0..<64)
        XCTAssertNil(fixture.pool.take(unitCount: 1))
    }
}
