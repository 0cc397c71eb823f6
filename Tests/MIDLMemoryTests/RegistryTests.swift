import MIDLPlatform
import XCTest

@testable import MIDLMemory

final class RegistryTests: XCTestCase {
    // MARK: Private heaps

    func testCachesAreMadeNewestFirst() throws {
        let fixture = try HeapFixture(cacheCount: 5)
        XCTAssertEqual(fixture.heap.cacheCount, 5)
        XCTAssertEqual(fixture.heap.caches, fixture.caches.reversed())
        for cache in fixture.caches {
            XCTAssertEqual(cache.state, CacheState.attached)
            XCTAssertEqual(cache.address % 64, 0)
            XCTAssertEqual(Registry.heap(of: cache.front), fixture.heap)
        }
    }

    func testNoCacheWithoutMemory() throws {
        let fixture = try HeapFixture(cacheCount: 0)
        let heap = fixture.heap
        while withAddressSpaceLimit(1, { Registry.make(heap) }) != nil {}
        let count = heap.cacheCount
        XCTAssertNotNil(Registry.make(heap))
        XCTAssertEqual(heap.cacheCount, count + 1)
    }

    func testCacheOfAThreadThatHasOneIsUsed() throws {
        let fixture = try HeapFixture()
        var seen: ThreadCache?
        XCTAssertTrue(Registry.withCache(fixture.caches[0].front) { seen = $0 })
        XCTAssertEqual(seen, fixture.caches[0])
        XCTAssertEqual(fixture.caches[0].state, CacheState.attached)
    }

    /// Live blocks stay with the orphan, and a few empty magazines; free slabs and cached blocks leave it.
    func testOrphanKeepsOnlyWhatIsLive() throws {
        let fixture = try HeapFixture(cacheCount: 2)
        let sizeClass = SizeClass(holding: 1024)
        let blocks = try fixture.allocate(sizeClass.slabBlockCount * 3, of: sizeClass)
        fixture.free(try fixture.allocate(500, of: .first))
        fixture.free(Array(blocks[1...]))
        let others = try fixture.allocate(3, of: sizeClass, on: 1)
        fixture.free(others)
        fixture.orphan(0)
        let census = try fixture.census()
        XCTAssertEqual(census.liveSmallBlockCount, 1)
        XCTAssertEqual(fixture.slabs.filter { $0.owner == fixture.caches[0].address }.count, 1)
        XCTAssertNil(fixture.caches[0].loadedBlockCount(of: sizeClass))
        XCTAssertLessThanOrEqual(fixture.caches[0].record.pointee.emptyMagazineCount, 16)
        XCTAssertEqual(fixture.caches[0].state, CacheState.orphaned)
        fixture.free(blocks[0], on: 1)
        try fixture.expectEmptyAtEnd()
    }

    func testAdoptedCacheGoesOnWithItsSlabs() throws {
        let fixture = try HeapFixture(cacheCount: 2)
        let blocks = try fixture.allocate(10, of: .first)
        fixture.orphan(0)
        XCTAssertTrue(fixture.adopt(0))
        XCTAssertFalse(fixture.adopt(0))
        let more = try fixture.allocate(10, of: .first)
        XCTAssertEqual(fixture.slabCount, 1)
        XCTAssertTrue(Set(blocks).isDisjoint(with: more))
        fixture.free(blocks + more, on: 1)
        try fixture.expectEmptyAtEnd()
    }

    /// Threads come and go in turn; magazines and slabs go round with them.
    func testManyOrphansAndAdoptionsDoNotGrow() throws {
        let fixture = try HeapFixture(byteCount: 4 << 20, cacheCount: 2)
        var magazines = 0
        for round in 0..<100 {
            let blocks = try fixture.allocate(130, of: SizeClass(index: 1 + round % 8))
            fixture.orphan(0)
            fixture.free(blocks, on: 1)
            fixture.orphan(1)
            XCTAssertEqual(try fixture.census(), Census())
            if round == 16 { magazines = fixture.heap.spareMagazineCount }
            XCTAssertTrue(fixture.adopt(0) && fixture.adopt(1))
        }
        fixture.orphan(0)
        fixture.orphan(1)
        XCTAssertEqual(fixture.heap.spareMagazineCount, magazines)
        try fixture.expectEmptyAtEnd()
    }

    func testTidyLeavesACacheThatHasAThread() throws {
        let fixture = try HeapFixture(cacheCount: 2)
        fixture.free(try fixture.allocate(5, of: .first), on: 1)
        fixture.caches[1].flush()
        Registry.tidy(fixture.caches[0])
        XCTAssertTrue(fixture.caches[0].hasPending)
        XCTAssertEqual(fixture.caches[0].state, CacheState.attached)
    }

    /// A cache that is lost in a fork is never tidied or adopted; its blocks can be freed.
    func testLostCacheIsLeftAlone() throws {
        let fixture = try HeapFixture(cacheCount: 2)
        let blocks = try fixture.allocate(5, of: .first)
        fixture.caches[0].changeToLost()
        fixture.free(blocks, on: 1)
        fixture.caches[1].flush()
        XCTAssertFalse(fixture.adopt(0))
        XCTAssertTrue(fixture.caches[0].hasPending)
        try fixture.expectLive(small: 0)
    }

