import MIDLPlatform
import XCTest

@testable import MIDLMemory

final class ResizingTests: XCTestCase {
    private let unit = Unit.byteCount

    private func resize(
        _ block: UnsafeMutableRawPointer, _ byteCount: Int, _ fixture: HeapFixture
    ) -> Bool { LargeBlock.resize(UInt(bitPattern: block), to: byteCount, fixture.heap) }

    func testALargeBlockGrowsIntoFreeUnitsAndAboveTheTop() throws {
        let fixture = try HeapFixture()
        let (block, next) = (try fixture.allocate(unit), try fixture.allocate(3 * unit))
        let last = try fixture.allocate(unit)
        XCTAssertFalse(resize(block, 2 * unit, fixture))
        fixture.free(next)
        fixture.caches[0].giveParked()
        XCTAssertTrue(resize(block, 2 * unit, fixture))
        XCTAssertEqual(fixture.heap.byteCount(ofBlockAt: UInt(bitPattern: block)), 2 * unit)
        try fixture.expectLive(small: 0, large: 2)
        XCTAssertTrue(resize(block, 4 * unit - 1, fixture))
        XCTAssertFalse(resize(block, 5 * unit, fixture))
        XCTAssertTrue(resize(last, 100 * unit, fixture))
        memset(last, 1, 100 * unit)
        try fixture.expectLive(small: 0, large: 2)
        fixture.free(block)
        fixture.free(last)
        try fixture.expectEmptyAtEnd()
    }

    func testALargeBlockTakesTheFreeUnitsBelowTheTopAndMore() throws {
        let fixture = try HeapFixture()
        let (block, last) = (try fixture.allocate(unit), try fixture.allocate(2 * unit))
        fixture.free(last)
        fixture.caches[0].giveParked()
        XCTAssertTrue(resize(block, 10 * unit, fixture))
        XCTAssertEqual(fixture.heap.withPool { $0.topUnit }, 10)
        XCTAssertFalse(resize(block, fixture.region.byteCount + 1, fixture))
        XCTAssertFalse(resize(block, .max, fixture))
        try fixture.expectLive(small: 0, large: 1)
    }

    func testALargeBlockGivesItsEndBack() throws {
        let fixture = try HeapFixture()
        let (block, next) = (try fixture.allocate(9 * unit), try fixture.allocate(unit))
        fixture.free(next)
        fixture.caches[0].giveParked()
        XCTAssertTrue(resize(block, 2 * unit + 1, fixture))
        XCTAssertEqual(fixture.region.freeSpans(below: 10), [3..<10])
        XCTAssertTrue(resize(block, SizeClass.byteLimit + 1, fixture))
        XCTAssertFalse(resize(block, SizeClass.byteLimit, fixture))
        try fixture.expectLive(small: 0, large: 1)
        fixture.free(block)
        try fixture.expectEmptyAtEnd()
    }

    func testRandomRunsKeepTheInvariants() throws {
        let fixture = try HeapFixture(byteCount: 32 << 20)
        var generator = SeededGenerator(seed: 21)
        var blocks: [UnsafeMutableRawPointer] = []
        for _ in 0..<800 {
            let byteCount = Int.random(in: SizeClass.byteLimit + 1...20 * unit, using: &generator)
            if blocks.count < 20, let block = fixture.tryAllocate(byteCount) {
                blocks.append(block)
            } else {
                let index = Int.random(in: 0..<blocks.count, using: &generator)
                if resize(blocks[index], byteCount, fixture) {
                    let size = fixture.heap.byteCount(ofBlockAt: UInt(bitPattern: blocks[index]))
                    XCTAssertEqual(size, Page.roundUp(byteCount))
                } else {
                    fixture.free(blocks.remove(at: index))
                }
            }
            XCTAssertEqual(try fixture.census().liveLargeBlockCount, blocks.count)
        }
        fixture.free(blocks)
        try fixture.expectEmptyAtEnd()
    }

    /// On the heap of the process: in place while at least half of the block is wanted.
    func testASmallBlock() throws {
        let block = try XCTUnwrap(ThreadCache.allocate(midl_current_front(), byteCount: 1000))
        for (byteCount, isDone) in [
            (1024, true), (1025, false), (512, true), (511, false), (-1, false), (100_000, false),
        ] {
            XCTAssertEqual(Resizing.resizeInPlace(block, to: byteCount), isDone)
            XCTAssertEqual(Heap.byteCount(of: block, midl_current_front()), 1024)
        }
        ThreadCache.free(midl_current_front(), block)
    }
}
