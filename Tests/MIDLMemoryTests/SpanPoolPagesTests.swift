import XCTest

@testable import MIDLMemory

/// Which free units have pages, and when they go back.
final class SpanPoolPagesTests: XCTestCase {
    func testPagesStayUntilThereAreTooMany() throws {
        let fixture = try PoolFixture(64 << 20)
        let spans = try (0..<193).map { _ in try fixture.takeApart(1) }
        for span in spans { fixture.fill(span) }
        for span in spans.dropLast() { fixture.pool.give(span) }
        XCTAssertEqual(fixture.pool.dirtyUnitCount, 192)
        XCTAssertTrue(spans.allSatisfy { fixture.firstByte($0) == 7 })
        fixture.pool.give(spans[192])
        XCTAssertEqual(fixture.pool.dirtyUnitCount, 168)
        XCTAssertEqual(spans.filter { fixture.firstByte($0) == 7 }.count, 168)
        XCTAssertTrue(fixture.pool.checkInvariants())
    }

    func testLargestSpansAreDecommittedFirst() throws {
        let fixture = try PoolFixture(16 << 20)
        let spans = try [1, 40, 3].map { try fixture.takeApart($0) }
        for span in spans { fixture.fill(span) }
        for span in spans { fixture.pool.give(span) }
        XCTAssertEqual(fixture.decommit(downTo: 4), 40)
        XCTAssertEqual(fixture.pool.dirtyUnitCount, 4)
        XCTAssertEqual(spans.map { fixture.firstByte($0) }, [7, 0, 7])
        XCTAssertEqual(fixture.decommit(downTo: 0), 4)
        XCTAssertEqual(fixture.decommit(downTo: 0), 0)
        XCTAssertEqual(spans.map { fixture.firstByte($0) }, [0, 0, 0])
        XCTAssertTrue(fixture.pool.checkInvariants())
    }

    /// Of a long span no more than is needed, from its end: the next request takes its start.
    func testTheEndOfASpanIsDecommitted() throws {
        let fixture = try PoolFixture(16 << 20)
        let span = try fixture.takeApart(20)
        fixture.fill(span)
        let units = fixture.units(span).map { fixture.region.span(atUnit: $0) }
        fixture.pool.give(span)
        XCTAssertEqual(fixture.decommit(downTo: 15), 5)
        XCTAssertTrue(units[..<15].allSatisfy { fixture.firstByte($0) == 7 })
        XCTAssertTrue(units[15...].allSatisfy { fixture.firstByte($0) == 0 })
        // Units without pages are none of those that go back then.
        XCTAssertEqual(fixture.decommit(downTo: 13), 2)
        XCTAssertEqual(units.filter { fixture.firstByte($0) == 7 }.count, 13)
        XCTAssertTrue(fixture.pool.checkInvariants())
        let again = try fixture.take(13)
        XCTAssertEqual(again, span)
        XCTAssertEqual(fixture.pool.dirtyUnitCount, 0)
    }

    /// Of a very long one a 64th, also where less is needed: each time its units are looked at from
    /// the end.
    func testALongEndIsDecommitted() throws {
        let fixture = try PoolFixture(256 << 20)
        fixture.pool.give(try fixture.takeApart(2000))
        XCTAssertEqual(fixture.pool.dirtyUnitCount, 168)
        XCTAssertEqual(fixture.decommit(downTo: 167), 31)
        XCTAssertEqual(fixture.decommit(downTo: 100), 37)
        XCTAssertTrue(fixture.pool.checkInvariants())
    }

    /// A part of a clean span that is used and comes back makes as much of it dirty; what is in
    /// use keeps its contents.
    func testDirtCountsSurviveSplittingAndJoining() throws {
        let fixture = try PoolFixture(16 << 20)
        let span = try fixture.take(10)
        let neighbour = try fixture.take(1)
        fixture.fill(neighbour)
        fixture.pool.give(span)
        fixture.pool.decommit(downTo: 0)
        let part = try fixture.take(4)
        XCTAssertEqual(fixture.pool.dirtyUnitCount, 0)
        fixture.fill(part)
        fixture.pool.give(part)
        XCTAssertEqual(fixture.pool.dirtyUnitCount, 4)
        XCTAssertEqual(fixture.pool.freeUnitCount, 10)
        XCTAssertEqual(fixture.decommit(downTo: 0), 4)
        XCTAssertEqual(fixture.firstByte(part), 0)
        XCTAssertEqual(fixture.firstByte(neighbour), 7)
    }

