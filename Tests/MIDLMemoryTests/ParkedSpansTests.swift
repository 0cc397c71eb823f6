import XCTest

@testable import MIDLMemory

final class ParkedSpansTests: XCTestCase {
    private func spanRecord(_ block: UnsafeMutableRawPointer, _ fixture: HeapFixture) -> Span {
        fixture.region.span(atUnit: fixture.region.unit(of: UInt(bitPattern: block)))
    }

    func testTheNewestSpanOfTheSameUnitsComesBack() throws {
        let fixture = try HeapFixture()
        let blocks = try [70_000, 100_000, 200_000].map { try fixture.allocate($0) }
        fixture.free(blocks)
        try fixture.expectLive(small: 0)
        XCTAssertEqual(fixture.caches[0].record.pointee.parked.count, 3)
        // 70,000 and 100,000 bytes are two units both.
        for (byteCount, block) in [
            (131_072, blocks[1]), (65_537, blocks[0]), (200_000, blocks[2]),
        ] {
            let new = try fixture.allocate(byteCount)
            let again = spanRecord(new, fixture)
            XCTAssertEqual(again, spanRecord(block, fixture))
            let end = fixture.region.start(of: again) + UInt(again.unitCount * Unit.byteCount)
            XCTAssertLessThanOrEqual(UInt(bitPattern: new) + UInt(byteCount), end)
            XCTAssertEqual(again.largeByteCount, Page.roundUp(byteCount))
        }
        XCTAssertEqual(fixture.caches[0].record.pointee.parked.count, 0)
        try fixture.expectLive(small: 0, large: 3)
    }

    func testOneMoreThanThereIsRoomForSendsTheOthersToThePool() throws {
        let fixture = try HeapFixture()
        let blocks = try (0..<20).map { _ in try fixture.allocate(65_536) }
        let before = fixture.heap.withPool { $0.freeUnitCount }
        fixture.free(blocks)
        XCTAssertEqual(fixture.caches[0].record.pointee.parked.count, 4)
        XCTAssertEqual(fixture.heap.withPool { $0.freeUnitCount }, before + 16)
        // By their units: of three of 500 KB the last two stay.
        let large = try (0..<3).map { _ in try fixture.allocate(500_000) }
        fixture.free(large)
        XCTAssertEqual(fixture.caches[0].record.pointee.parked.count, 2)
        try fixture.expectLive(small: 0)
        try fixture.expectEmptyAtEnd()
    }

    /// Frees and allocates more than the room at first, again and again.
    private func comeAndGo(_ fixture: HeapFixture, on cache: Int = 0) throws {
        for _ in 0..<10 {
            let blocks = try (0..<30).map { _ in try fixture.allocate(100_000, on: cache) }
            for block in blocks { fixture.free(block, on: cache) }
        }
    }

    private func parkingUnitCount(_ fixture: HeapFixture) -> Int {
        fixture.heap.withPool { $0.parkingUnitCount }
    }

    func testTheRoomGrowsWhereWhatLeftIsFetchedAgain() throws {
        let fixture = try HeapFixture()
        try comeAndGo(fixture)
        XCTAssertEqual(parkingUnitCount(fixture), 48)
        XCTAssertEqual(fixture.caches[0].record.pointee.parked.count, 30)
        try fixture.expectLive(small: 0)
        // The room stays while the thread does.
        fixture.caches[0].giveParked()
        XCTAssertEqual(parkingUnitCount(fixture), 48)
        try fixture.expectEmptyAtEnd()
        XCTAssertEqual(parkingUnitCount(fixture), 0)
    }

    func testAPeakThatGoesBackTeachesNothing() throws {
        let fixture = try HeapFixture()
        let blocks = try (0..<200).map { _ in try fixture.allocate(100_000) }
        fixture.free(blocks)
        XCTAssertEqual(parkingUnitCount(fixture), 0)
        // Eight were parked; the three from the pool are less than half of those that left last.
        let few = try (0..<11).map { _ in try fixture.allocate(100_000) }
        fixture.free(few)
        XCTAssertEqual(parkingUnitCount(fixture), 0)
        try fixture.expectEmptyAtEnd()
    }

    func testThreadsTogetherParkHalfOfWhatMayBeKept() throws {
        let fixture = try HeapFixture(cacheCount: 4)
        for cache in 0..<4 { try comeAndGo(fixture, on: cache) }
        XCTAssertEqual(parkingUnitCount(fixture), 96)
        // The pool keeps as much less; half of them were the first thread's.
        _ = fixture.trim()
        let blocks = try (0..<12).map { _ in try fixture.allocate(2 << 20) }
        fixture.free(blocks)
        XCTAssertLessThanOrEqual(fixture.heap.withPool { $0.dirtyUnitCount }, 192 - 48)
        try fixture.expectEmptyAtEnd()
        XCTAssertEqual(parkingUnitCount(fixture), 0)
    }

    func testAVeryLargeBlockGoesStraightToThePool() throws {
        let fixture = try HeapFixture()
        let block = try fixture.allocate(3 << 20)
        fixture.free(block)
        XCTAssertEqual(fixture.caches[0].record.pointee.parked.count, 0)
        XCTAssertEqual(spanRecord(block, fixture).kind, .free)
    }

    func testAParkedBlockWasFreedTwiceAndIsNotTakenForFresh() throws {
        let fixture = try HeapFixture()
        let block = try fixture.allocate(100_000)
        memset(block, 7, 100_000)
        fixture.free(block)
        let address = UInt(bitPattern: block)
        XCTAssertFalse(fixture.caches[0].freeLarge(address))
        XCTAssertEqual(Misuse.cause(address, fixture.heap), .freedTwice)
        XCTAssertEqual(Misuse.cause(address + 4096, fixture.heap), .interior)
        XCTAssertEqual(try fixture.allocate(100_000), block)
        XCTAssertFalse(spanRecord(block, fixture).wasTakenZero)
    }

    func testTrimAndTheEndOfTheThreadGiveThemBack() throws {
        let fixture = try HeapFixture(cacheCount: 2)
        fixture.free(try fixture.allocate(100_000, on: 0), on: 0)
        fixture.free(try fixture.allocate(100_000, on: 1), on: 1)
        _ = fixture.trim(on: 0)
        XCTAssertEqual(fixture.caches[0].record.pointee.parked.count, 0)
        fixture.orphan(1)
        XCTAssertEqual(fixture.caches[1].record.pointee.parked.count, 0)
        try fixture.expectEmptyAtEnd()
    }
}
