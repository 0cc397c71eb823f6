import XCTest

@testable import MIDLMemory

/// How many full magazines a thread keeps, and how it learns to keep more.
final class KeptMagazinesTests: XCTestCase {
    private let sizeClass = SizeClass(holding: 4096)

    private func sent(_ cache: ThreadCache) -> Int {
        Int(cache.record.pointee.sentHomeCounts[sizeClass.index])
    }

    private func forget(_ cache: ThreadCache) {
        cache.record.pointee.sentHomeCounts[sizeClass.index] = 0
        cache.record.pointee.fetchedCounts[sizeClass.index] = 0
    }

    // MARK: Learning

    func testWhatIsKeptDoublesWhenAllThatWentHomeWasFetchedAgain() throws {
        let fixture = try HeapFixture()
        let cache = fixture.caches[0]
        XCTAssertTrue(SizeClass.all.allSatisfy { cache.keptUnitCount(of: $0) == 1 })
        // What is fetched before anything went home teaches nothing, nor what is fetched at last.
        var keptBefore = 1
        for (fetched, homeGoing, kept) in [
            (50, 60, 1), (0, 40, 1), (99, 10, 1), (9, 7, 1), (7, 30, 2), (100, 100, 4), (99, 5, 4),
        ] {
            cache.didFetch(fetched, sizeClass)
            XCTAssertEqual(cache.keptUnitCount(of: sizeClass), keptBefore)
            cache.didSendHome(homeGoing, sizeClass)
            XCTAssertEqual(cache.keptUnitCount(of: sizeClass), kept, "\(fetched), \(homeGoing)")
            keptBefore = kept
        }
        // There is an end.
        for kept in [8, 16, 32, 64, 64, 64] {
            cache.didFetch(10, sizeClass)
            cache.didSendHome(10, sizeClass)
            XCTAssertEqual(cache.keptUnitCount(of: sizeClass), kept)
        }
        // Each class learns for itself.
        XCTAssertEqual(cache.keptUnitCount(of: .first), 1)
        forget(cache)
        try fixture.expectEmptyAtEnd()
    }

    /// A peak that was before does not keep the thread from learning what comes and goes after it.
    func testAPeakBeforeIsForgotten() throws {
        let fixture = try HeapFixture()
        let (cache, sizeClass) = (fixture.caches[0], SizeClass(holding: 16))
        let live = try fixture.allocate(300_000, of: sizeClass)
        fixture.free(Array(live[100_000...]))
        XCTAssertEqual(cache.keptUnitCount(of: sizeClass), 1)
        for _ in 0..<12 { fixture.free(try fixture.allocate(30_000, of: sizeClass)) }
        XCTAssertEqual(cache.keptUnitCount(of: sizeClass), 8)
        let sentBefore = cache.record.pointee.sentHomeCounts[sizeClass.index]
        for _ in 0..<5 { fixture.free(try fixture.allocate(30_000, of: sizeClass)) }
        XCTAssertEqual(cache.record.pointee.sentHomeCounts[sizeClass.index], sentBefore)
        try fixture.expectLive(small: 100_000)
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
            forget(cache)
            fixture.free(Array(blocks[..<1500]))
            XCTAssertEqual(cache.fullMagazineCount(of: sizeClass), kept)
            XCTAssertEqual(sent(cache) > 0, true)
            try fixture.expectLive(small: 2500)
        }
    }

    /// Sizes that came and went may never come again.
    func testAllClassesTogetherKeepABoundedAmount() throws {
        let fixture = try HeapFixture(byteCount: 256 << 20)
        let cache = fixture.caches[0]
        for sizeClass in stride(from: 9, through: 64, by: 2).map({ SizeClass(index: $0) }) {
            for _ in 0..<8 {
                let count = (4 << 20) / sizeClass.blockByteCount
                fixture.free(try fixture.allocate(count, of: sizeClass))
            }
            let learnt = SizeClass.all.map { cache.keptUnitCount(of: $0) - 1 }.reduce(0, +)
            XCTAssertEqual(cache.record.pointee.learntUnitCount, learnt)
            XCTAssertLessThanOrEqual(learnt, 1024 + 32)
        }
        XCTAssertLessThan(fixture.heap.withPool { $0.usedUnitCount }, 1300)
        try fixture.expectEmptyAtEnd()
    }

    /// Each takes a KiB.
    func testNoMoreThan1023AreKept() throws {
        let fixture = try HeapFixture(byteCount: 64 << 20)
        let cache = fixture.caches[0]
        cache.record.pointee.keptUnitCounts[SizeClass.first.index] = 64
        let blocks = try fixture.allocate(300_000, of: .first)
        cache.flush()
        fixture.free(Array(blocks[..<150_000]))
        XCTAssertEqual(cache.fullMagazineCount(of: .first), 1023)
        try fixture.expectLive(small: 150_000)
        _ = try fixture.allocate(160_000, of: .first)
        XCTAssertEqual(cache.fullMagazineCount(of: .first), 0)
        try fixture.expectLive(small: 310_000)
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
            forget(cache)
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
