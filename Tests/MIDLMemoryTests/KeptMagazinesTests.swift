import XCTest

@testable import MIDLMemory

/// How many full magazines a thread keeps, and how it learns to keep more.
final class KeptMagazinesTests: XCTestCase {
    private let sizeClass = SizeClass(holding: 4096)

    private func sent(_ cache: ThreadCache) -> Int {
        cache.record.pointee.sentHomeCounts[sizeClass.index]
    }

    private func setSent(_ count: Int, _ cache: ThreadCache) {
        cache.record.pointee.sentHomeCounts[sizeClass.index] = count
    }

    // MARK: Learning

    func testWhatIsKeptDoublesWhenAllThatWentHomeWasFetchedAgain() throws {
        let fixture = try HeapFixture()
        let cache = fixture.caches[0]
        XCTAssertTrue(SizeClass.all.allSatisfy { cache.keptUnitCount(of: $0) == 1 })
        // Nothing went home.
        cache.learn(fetchedBlockCount: 50, sizeClass)
        XCTAssertEqual(cache.keptUnitCount(of: sizeClass), 1)
        setSent(100, cache)
        for (count, rest, kept) in [(60, 40, 1), (39, 1, 1), (1, 0, 2), (100, 0, 2)] {
            cache.learn(fetchedBlockCount: count, sizeClass)
            XCTAssertEqual(sent(cache), rest)
            XCTAssertEqual(cache.keptUnitCount(of: sizeClass), kept)
        }
        // More than went home is not less than nothing; and there is an end.
        for kept in [4, 8, 16, 32, 64, 64, 64] {
            setSent(10, cache)
            cache.learn(fetchedBlockCount: 11, sizeClass)
            XCTAssertEqual(sent(cache), 0)
            XCTAssertEqual(cache.keptUnitCount(of: sizeClass), kept)
        }
        // Each class learns for itself.
        XCTAssertEqual(cache.keptUnitCount(of: .first), 1)
        setSent(0, cache)
        try fixture.expectEmptyAtEnd()
    }

    /// A single peak is not fetched again.
    func testAPeakTeachesNothing() throws {
        let fixture = try HeapFixture()
        fixture.free(try fixture.allocate(500, of: sizeClass))
        XCTAssertEqual(fixture.caches[0].keptUnitCount(of: sizeClass), 1)
        XCTAssertGreaterThan(sent(fixture.caches[0]), 300)
        XCTAssertLessThanOrEqual(fixture.slabCount, 2)
    }

    /// What comes and goes in turn stays with the thread after a few turns: no block goes home.
    func testWhatComesAndGoesInTurnStays() throws {
        for byteCount in [64, 4096, 16384] {
            let fixture = try HeapFixture()
            let (cache, sizeClass) = (fixture.caches[0], SizeClass(holding: byteCount))
            let count = 1 << 20 / byteCount
            for _ in 0..<12 { fixture.free(try fixture.allocate(count, of: sizeClass)) }
            XCTAssertGreaterThanOrEqual(cache.keptUnitCount(of: sizeClass), 16)
            let slabs = fixture.slabs.map { [$0.carvedCount, $0.freeCount] }
            for _ in 0..<5 {
                fixture.free(try fixture.allocate(count, of: sizeClass))
                XCTAssertEqual(fixture.slabs.map { [$0.carvedCount, $0.freeCount] }, slabs)
                try fixture.expectLive(small: 0)
            }
            try fixture.expectEmptyAtEnd()
        }
    }

    // MARK: The bound

    /// Of each class 64 KiB for each unit, at least of one.
    func testBoundRisesWithWhatWasLearnt() throws {
        for kept in [1, 2, 8, 64] {
            let fixture = try HeapFixture(byteCount: 64 << 20)
            let cache = fixture.caches[0]
            cache.record.pointee.keptUnitCounts[sizeClass.index] = UInt8(kept)
            let blocks = try fixture.allocate(4000, of: sizeClass)
            cache.flush()
            setSent(0, cache)
            fixture.free(Array(blocks[..<1500]))
            XCTAssertEqual(cache.fullMagazineCount(of: sizeClass), kept)
            XCTAssertEqual(sent(cache) > 0, true)
            try fixture.expectLive(small: 2500)
        }
    }

    /// Magazines are counted in a byte.
    func testNoMoreThan255AreKept() throws {
        let fixture = try HeapFixture(byteCount: 64 << 20)
        let cache = fixture.caches[0]
        cache.record.pointee.keptUnitCounts[SizeClass.first.index] = 64
        let blocks = try fixture.allocate(100_000, of: .first)
        cache.flush()
        fixture.free(Array(blocks[..<50_000]))
        XCTAssertEqual(cache.fullMagazineCount(of: .first), 255)
        try fixture.expectLive(small: 50_000)
        _ = try fixture.allocate(60_000, of: .first)
        XCTAssertEqual(cache.fullMagazineCount(of: .first), 0)
        try fixture.expectLive(small: 110_000)
    }

    // MARK: Hoarding

    /// Units that may be kept are not looked at; with one more, and half of what is out in magazines,
    /// all goes home.
    func testHoardGoesHomeBeyondTheKeptUnits() throws {
        for kept in [1, 3, 4, 5] {
            let fixture = try HeapFixture()
            let cache = fixture.caches[0]
            cache.record.pointee.keptUnitCounts[sizeClass.index] = UInt8(kept)
            // Four slabs of sixteen blocks.
            let blocks = try fixture.allocate(64, of: sizeClass)
            cache.flush()
            setSent(0, cache)
            XCTAssertEqual(cache.slabUnitCount(of: sizeClass), 4)
            fixture.free(Array(blocks[..<48]))
            // 4 and 8 five times, of which some may be kept, the rest in the loaded one.
            let isHoarding = kept < 4
            XCTAssertEqual(
                sent(cache) > 0, isHoarding || 48 > 8 * (cache.keptLimit(of: sizeClass) + 2))
            if !isHoarding { XCTAssertEqual(cachedCount(cache), 48) }
            if isHoarding { XCTAssertLessThan(cachedCount(cache), 24) }
            try fixture.expectLive(small: 16)
        }
    }

    private func cachedCount(_ cache: ThreadCache) -> Int {
        (cache.loadedBlockCount(of: sizeClass) ?? 0)
            + (cache.previousBlockCount(of: sizeClass) ?? 0)
            + cache.record.pointee.fullBlockCounts[sizeClass.index]
    }
}
