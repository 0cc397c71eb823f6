import Foundation
import Synchronization
import XCTest

@testable import MIDLMemory

/// What a cache keeps between one thread and the next.
final class RestingCacheTests: XCTestCase {
    private let sizeClass = SizeClass(holding: 500)

    /// A fixture whose first cache has had a thread, and has another now.
    private func makeFixture(_ byteCount: Int = 64 << 20, cacheCount: Int = 2) throws -> HeapFixture
    {
        let fixture = try HeapFixture(byteCount: byteCount, cacheCount: cacheCount)
        fixture.orphan(0)
        XCTAssertTrue(fixture.caches[0].adopt())
        return fixture
    }

    private func restingUnitCount(_ fixture: HeapFixture) -> Int {
        fixture.heap.registry.pointee.restingUnitCount
    }

    /// The first thread's is emptied; from the second on each leaves it as it is.
    func testACacheThatWasAdoptedRests() throws {
        let fixture = try HeapFixture()
        for round in 0..<4 {
            let blocks = try fixture.allocate(10, of: sizeClass)
            fixture.free(blocks)
            let cached = fixture.caches[0].loadedBlockCount(of: sizeClass)
            fixture.orphan(0)
            XCTAssertEqual(
                fixture.caches[0].loadedBlockCount(of: sizeClass), round == 0 ? nil : cached)
            XCTAssertEqual(restingUnitCount(fixture), round == 0 ? 0 : 1)
            XCTAssertEqual(fixture.slabCount, round == 0 ? 0 : 1)
            try fixture.expectLive(small: 0)
            XCTAssertTrue(fixture.caches[0].adopt())
            XCTAssertFalse(fixture.caches[0].adopt())
            XCTAssertEqual(restingUnitCount(fixture), 0)
            if round == 0 { continue }
            XCTAssertEqual(try fixture.allocate(sizeClass.blockByteCount), blocks[9])
            fixture.free(blocks[9])
        }
    }

    /// The first block of its class that a thread has to do with may be another thread's, beside ones
    /// which that writes to: it goes home, whatever the cache had before.
    func testTheFirstFreeOfAnothersBlockGoesHome() throws {
        let fixture = try makeFixture()
        let others = try fixture.allocate(3, of: sizeClass, on: 1)
        fixture.free(try fixture.allocate(10, of: sizeClass))
        let cached = try XCTUnwrap(fixture.caches[0].loadedBlockCount(of: sizeClass))
        fixture.orphan(0)
        XCTAssertTrue(fixture.caches[0].adopt())
        fixture.free(others[0])
        XCTAssertEqual(fixture.caches[1].pendingSlabs.count, 1)
        XCTAssertEqual(fixture.caches[0].loadedBlockCount(of: sizeClass), cached)
        // From then on the thread keeps them, in a wider magazine.
        fixture.free(Array(others[1...]))
        XCTAssertEqual(try fixture.allocate(2, of: sizeClass), [others[2], others[1]])
        try fixture.expectLive(small: 2)
    }

    /// Each magazine, also an empty one, and one of the largest.
    func testMagazinesOfEveryFillRest() throws {
        for sizeClass in [.first, sizeClass, .last] {
            let most = sizeClass.magazineBlockCount
            let fixture = try makeFixture(256 << 20)
            var blocks = try fixture.allocate(2 * most, of: sizeClass)
            while fixture.caches[0].loadedBlockCount(of: sizeClass) != 0 {
                blocks += try fixture.allocate(1, of: sizeClass)
            }
            for block in [nil] + blocks {
                if let block { fixture.free(block) }
                // Full magazines are no small thing to leave: with them the class goes home.
                let hasFull = fixture.caches[0].fullMagazineCount(of: sizeClass) > 0
                let cached = hasFull ? nil : fixture.caches[0].loadedBlockCount(of: sizeClass)
                let live = try fixture.census().liveSmallBlockCount
                fixture.orphan(0)
                try fixture.expectLive(small: live)
                XCTAssertTrue(fixture.caches[0].adopt())
                XCTAssertEqual(fixture.caches[0].loadedBlockCount(of: sizeClass), cached)
            }
            let again = try fixture.allocate(blocks.count, of: sizeClass)
            XCTAssertEqual(Set(again).count, blocks.count)
            try fixture.expectLive(small: blocks.count)
        }
    }

