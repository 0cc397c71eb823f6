import XCTest

@testable import MIDLMemory

/// Small regions that run out: each allocation in turn fails, and nothing is lost.
final class ExhaustionTests: XCTestCase {
    /// All units can be had one by one: nothing leaked, and everything is joined.
    private func expectWholeRegionIsFree(_ fixture: HeapFixture) throws {
        let unitCount = fixture.region.unitCount
        fixture.free(try fixture.allocate(unitCount * Unit.byteCount))
        let units = try (0..<unitCount).map { _ in try fixture.allocate(Unit.byteCount) }
        XCTAssertNil(fixture.tryAllocate(Unit.byteCount))
        fixture.free(units)
        fixture.caches[0].giveParked()
        XCTAssertEqual(fixture.region.freeSpans(below: unitCount), [0..<unitCount])
    }

    func testFullRegionWorksAgainWhenItIsEmptied() throws {
        for megabytes in [4, 8, 16] {
            let fixture = try HeapFixture(byteCount: megabytes << 20, cacheCount: 3)
            var generator = SeededGenerator(seed: UInt64(megabytes))
            for _ in 0..<3 {
                try fill(fixture, &generator)
                for cache in 0..<3 { fixture.orphan(cache) }
                XCTAssertEqual(try fixture.census(), Census())
                for cache in 0..<3 { XCTAssertTrue(fixture.adopt(cache)) }
                try expectWholeRegionIsFree(fixture)
            }
            try fixture.expectEmptyAtEnd()
        }
    }

    private func fill(_ fixture: HeapFixture, _ generator: inout SeededGenerator) throws {
        var (model, failureCount) = (BlockModel(), 0)
        while failureCount < 30 {
            let cache = Int.random(in: 0..<3, using: &generator)
            errno = 0
            let block = fixture.tryAllocate(
                generator.byteCount(largeLimit: 300_000), on: cache)
            if let block {
                model.add(block, fixture.heap)
            } else {
                XCTAssertEqual(errno, ENOMEM)
                failureCount += 1
                if failureCount % 10 == 1 {
                    try fixture.expectLive(small: model.smallCount, large: model.largeCount)
                }
            }
        }
        while !model.blocks.isEmpty {
            let cache = Int.random(in: 0..<3, using: &generator)
            fixture.free(model.removeAny(using: &generator), on: cache)
        }
        try fixture.expectLive(small: 0)
    }

    /// One size until nothing is left: the whole region is used.
    func testEveryClassFillsTheRegion() throws {
        let fixture = try HeapFixture(byteCount: 4 << 20)
        for sizeClass in SizeClass.all {
            var blocks: [UnsafeMutableRawPointer] = []
            while let block = fixture.tryAllocate(sizeClass.blockByteCount) { blocks.append(block) }
            let slabCount = 64 / sizeClass.slabUnitCount
            XCTAssertEqual(blocks.count, slabCount * sizeClass.slabBlockCount)
            XCTAssertEqual(Set(blocks).count, blocks.count)
            fixture.free(blocks)
            fixture.caches[0].flush()
            fixture.caches[0].retireEmptySlabs()
            XCTAssertEqual(try fixture.census(), Census())
        }
        try fixture.expectEmptyAtEnd()
    }

    /// The same program with 0, 1, 2 ... units: each of its allocations that needs a unit fails
    /// in turn.
    func testEachAllocationInTurnFails() throws {
        var failureCounts: [Int] = []
        for unitCount in 0...48 {
            let fixture = try HeapFixture(byteCount: 4 << 20, cacheCount: 2)
            let held = try fixture.allocate((64 - unitCount) * Unit.byteCount)
            failureCounts.append(try runProgram(fixture))
            fixture.free(held)
            try fixture.expectEmptyAtEnd()
        }
        XCTAssertEqual(failureCounts.first, 40)
        XCTAssertEqual(failureCounts.last, 0)
        XCTAssertGreaterThan(Set(failureCounts).count, 10)
    }

    /// Returns how many of its 40 allocations failed.
    private func runProgram(_ fixture: HeapFixture) throws -> Int {
        var (model, failureCount) = (BlockModel(), 0)
        for step in 0..<40 {
            let cache = step / 3 % 2
            let byteCount = [24, 200_000, 3000, 9000, 40_000, 20_000, 600, 12_000, 24, 32_000]
            if let block = fixture.tryAllocate(byteCount[step % 10], on: cache) {
                model.add(block, fixture.heap)
            } else {
                failureCount += 1
                try fixture.expectLive(small: model.smallCount, large: model.largeCount + 1)
            }
            if step % 5 == 4, let last = model.blocks.indices.last {
                fixture.free(model.remove(at: last), on: 1 - cache)
            }
        }
        while !model.blocks.isEmpty { fixture.free(model.remove(at: 0)) }
        return failureCount
    }

}
