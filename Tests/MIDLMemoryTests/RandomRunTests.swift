import XCTest

@testable import MIDLMemory

/// Long runs of everything at once, against a model; each is the same in every run.
final class RandomRunTests: XCTestCase {
    private struct Run {
        let fixture: HeapFixture
        var model = BlockModel()
        var generator: SeededGenerator
        let largeLimit: Int
        /// Live blocks around which the run hovers.
        let level: Int

        mutating func anyCache() -> Int {
            Int.random(in: 0..<fixture.caches.count, using: &generator)
        }

        /// A cache that has a thread; one that has none is adopted.
        mutating func anyThread() -> Int {
            let cache = anyCache()
            if fixture.caches[cache].state == CacheState.orphaned {
                // What rests in it is there again; every other time as in a first thread's.
                XCTAssertTrue(
                    generator.next() % 2 == 0
                        ? fixture.caches[cache].adopt() : fixture.adopt(cache))
            }
            return cache
        }

        mutating func step() {
            switch generator.next() % 400 {
            case 0: fixture.orphan(anyThread())
            case 1: _ = fixture.trim(on: anyThread())
            case 2: fixture.caches[anyThread()].collectPending()
            case 3: freeMany()
            case 4: Registry.emptyOrphans(fixture.heap)
            case 5...12: fixture.orphan(anyThread())
            default:
                let wanted = Int.random(in: 0..<2 * level, using: &generator)
                if wanted >= model.blocks.count { allocate() } else { free() }
            }
        }

        private mutating func allocate() {
            let byteCount = generator.byteCount(largeLimit: largeLimit)
            let block = fixture.tryAllocate(byteCount, on: anyThread())
            if let block { model.add(block, fixture.heap) }
        }

        private mutating func free() {
            fixture.free(model.removeAny(using: &generator), on: anyThread())
        }

        private mutating func freeMany() {
            let cache = anyThread()
            for _ in 0..<model.blocks.count / 2 {
                fixture.free(model.removeAny(using: &generator), on: cache)
            }
        }

        func check() throws {
            try fixture.expectLive(small: model.smallCount, large: model.largeCount)
            let resting = fixture.caches.map { $0.record.pointee.restingUnitCount }
            XCTAssertEqual(
                fixture.heap.registry.pointee.restingUnitCount, resting.reduce(0, +))
        }
    }

    private func run(
        seed: UInt64, byteCount: Int, cacheCount: Int, largeLimit: Int, level: Int,
        stepCount: Int, checkedEvery interval: Int
    ) throws {
        var run = Run(
            fixture: try HeapFixture(byteCount: byteCount, cacheCount: cacheCount),
            generator: SeededGenerator(seed: seed), largeLimit: largeLimit, level: level)
        for step in 0..<stepCount {
            run.step()
            if step % interval == 0 { try run.check() }
        }
        while !run.model.blocks.isEmpty {
            run.fixture.free(run.model.removeAny(using: &run.generator), on: run.anyThread())
        }
        try run.check()
        for (index, cache) in run.fixture.caches.enumerated()
        where cache.state == CacheState.attached { run.fixture.orphan(index) }
        Registry.emptyOrphans(run.fixture.heap)
        XCTAssertEqual(run.fixture.heap.registry.pointee.restingUnitCount, 0)
        try run.fixture.expectEmptyAtEnd()
    }

    func testSmallHeapsCheckedAfterEveryStep() throws {
        for seed in 1...2 as ClosedRange<UInt64> {
            try run(
                seed: seed, byteCount: 4 << 20, cacheCount: 2, largeLimit: 100_000, level: 12,
                stepCount: 150, checkedEvery: 1)
        }
    }

    func testLongRunsInARegionWithRoom() throws {
        for seed in 10...12 as ClosedRange<UInt64> {
            try run(
                seed: seed, byteCount: 256 << 20, cacheCount: Int(seed) - 8, largeLimit: 500_000,
                level: 1500, stepCount: 20_000, checkedEvery: 2000)
        }
    }

    /// Allocations fail every now and then.
    func testLongRunsAtTheLimit() throws {
        for seed in 20...22 as ClosedRange<UInt64> {
            try run(
                seed: seed, byteCount: 8 << 20, cacheCount: 3, largeLimit: 200_000, level: 1200,
                stepCount: 15_000, checkedEvery: 500)
        }
    }
}