    /// The rest of a split dirty span counts as dirty: none of its pages is forgotten.
    func testRestOfADirtySpanIsDirty() throws {
        let fixture = try PoolFixture(16 << 20)
        let span = try fixture.takeApart(10)
        fixture.fill(span)
        fixture.pool.give(span)
        _ = try fixture.take(4)
        XCTAssertEqual(fixture.pool.dirtyUnitCount, 6)
        XCTAssertEqual(fixture.decommit(downTo: 0), 6)
        XCTAssertEqual(fixture.firstByte(fixture.region.span(atUnit: 4)), 0)
        XCTAssertEqual(fixture.firstByte(fixture.region.span(atUnit: 3)), 7)
    }

    /// A long span may never be given back, and be used in few places: but for the first its records
    /// stay untouched until then. Whatever becomes of it, each of its units counts as used in the end.
    func testLongSpansAreMarkedWhenTheyAreGiven() throws {
        func marked(_ units: Range<Int>, _ fixture: PoolFixture) -> Int {
            units.filter { fixture.region.span(atUnit: $0).isDirty }.count
        }
        for unitCount in [10, 1024, 1025, 1500] {
            let fixture = try PoolFixture(2 << 30)
            let span = try fixture.take(1100)
            XCTAssertEqual(marked(0..<1100, fixture), 1)
            XCTAssertTrue(fixture.pool.resize(span, toUnitCount: unitCount))
            XCTAssertEqual(marked(0..<unitCount, fixture), unitCount < 1100 ? unitCount : 1)
            XCTAssertTrue(fixture.pool.checkInvariants())
            // Beside so much that is in use nothing goes back.
            _ = try fixture.take(20_000)
            fixture.pool.give(span)
            XCTAssertTrue(fixture.pool.checkInvariants())
            XCTAssertGreaterThanOrEqual(fixture.pool.dirtyUnitCount, unitCount)
        }
        let fixture = try PoolFixture(256 << 20)
        let span = try fixture.take(1000)
        XCTAssertEqual(marked(0..<1000, fixture), 1000)
        XCTAssertTrue(fixture.pool.resize(span, toUnitCount: 1024))
        XCTAssertEqual(marked(0..<1024, fixture), 1024)
        XCTAssertTrue(fixture.pool.resize(span, toUnitCount: 2000))
        XCTAssertEqual(marked(0..<2000, fixture), 1024)
        fixture.pool.give(span)
        XCTAssertTrue(fixture.pool.checkInvariants())
    }

    // MARK: Unit by unit

    /// A free span of ten units of which the first four may have pages.
    private func makeHalfCleanSpan(_ fixture: PoolFixture) throws {
        let span = try fixture.takeApart(10)
        fixture.fill(span)
        fixture.pool.give(span)
        fixture.pool.decommit(downTo: 0)
        let part = try fixture.take(4)
        XCTAssertTrue(part.wasTakenZero)
        fixture.fill(part)
        fixture.pool.give(part)
        XCTAssertEqual(fixture.freeSpans, [0..<10])
        XCTAssertEqual(fixture.pool.dirtyUnitCount, 4)
    }

    /// Each part of a span that is cut up knows of its own pages.
    func testSplitKnowsWhichUnitsAreDirty() throws {
        let fixture = try PoolFixture(16 << 20)
        try makeHalfCleanSpan(fixture)
        let first = try fixture.take(3)
        XCTAssertFalse(first.wasTakenZero)
        XCTAssertEqual(fixture.pool.dirtyUnitCount, 1)
        XCTAssertTrue(fixture.pool.checkInvariants())
        let second = try fixture.take(1)
        XCTAssertFalse(second.wasTakenZero)
        XCTAssertEqual(fixture.pool.dirtyUnitCount, 0)
        let third = try fixture.take(6)
        XCTAssertTrue(third.wasTakenZero)
        XCTAssertEqual(fixture.firstByte(third), 0)
        XCTAssertTrue(fixture.pool.checkInvariants())
    }

    /// A clean span between two dirty ones stays clean when they join.
    func testJoinKeepsWhatIsClean() throws {
        let fixture = try PoolFixture(16 << 20)
        let spans = try [2, 3, 4].map { try fixture.take($0) }
        _ = try fixture.take(1)
        fixture.pool.give(spans[1])
        fixture.pool.decommit(downTo: 0)
        fixture.pool.give(spans[0])
        fixture.pool.give(spans[2])
        XCTAssertEqual(fixture.freeSpans, [0..<9])
        XCTAssertEqual(fixture.pool.dirtyUnitCount, 6)
        XCTAssertTrue(fixture.pool.checkInvariants())
        XCTAssertFalse(try fixture.take(2).wasTakenZero)
        XCTAssertTrue(try fixture.take(3).wasTakenZero)
        XCTAssertFalse(try fixture.take(4).wasTakenZero)
    }