    /// One thread ends while others free its blocks: whoever is last tidies up.
    func testOrphaningRacesWithFreeing() throws {
        for _ in 0..<60 {
            let fixture = try HeapFixture(cacheCount: 3)
            let blocks = try fixture.allocate(400, of: SizeClass(holding: 2000))
                .map { UInt(bitPattern: $0) }
            let caches = fixture.caches
            onThreads(3) { thread in
                if thread > 0 {
                    for index in stride(from: thread - 1, to: blocks.count, by: 2) {
                        ThreadCache.free(caches[thread].front, pointer(blocks[index]))
                    }
                }
                Registry.orphan(caches[thread])
            }
            XCTAssertEqual(try fixture.census(), Census())
            try fixture.expectEmptyAtEnd()
        }
    }

    /// A block that arrives while its thread ends, after the last look at the pending list, is
    /// still taken in. One empty slab of each class makes that moment long; it has come when the
    /// first of them is back in the pool.
    func testNoBlockIsForgottenBetweenTheLastLookAndTheOrphan() throws {
        let fixture = try HeapFixture()
        let (heap, cache) = (fixture.heap, fixture.caches[0])
        for _ in 0..<20 {
            let block = Block(try fixture.allocate(64))
            fixture.free(try SizeClass.all.flatMap { try fixture.allocate(1, of: $0) })
            block.seal()
            let freeUnitCount = heap.withPool { $0.freeUnitCount }
            onThreads(2) { thread in
                if thread == 0 { return Registry.orphan(cache) }
                while cache.state == CacheState.attached
                    && heap.withPool({ $0.freeUnitCount }) == freeUnitCount
                { sched_yield() }
                Outbox.send(block, heap)
            }
            XCTAssertFalse(cache.hasPending)
            XCTAssertEqual(fixture.slabCount, 0)
            XCTAssertTrue(fixture.adopt(0))
        }
        try fixture.expectEmptyAtEnd()
    }

    // MARK: The process's heap

    private static func allocateAndFreeOnThisThread(_ count: Int) -> Bool {
        let blocks = (0..<count).map {
            ThreadCache.allocate(midl_current_front(), byteCount: $0 * 40)
        }
        for block in blocks { ThreadCache.free(midl_current_front(), block) }
        return blocks.allSatisfy { $0 != nil }
    }

    /// A thousand threads, one after the other, need one cache.
    func testThreadsInARowShareACache() throws {
        onThreads(1) { _ in XCTAssertTrue(Self.allocateAndFreeOnThisThread(1)) }
        let heap = try XCTUnwrap(Heap.ofProcess)
        let count = heap.cacheCount
        Registry.emptyOrphans(heap)
        let census = try XCTUnwrap(heap.census())
        for _ in 0..<1000 {
            onThreads(1) { _ in XCTAssertTrue(Self.allocateAndFreeOnThisThread(20)) }
        }
        XCTAssertEqual(heap.cacheCount, count)
        // What the last one had rests.
        Registry.emptyOrphans(heap)
        XCTAssertEqual(heap.census(), census)
    }

    /// After the notice of the end a thread still gets a cache, for one call at a time.
    func testEndingThreadBorrowsACache() throws {
        onThreads(1) { _ in XCTAssertTrue(Self.allocateAndFreeOnThisThread(1)) }
        let heap = try XCTUnwrap(Heap.ofProcess)
        let (count, live) = (heap.cacheCount, heap.census()?.liveSmallBlockCount)
        onThreads(1) { _ in
            midl_set_ending()
            var borrowed: ThreadCache?
            XCTAssertTrue(Registry.withCache(midl_new_front()) { borrowed = $0 })
            XCTAssertEqual(borrowed?.state, CacheState.orphaned)
            XCTAssertNil(Registry.lastingCache(midl_new_front()))
            guard let block = ThreadCache.allocate(midl_new_front(), byteCount: 100) else {
                return XCTFail("no block")
            }
            XCTAssertEqual(heap.census()?.liveSmallBlockCount, live.map { $0 + 1 })
            ThreadCache.free(midl_new_front(), block)
            XCTAssertEqual(midl_current_front(), midl_new_front())
        }
        XCTAssertEqual(heap.census()?.liveSmallBlockCount, live)
        XCTAssertEqual(heap.cacheCount, count)
    }

    /// Blocks outlive their thread and are freed by others, whose caches come from the dead.
    func testBlocksOutliveTheirThreads() throws {
        let mailboxes = Mailboxes(1)
        for round in 0..<20 {
            onThreads(4) { thread in
                for index in 0..<200 {
                    let byteCount = (index * 97 + thread * 13 + round) % 5000
                    let block = ThreadCache.allocate(midl_current_front(), byteCount: byteCount)
                    mailboxes.put(UInt(bitPattern: block), for: 0)
                    guard index % 2 == 0, let other = mailboxes.take(for: 0) else { continue }
                    ThreadCache.free(midl_current_front(), pointer(other))
                }
            }
        }
        let heap = try XCTUnwrap(Heap.ofProcess)
        let live = try XCTUnwrap(heap.census()).liveSmallBlockCount
        onThreads(3) { _ in
            while let block = mailboxes.take(for: 0) {
                ThreadCache.free(midl_current_front(), pointer(block))
            }
        }
        XCTAssertEqual(heap.census()?.liveSmallBlockCount, live - 20 * 4 * 100)
    }
}
