import XCTest

@testable import MIDLMemory

final class TrimTests: XCTestCase {
    func testTrimReturnsTheUnitsOfFreeSpans() throws {
        let fixture = try HeapFixture()
        let block = try fixture.allocate(20 * Unit.byteCount)
        memset(block, 9, 20 * Unit.byteCount)
        fixture.free(block)
        XCTAssertEqual(block.load(as: UInt8.self), 9)
        XCTAssertEqual(fixture.trim(), 20 * Unit.byteCount)
        XCTAssertEqual(block.load(as: UInt8.self), 0)
        XCTAssertEqual(fixture.heap.withPool { $0.dirtyUnitCount }, 0)
        XCTAssertEqual(fixture.trim(), 0)
        try fixture.expectEmptyAtEnd()
    }

    func testTrimEmptiesTheCacheAndTheLastSlabs() throws {
        let fixture = try HeapFixture()
        let blocks = try SizeClass.all.flatMap { try fixture.allocate(1, of: $0) }
        fixture.free(blocks)
        XCTAssertEqual(fixture.slabCount, SizeClass.all.count)
        fixture.caches[0].flush()
        XCTAssertEqual(fixture.slabCount, SizeClass.all.count)
        _ = fixture.trim()
        XCTAssertEqual(fixture.heap.withPool { $0.dirtyUnitCount }, 0)
        XCTAssertEqual(try fixture.census(), Census())
        try fixture.expectEmptyAtEnd()
    }

    /// Slabs that retire are more than the pool keeps, so that it gives pages back on its own
    /// while the heap is trimmed; those count as well.
    func testTrimCountsWhatThePoolGivesBackMeanwhile() throws {
        let fixture = try HeapFixture()
        fixture.free(
            try SizeClass.all.flatMap { try fixture.allocate(4 * $0.slabBlockCount, of: $0) })
        let unitCount = SizeClass.all.map { 4 * $0.slabUnitCount }.reduce(0, +)
        XCTAssertGreaterThan(unitCount, 256)
        let returned = fixture.heap.withPool { $0.decommittedUnitCount }
        XCTAssertEqual(fixture.trim(), (unitCount - returned) * Unit.byteCount)
    }

    func testTrimTakesInWhatOthersFreed() throws {
        let fixture = try HeapFixture(cacheCount: 3)
        let blocks = try fixture.allocate(100, of: SizeClass(holding: 4096))
        fixture.free(blocks, on: 1)
        fixture.caches[1].flush()
        XCTAssertTrue(fixture.caches[0].hasPending)
        // Not of a cache that has a thread.
        XCTAssertEqual(fixture.trim(on: 2), 0)
        XCTAssertTrue(fixture.caches[0].hasPending)
        XCTAssertGreaterThan(fixture.trim(on: 0), 0)
        XCTAssertEqual(try fixture.census(), Census())
    }

    /// Blocks that a lost race left pending with an orphan are taken in by the next trim.
    func testTrimTidiesOrphans() throws {
        let fixture = try HeapFixture(cacheCount: 3)
        let blocks = try fixture.allocate(10, of: .first)
        fixture.caches[0].flush()
        XCTAssertTrue(fixture.caches[0].changeState(from: CacheState.attached, to: 2))
        fixture.free(blocks, on: 1)
        fixture.caches[1].flush()
        XCTAssertTrue(fixture.caches[0].changeState(from: 2, to: CacheState.orphaned))
        XCTAssertEqual(fixture.trim(on: 2), Unit.byteCount)
        XCTAssertEqual(try fixture.census(), Census())
        try fixture.expectEmptyAtEnd()
    }

    func testTrimLeavesLiveBlocksAsTheyAre() throws {
        let fixture = try HeapFixture(byteCount: 16 << 20)
        var (model, generator) = (BlockModel(), SeededGenerator(seed: 3))
        for _ in 0..<400 {
            if let block = fixture.tryAllocate(generator.byteCount(largeLimit: 200_000)) {
                model.add(block, fixture.heap)
            }
            fixture.free(try fixture.allocate(300_000))
        }
        for _ in 0..<200 { fixture.free(model.removeAny(using: &generator)) }
        XCTAssertGreaterThan(fixture.trim(), 0)
        try fixture.expectLive(small: model.smallCount, large: model.largeCount)
        while !model.blocks.isEmpty { fixture.free(model.removeAny(using: &generator)) }
        try fixture.expectEmptyAtEnd()
    }

    /// The size is all that may be used, and it is the caller's alone.
    func testSizeIsThatOfTheClassOrWholePages() throws {
        let fixture = try HeapFixture()
        for byteCount in 0...2000 {
            let address = UInt(bitPattern: try fixture.allocate(byteCount))
            XCTAssertEqual(
                fixture.heap.byteCount(ofBlockAt: address),
                SizeClass(holding: byteCount).blockByteCount)
        }
        let large = UInt(bitPattern: try fixture.allocate(50_000))
        XCTAssertEqual(fixture.heap.byteCount(ofBlockAt: large), 53_248)
    }
}