    func testDecommitCountsTheDirtyUnitsAndCleansAll() throws {
        let fixture = try PoolFixture(16 << 20)
        try makeHalfCleanSpan(fixture)
        XCTAssertEqual(fixture.decommit(downTo: 3), 1)
        XCTAssertTrue(fixture.pool.checkInvariants())
        XCTAssertEqual(fixture.decommit(downTo: 0), 3)
        XCTAssertEqual(fixture.pool.dirtyUnitCount, 0)
        XCTAssertTrue(fixture.pool.checkInvariants())
        let span = try fixture.take(10)
        XCTAssertTrue(span.wasTakenZero)
        XCTAssertEqual(fixture.firstByte(span), 0)
    }

    /// A span that ends at the top and grows into it is as clean as its own units.
    func testTopRisesBehindADirtySpan() throws {
        for isDirty in [true, false] {
            let fixture = try PoolFixture(16 << 20)
            _ = try fixture.take(1)
            let last = try fixture.take(3)
            fixture.fill(last)
            fixture.pool.give(last)
            if !isDirty { fixture.pool.decommit(downTo: 0) }
            let span = try fixture.take(8)
            XCTAssertEqual(fixture.units(span), 1..<9)
            XCTAssertEqual(span.wasTakenZero, !isDirty)
            XCTAssertEqual(fixture.pool.dirtyUnitCount, 0)
            XCTAssertTrue(fixture.pool.checkInvariants())
        }
    }

    /// What an aligned span leaves at both ends is as dirty as it was.
    func testAlignedTakeKnowsWhichUnitsAreDirty() throws {
        let fixture = try PoolFixture(16 << 20)
        try makeHalfCleanSpan(fixture)
        // Of units 0 to 6, the first at a multiple of four units that is not the first of all.
        let before = try fixture.take(1)
        let span = try XCTUnwrap(
            fixture.pool.take(unitCount: 2, alignment: UInt(4 * Unit.byteCount)))
        span.kind = .large
        let start = fixture.region.start(of: span)
        XCTAssertEqual(start % UInt(4 * Unit.byteCount), 0)
        XCTAssertEqual(fixture.units(span), 4..<6)
        XCTAssertTrue(span.wasTakenZero)
        XCTAssertEqual(fixture.pool.dirtyUnitCount, 3)
        XCTAssertEqual(fixture.freeSpans, [1..<4, 6..<10])
        XCTAssertTrue(fixture.pool.checkInvariants())
        fixture.pool.give(before)
        fixture.pool.give(span)
        XCTAssertEqual(fixture.pool.dirtyUnitCount, 6)
        let again = try XCTUnwrap(
            fixture.pool.take(unitCount: 1, alignment: UInt(4 * Unit.byteCount)))
        again.kind = .large
        XCTAssertFalse(again.wasTakenZero)
        XCTAssertTrue(fixture.pool.checkInvariants())
    }

    /// Units that a block takes in or gives back when it is resized.
    func testResizingKnowsWhichUnitsAreDirty() throws {
        let fixture = try PoolFixture(16 << 20)
        let span = try fixture.take(6)
        _ = try fixture.take(1)
        XCTAssertTrue(fixture.pool.resize(span, toUnitCount: 2))
        XCTAssertEqual(fixture.pool.dirtyUnitCount, 4)
        XCTAssertTrue(fixture.pool.resize(span, toUnitCount: 3))
        XCTAssertEqual(fixture.pool.dirtyUnitCount, 3)
        XCTAssertTrue(fixture.pool.checkInvariants())
        fixture.pool.decommit(downTo: 0)
        XCTAssertTrue(fixture.pool.resize(span, toUnitCount: 6))
        fixture.pool.give(span)
        XCTAssertEqual(fixture.pool.dirtyUnitCount, 6)
        XCTAssertTrue(fixture.pool.checkInvariants())
    }

