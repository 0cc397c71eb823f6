import XCTest

@testable import MIDLMemory

final class LargeBlockTests: XCTestCase {
    func testBlocksAboveTheClassesHaveSpansOfTheirOwn() throws {
        let fixture = try HeapFixture()
        for (byteCount, usable, unitCount) in [
            (32769, 36864, 1), (65536, 65536, 1), (65537, 69632, 2), (131072, 131072, 2),
            (1 << 20 + 1, 1 << 20 + 4096, 17),
        ] {
            let address = UInt(bitPattern: try fixture.allocate(byteCount))
            let span = fixture.region.span(atUnit: fixture.region.unit(of: address))
            XCTAssertEqual(address % UInt(Page.byteCount), 0)
            XCTAssertEqual(span.kind, .large)
            XCTAssertEqual(span.unitCount, unitCount)
            XCTAssertEqual(fixture.heap.byteCount(ofBlockAt: address), usable)
            XCTAssertEqual(fixture.region.tag(at: address), SizeClass.large.index)
            memset(pointer(address), 3, usable)
        }
        try fixture.expectLive(small: 0, large: 5)
    }

    /// They begin at different distances from the start of a span, and end in it.
    func testBlocksBeginAtDifferentPages() throws {
        let fixture = try HeapFixture()
        let addresses = try (0..<32).map { _ in UInt(bitPattern: try fixture.allocate(40_000)) }
        let offsets = addresses.map { ($0 - fixture.region.base) % UInt(Unit.byteCount) }
        XCTAssertEqual(Set(offsets), Set((0...6).map { $0 * 4096 }))
        let full = UInt(bitPattern: try fixture.allocate(65_536))
        XCTAssertEqual((full - fixture.region.base) % UInt(Unit.byteCount), 0)
    }

    /// Those that are not parked begin in few pages of a unit: as many bits of its number are one of
    /// them as there are pages to spare for.
    func testLongBlocksBeginInFivePagesOfAUnit() throws {
        let fixture = try HeapFixture(byteCount: 64 << 20)
        var pagesOfUnits: [Int: [Int]] = [:]
        for spare in 0..<16 {
            let byteCount = (17 * 16 - spare) * Page.byteCount
            let addresses = try (0..<16).map { _ in
                UInt(bitPattern: try fixture.allocate(byteCount))
            }
            for address in addresses {
                let offset = (address - fixture.region.base) % UInt(Unit.byteCount)
                let unit = fixture.region.unit(of: address)
                pagesOfUnits[unit, default: []].append(Int(offset) / Page.byteCount)
                fixture.free(pointer(address))
            }
        }
        XCTAssertTrue(pagesOfUnits.values.contains { $0.count == 16 })
        for pages in pagesOfUnits.values where pages.count == 16 {
            let page = pages[15]
            let expected = [0, 1, 1, 3, 3, 3, 3, 7, 7, 7, 7, 7, 7, 7, 7, 15].map { page & $0 }
            XCTAssertEqual(pages, expected)
        }
        XCTAssertGreaterThan(Set(pagesOfUnits.values.map(\.last)).count, 1)
    }

    func testLimitOfTheClasses() throws {
        let fixture = try HeapFixture()
        _ = try fixture.allocate(SizeClass.byteLimit)
        try fixture.expectLive(small: 1, large: 0)
        _ = try fixture.allocate(SizeClass.byteLimit + 1)
        try fixture.expectLive(small: 1, large: 1)
    }

    func testOfTwoFreesOneFindsTheBlock() throws {
        let fixture = try HeapFixture()
        let address = UInt(bitPattern: try fixture.allocate(100_000))
        XCTAssertTrue(LargeBlock.free(address, fixture.heap))
        XCTAssertFalse(LargeBlock.free(address, fixture.heap))
        XCTAssertEqual(fixture.region.tag(at: address), 0)
        try fixture.expectLive(small: 0)
    }

    func testAnyCacheFrees() throws {
        let fixture = try HeapFixture(cacheCount: 2)
        fixture.free(try fixture.allocate(50_000, on: 0), on: 1)
        try fixture.expectEmptyAtEnd()
    }

    func testUnitsBecomeSlabsAndLargeBlocksByTurns() throws {
        let fixture = try HeapFixture(byteCount: 4 << 20)
        for _ in 0..<20 {
            let large = try fixture.allocate(4 << 20)
            try fixture.expectLive(small: 0, large: 1)
            XCTAssertNil(fixture.tryAllocate(16))
            fixture.free(large)
            let blocks = try fixture.allocate(64 * 8, of: SizeClass(holding: 8192))
            try fixture.expectLive(small: 512)
            XCTAssertNil(fixture.tryAllocate(40_000))
            fixture.free(blocks)
            fixture.caches[0].flush()
            fixture.caches[0].retireEmptySlabs()
        }
        try fixture.expectEmptyAtEnd()
    }

    func testThreadsAllocateAndFreeLargeBlocks() throws {
        let fixture = try HeapFixture(byteCount: 64 << 20)
        let heap = fixture.heap
        onThreads(4) { thread in
            var generator = SeededGenerator(seed: UInt64(thread))
            for _ in 0..<1500 {
                let byteCount = Int.random(in: 32769...400_000, using: &generator)
                guard let block = LargeBlock.allocate(byteCount: byteCount, heap) else { continue }
                block.storeBytes(of: thread, toByteOffset: (byteCount - 8) & ~7, as: Int.self)
                sched_yield()
                let last = block.load(fromByteOffset: (byteCount - 8) & ~7, as: Int.self)
                XCTAssertEqual(last, thread)
                XCTAssertTrue(LargeBlock.free(UInt(bitPattern: block), heap))
            }
        }
        try fixture.expectEmptyAtEnd()
    }
}