    /// It changes places with the full one, and is one to take blocks from that is empty.
    func testAnEmptyMagazineBesideAFullOneRests() throws {
        let fixture = try makeFixture()
        let cache = fixture.caches[0]
        var blocks = try fixture.allocate(600, of: sizeClass)
        fixture.free(Array(blocks[300...]))
        blocks.removeSubrange(300...)
        while cache.loadedBlockCount(of: sizeClass) != 0 {
            blocks += try fixture.allocate(1, of: sizeClass)
        }
        XCTAssertGreaterThan(try XCTUnwrap(cache.previousBlockCount(of: sizeClass)), 0)
        fixture.orphan(0)
        XCTAssertTrue(cache.adopt())
        blocks += try fixture.allocate(1, of: sizeClass)
        try fixture.expectLive(small: blocks.count)
        for (index, block) in blocks.enumerated() {
            fixture.free(block)
            try fixture.expectLive(small: blocks.count - 1 - index)
        }
    }

    /// Slabs without a block in use or in a magazine go, and so do large blocks that are parked.
    func testOnlyWhatMagazinesHoldRests() throws {
        let fixture = try makeFixture()
        fixture.free(try fixture.allocate(100_000))
        fixture.free(try fixture.allocate(10, of: sizeClass))
        let small = try fixture.allocate(10, of: .first)
        fixture.caches[0].flush()
        XCTAssertEqual(fixture.slabCount, 2)
        fixture.free(small)
        fixture.free(try fixture.allocate(100_000))
        fixture.orphan(0)
        XCTAssertEqual(fixture.slabs.map(\.sizeClass), [.first])
        XCTAssertEqual(fixture.heap.withPool { $0.usedUnitCount }, 1)
        try fixture.expectLive(small: 0)
    }

    func testSlabsOfMoreThan64MiBDoNotRest() throws {
        for (count, rests) in [(1024, true), (1025, false)] {
            let fixture = try makeFixture(128 << 20)
            let large = SizeClass(holding: 8192)
            let blocks = try fixture.allocate(count * large.slabBlockCount, of: large)
            fixture.orphan(0)
            XCTAssertEqual(restingUnitCount(fixture), rests ? count : 0)
            XCTAssertEqual(fixture.caches[0].loadedBlockCount(of: large) != nil, rests)
            try fixture.expectLive(small: blocks.count)
        }
    }

    /// The bound is for all caches together.
    func testCachesRestWhileThereIsRoom() throws {
        let fixture = try makeFixture(128 << 20)
        fixture.orphan(1)
        XCTAssertTrue(fixture.caches[1].adopt())
        let large = SizeClass(holding: 8192)
        for cache in [0, 1] {
            _ = try fixture.allocate(513 * large.slabBlockCount, of: large, on: cache)
            fixture.orphan(cache)
        }
        XCTAssertEqual(restingUnitCount(fixture), 513)
        XCTAssertNotNil(fixture.caches[0].loadedBlockCount(of: large))
        XCTAssertNil(fixture.caches[1].loadedBlockCount(of: large))
    }

    func testTrimTakesWhatRests() throws {
        let fixture = try makeFixture()
        fixture.free(try SizeClass.all.flatMap { try fixture.allocate(3, of: $0) })
        fixture.orphan(0)
        XCTAssertEqual(fixture.slabCount, SizeClass.all.count)
        XCTAssertGreaterThan(fixture.trim(on: 1), 0)
        XCTAssertEqual(try fixture.census(), Census())
        XCTAssertEqual(restingUnitCount(fixture), 0)
        XCTAssertEqual(fixture.caches[0].state, CacheState.orphaned)
        try fixture.expectEmptyAtEnd()
    }

    /// Where memory is short, small blocks and large ones get what rests.
    func testWhatRestsIsGivenWhereMemoryIsShort() throws {
        for byteCount in [8192, 40 * Unit.byteCount] {
            let fixture = try makeFixture(4 << 20)
            fixture.free(
                try (0..<50).flatMap { try fixture.allocate(3, of: SizeClass(index: 1 + $0)) })
            fixture.orphan(0)
            XCTAssertGreaterThan(restingUnitCount(fixture), 40)
            let live = 40 * Unit.byteCount / byteCount
            for _ in 0..<live { _ = try fixture.allocate(byteCount, on: 1) }
            XCTAssertEqual(restingUnitCount(fixture), 0)
            try fixture.expectLive(small: live > 1 ? live : 0, large: live > 1 ? 0 : 1)
        }
    }

    /// In the magazine of a thread that frees what others allocated each could keep a slab.
    func testBlocksOfOthersGoHome() throws {
        let fixture = try makeFixture()
        fixture.free(try fixture.allocate(10, of: sizeClass))
        let own = SizeClass(holding: 2000)
        let others = try fixture.allocate(8, of: sizeClass, on: 1)
        fixture.free(try fixture.allocate(4, of: own))
        fixture.free(others)
        XCTAssertGreaterThan(try XCTUnwrap(fixture.caches[0].loadedBlockCount(of: sizeClass)), 7)
        fixture.orphan(0)
        XCTAssertNil(fixture.caches[0].loadedBlockCount(of: sizeClass))
        XCTAssertNotNil(fixture.caches[0].loadedBlockCount(of: own))
        XCTAssertEqual(restingUnitCount(fixture), 1)
        fixture.caches[1].collectPending()
        fixture.caches[1].flush()
        try fixture.expectLive(small: 0)
        XCTAssertEqual(try fixture.census().remoteBlockCount, 0)
    }