    /// Whatever happens, a free unit that is not dirty is zero, and so is a span that is taken so.
    func testUnitsThatAreNotDirtyAreZero() throws {
        for seed in 1...4 as ClosedRange<UInt64> {
            let fixture = try PoolFixture(16 << 20)
            var generator = SeededGenerator(seed: seed)
            var spans: [Span] = []
            for _ in 0..<500 {
                let count = Int.random(in: 1...12, using: &generator)
                switch Int.random(in: 0..<12, using: &generator) {
                case 0: fixture.pool.decommit(downTo: .random(in: 0...40, using: &generator))
                case 1...4:
                    guard let span = fixture.pool.take(unitCount: count) else { continue }
                    spans.append(use(span, fixture))
                case 5:
                    let alignment = UInt(Unit.byteCount) << UInt(count % 4)
                    guard let span = fixture.pool.take(unitCount: count, alignment: alignment)
                    else { continue }
                    spans.append(use(span, fixture))
                case 6 where !spans.isEmpty:
                    let span = spans[.random(in: 0..<spans.count, using: &generator)]
                    _ = fixture.pool.resize(span, toUnitCount: count)
                    touch(span, fixture)
                default:
                    if spans.isEmpty { continue }
                    let index = Int.random(in: 0..<spans.count, using: &generator)
                    fixture.pool.give(spans.remove(at: index))
                }
                XCTAssertTrue(fixture.pool.checkInvariants())
                expectCleanUnitsAreZero(fixture)
            }
        }
    }

    private func use(_ span: Span, _ fixture: PoolFixture) -> Span {
        span.kind = .large
        if span.wasTakenZero {
            XCTAssertTrue(fixture.units(span).allSatisfy { isZero($0, fixture) })
        }
        touch(span, fixture)
        return span
    }

    private func touch(_ span: Span, _ fixture: PoolFixture) {
        for unit in fixture.units(span) {
            pointer(fixture.region.address(ofUnit: unit)).storeBytes(of: 7, as: UInt8.self)
        }
    }

    private func isZero(_ unit: Int, _ fixture: PoolFixture) -> Bool {
        pointer(fixture.region.address(ofUnit: unit)).load(as: UInt8.self) == 0
    }

    private func expectCleanUnitsAreZero(_ fixture: PoolFixture) {
        for unit in fixture.freeSpans.joined()
        where !fixture.region.span(atUnit: unit).isDirty && !isZero(unit, fixture) {
            XCTFail("unit \(unit)")
        }
    }

    // MARK: Retention

    /// Units that come and go faster than the pool can return them are kept after a while.
    func testPoolLearnsToKeepWhatIsWantedAgainAtOnce() throws {
        let fixture = try PoolFixture(64 << 20)
        for _ in 0..<1000 {
            fixture.pool.give(try fixture.take(300))
            if fixture.pool.retention.keptUnitCount(used: 0) >= 512 { break }
        }
        XCTAssertGreaterThanOrEqual(fixture.pool.retention.keptUnitCount(used: 0), 512)
        let returned = fixture.pool.decommittedUnitCount
        for _ in 0..<10 { fixture.pool.give(try fixture.take(300)) }
        XCTAssertEqual(fixture.pool.decommittedUnitCount, returned)
    }

    /// Also what grows in place, up or at the top, is taken.
    func testUnitsThatABlockGrowsByAreWantedAgain() throws {
        for isAtTop in [false, true] {
            let fixture = try PoolFixture(64 << 20)
            let (first, second) = (try fixture.take(1), try fixture.take(300))
            if !isAtTop { _ = try fixture.take(1) }
            fixture.pool.give(second)
            XCTAssertEqual(fixture.pool.decommittedUnitCount, 132)
            XCTAssertTrue(fixture.pool.resize(first, toUnitCount: isAtTop ? 401 : 301))
            XCTAssertGreaterThanOrEqual(fixture.pool.retention.keptUnitCount(used: 0), 301)
            XCTAssertEqual(fixture.pool.peakUsedUnitCount, isAtTop ? 401 : 302)
        }
    }

    /// What is in use decides when it is more than the limit.
    func testAnEighthOfWhatIsInUseIsKept() throws {
        let fixture = try PoolFixture(256 << 20)
        _ = try fixture.take(3000)
        let spans = try (0..<376).map { _ in try fixture.takeApart(1) }
        for span in spans.dropLast() { fixture.pool.give(span) }
        // 3000 and those that keep them apart.
        XCTAssertEqual(fixture.pool.usedUnitCount, 3377)
        XCTAssertEqual(fixture.pool.dirtyUnitCount, 375)
        XCTAssertEqual(fixture.pool.decommittedUnitCount, 0)
    }
}