    /// A fixture whose first cache rests with 50 slabs.
    private func makeCrowdedFixture(cacheCount: Int = 2) throws -> HeapFixture {
        let fixture = try makeFixture(4 << 20, cacheCount: cacheCount)
        fixture.free(try (0..<50).flatMap { try fixture.allocate(3, of: SizeClass(index: 1 + $0)) })
        fixture.orphan(0)
        XCTAssertEqual(restingUnitCount(fixture), 50)
        return fixture
    }

    func testEveryKindOfRequestGetsWhatRests() throws {
        let aligned = try makeCrowdedFixture()
        XCTAssertNotNil(
            AlignedBlock.allocate(
                byteCount: 40 * Unit.byteCount, alignment: Unit.byteCount, aligned.caches[1].front))
        let chunks = try makeCrowdedFixture()
        for _ in 0..<40 { XCTAssertNotNil(chunks.caches[1].takeChunk()) }
        for fixture in [aligned, chunks] { XCTAssertEqual(restingUnitCount(fixture), 0) }
    }

    /// One of them empties the cache; the other has to wait for it.
    func testTwoThreadsWithoutMemoryBothGetWhatRests() throws {
        final class Count: Sendable {
            let arrived = Atomic(0)
            let served = Atomic(0)
        }
        for _ in 0..<100 {
            nonisolated(unsafe) let fixture = try makeCrowdedFixture(cacheCount: 3)
            let (count, end) = (Count(), DispatchSemaphore(value: 0))
            let run: @Sendable (Int) -> Void = { cache in
                count.arrived.add(1, ordering: .relaxed)
                while count.arrived.load(ordering: .relaxed) < 2 {}
                if fixture.tryAllocate(25 * Unit.byteCount, on: cache) != nil {
                    count.served.add(1, ordering: .relaxed)
                }
            }
            Thread.detachNewThread {
                run(1)
                end.signal()
            }
            run(2)
            end.wait()
            XCTAssertEqual(count.served.load(ordering: .relaxed), 2)
        }
    }

    /// Of a request that nothing could serve nobody has to give anything.
    func testAnImpossibleRequestTakesNothing() throws {
        let fixture = try makeCrowdedFixture()
        for byteCount in [Int.max, 1 << 40, (4 << 20) + 1] {
            XCTAssertNil(fixture.tryAllocate(byteCount, on: 1))
        }
        XCTAssertEqual(restingUnitCount(fixture), 50)
    }

    func testSlabsThatAreTakenDoNotCount() throws {
        let fixture = try makeFixture()
        let blocks = try fixture.allocate(8, of: sizeClass)
        fixture.free(Array(blocks[4...]))
        fixture.free(try fixture.allocate(3, of: .first))
        fixture.orphan(0)
        XCTAssertEqual(restingUnitCount(fixture), 2)
        XCTAssertNotNil(fixture.caches[1].adoptSlab(sizeClass))
        XCTAssertEqual(restingUnitCount(fixture), 1)
        XCTAssertTrue(fixture.caches[0].adopt())
        XCTAssertEqual(restingUnitCount(fixture), 0)
        try fixture.expectLive(small: 4)
    }

    /// A slab with blocks to give goes to a thread that needs one; what of it rests in a magazine
    /// finds it there.
    func testASlabOfACacheThatRestsIsTaken() throws {
        let fixture = try makeFixture()
        let blocks = try fixture.allocate(8, of: sizeClass)
        fixture.free(blocks)
        fixture.orphan(0)
        let slab = try XCTUnwrap(fixture.caches[1].adoptSlab(sizeClass))
        XCTAssertEqual(slab, fixture.region.slab(of: Block(blocks[0])))
        try fixture.expectLive(small: 0)
        let others = try fixture.allocate(20, of: sizeClass, on: 1)
        XCTAssertTrue(Set(blocks).isDisjoint(with: others))
        XCTAssertTrue(fixture.caches[0].adopt())
        XCTAssertEqual(try fixture.allocate(sizeClass.blockByteCount), blocks[7])
        fixture.free(blocks[7])
        fixture.caches[0].flush()
        fixture.caches[1].collectPending()
        fixture.free(others, on: 1)
        XCTAssertEqual(try fixture.census().remoteBlockCount, 0)
        try fixture.expectLive(small: 0)
    }
}
