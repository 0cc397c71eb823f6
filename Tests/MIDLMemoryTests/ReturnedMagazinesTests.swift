import XCTest

@testable import MIDLMemory

/// Full magazines whose blocks are all another thread's go to that thread whole.
final class ReturnedMagazinesTests: XCTestCase {
    /// A full magazine of live blocks, which are free then.
    private func magazine(
        _ blocks: ArraySlice<UnsafeMutableRawPointer>, _ fixture: HeapFixture
    ) throws -> Magazine {
        let magazine = try XCTUnwrap(Registry.magazine(for: fixture.caches[0]))
        magazine.makeEmpty(capacity: blocks.count)
        for (index, block) in blocks.enumerated() {
            Block(block).seal()
            Magazine.setSlot(magazine.first + UInt(index) * 8, UInt(bitPattern: block))
        }
        return magazine
    }

    // MARK: Giving

    /// The first block goes home alone; then each magazine is given when another is full after it.
    func testMagazinesOfOneOwnerAreGivenToIt() throws {
        let fixture = try HeapFixture(cacheCount: 2)
        let (owner, other, sizeClass) = (fixture.caches[0], fixture.caches[1], SizeClass.first)
        let blocks = try fixture.allocate(2000, of: sizeClass)
        var (given, previous, loaded): ([[UInt]], [UInt], [UInt]) = ([], [], [])
        for (index, block) in blocks.enumerated() {
            fixture.free(block, on: 1)
            if index == 0 {
                XCTAssertNil(other.loadedBlockCount(of: sizeClass))
                XCTAssertEqual(owner.pendingSlabs.count, 1)
                continue
            }
            if loaded.count == 125 {
                if !previous.isEmpty { given.append(previous) }
                (previous, loaded) = (loaded, [])
            }
            loaded.append(UInt(bitPattern: block))
            XCTAssertEqual(other.fullMagazineCount(of: sizeClass), 0)
            XCTAssertEqual(owner.returnedMagazines.map(\.blocks), given.reversed())
            try fixture.expectLive(small: 1999 - index)
        }
        XCTAssertGreaterThan(given.count, 10)
        XCTAssertEqual(try fixture.census().remoteBlockCount, 1)
        try fixture.expectEmptyAtEnd()
    }

    /// With blocks of a second owner, or one of the thread's own, wherever it is, a magazine stays.
    func testMagazinesOfMixedOwnersAreKept() throws {
        for odd in [0, 1] {
            for place in [0, 1, 31] {
                let fixture = try HeapFixture(cacheCount: 3)
                let (other, sizeClass) = (fixture.caches[1], SizeClass(holding: 2000))
                let foreign = try fixture.allocate(100, of: sizeClass)
                let oddOwner = odd == 0 ? 1 : 2
                let oddBlock = try fixture.allocate(sizeClass.blockByteCount, on: oddOwner)
                other.flush()
                // Its first magazine: 32 blocks, after one that goes home alone.
                fixture.free(foreign[0], on: 1)
                for index in 0..<32 {
                    fixture.free(index == place ? oddBlock : foreign[1 + index], on: 1)
                }
                let loaded = other.loadedBlockCount(of: sizeClass)
                XCTAssertEqual(loaded, 32)
                fixture.free(Array(foreign[40..<73]), on: 1)
                XCTAssertEqual(other.fullMagazineCount(of: sizeClass), 1)
                XCTAssertTrue(fixture.caches.allSatisfy { $0.returnedMagazines.isEmpty })
                try fixture.expectLive(small: 101 - 1 - 32 - 33)
                // Then all find their owners.
                other.flush()
                XCTAssertEqual(try fixture.census().cachedBlockCount, cached(fixture, sizeClass))
                for cache in [0, 2] { fixture.caches[cache].collectPending() }
                try fixture.expectLive(small: 101 - 1 - 32 - 33)
            }
        }
    }

    /// What the caches besides the second one still have loaded.
    private func cached(_ fixture: HeapFixture, _ sizeClass: SizeClass) -> Int {
        [0, 2].map { fixture.caches[$0].loadedBlockCount(of: sizeClass) ?? 0 }.reduce(0, +)
    }

    /// Of more mixed magazines than are kept, the blocks go home each to its own.
    func testMixedMagazinesBeyondTheBoundGoHome() throws {
        let fixture = try HeapFixture(cacheCount: 3)
        let sizeClass = SizeClass(holding: 4096)
        let blocks = try [0, 2].map { try fixture.allocate(60, of: sizeClass, on: $0) }
        for pair in zip(blocks[0], blocks[1]) {
            fixture.free(pair.0, on: 1)
            fixture.free(pair.1, on: 1)
            XCTAssertLessThanOrEqual(fixture.caches[1].fullMagazineCount(of: sizeClass), 2)
        }
        try fixture.expectLive(small: 0)
        XCTAssertTrue(fixture.caches[0].hasPending && fixture.caches[2].hasPending)
        XCTAssertGreaterThan(try fixture.census().remoteBlockCount, 60)
        try fixture.expectEmptyAtEnd()
    }

    // MARK: Taking in

    /// The owner keeps them, and allocates from the one that was given last, before it turns to
    /// slabs.
    func testOwnerAllocatesFromWhatWasGivenBack() throws {
        let fixture = try HeapFixture(cacheCount: 2)
        let (owner, sizeClass) = (fixture.caches[0], SizeClass.first)
        let blocks = try fixture.allocate(300, of: sizeClass)
        fixture.caches[0].flush()
        owner.receive(try magazine(blocks[..<100], fixture))
        owner.receive(try magazine(blocks[100..<200], fixture))
        XCTAssertTrue(owner.hasReturned && owner.hasPending)
        XCTAssertEqual(try fixture.census().returnedBlockCount, 200)
        try fixture.expectLive(small: 100)
        let carved = fixture.slabs.map(\.carvedCount)
        let again = try fixture.allocate(200, of: sizeClass)
        XCTAssertEqual(again, blocks[..<100].reversed() + blocks[100..<200].reversed())
        XCTAssertFalse(owner.hasReturned)
        XCTAssertEqual(fixture.slabs.map(\.carvedCount), carved)
        try fixture.expectLive(small: 300)
    }

    /// Those of any class are, if a full one of it is no more than 64 KiB.
    func testMagazinesOfAllClassesAreTakenIn() throws {
        let fixture = try HeapFixture()
        let owner = fixture.caches[0]
        let blocks = try SizeClass.all.map { try fixture.allocate(8, of: $0) }
        owner.flush()
        for each in blocks { owner.receive(try magazine(each[..<2], fixture)) }
        XCTAssertEqual(try fixture.census().returnedBlockCount, 2 * SizeClass.all.count)
        owner.collectReturned()
        XCTAssertFalse(owner.hasReturned)
        for (sizeClass, each) in zip(SizeClass.all, blocks) {
            let isKept = sizeClass.magazineBlockCount * sizeClass.blockByteCount <= 65536
            XCTAssertEqual(owner.fullMagazineCount(of: sizeClass), isKept ? 1 : 0)
            if isKept {
                XCTAssertEqual(try fixture.allocate(2, of: sizeClass), each[..<2].reversed())
            } else {
                _ = try fixture.allocate(2, of: sizeClass)
            }
        }
        try fixture.expectLive(small: 8 * SizeClass.all.count)
    }

    /// Beyond the bound they go home.
    func testOwnerKeepsNoMoreThanItsBound() throws {
        let fixture = try HeapFixture()
        let (owner, sizeClass) = (fixture.caches[0], SizeClass(holding: 4096))
        XCTAssertEqual(sizeClass.magazineBlockCount, 16)
        let blocks = try fixture.allocate(100, of: sizeClass)
        owner.flush()
        let before = owner.record.pointee.emptyMagazineCount
        for index in 0..<5 {
            owner.receive(try magazine(blocks[index * 16..<index * 16 + 16], fixture))
        }
        owner.collectReturned()
        XCTAssertEqual(owner.fullMagazineCount(of: sizeClass), 1)
        XCTAssertEqual(owner.record.pointee.emptyMagazineCount, before + 4)
        XCTAssertEqual(try fixture.census().cachedBlockCount, 16)
        try fixture.expectLive(small: 20)
    }

    func testNoneIsKeptWhenAllGoesHome() throws {
        let fixture = try HeapFixture()
        let (owner, sizeClass) = (fixture.caches[0], SizeClass.first)
        let blocks = try fixture.allocate(100, of: sizeClass)
        owner.flush()
        owner.receive(try magazine(blocks[..<50], fixture))
        owner.collectReturned(keepsSome: false)
        XCTAssertEqual(owner.fullMagazineCount(of: sizeClass), 0)
        XCTAssertEqual(try fixture.census().cachedBlockCount, 0)
        try fixture.expectLive(small: 50)
        owner.receive(try magazine(blocks[50...], fixture))
        owner.collectPending(keepsSome: false)
        XCTAssertEqual(try fixture.census().cachedBlockCount, 0)
        try fixture.expectEmptyAtEnd()
    }

    // MARK: Owners without a thread

    /// The last blocks of an orphan's slab come in a magazine: the slab goes, the magazine is empty.
    func testMagazineForAnOrphanIsTakenInAtOnce() throws {
        let fixture = try HeapFixture(cacheCount: 2)
        let (orphan, sizeClass) = (fixture.caches[0], SizeClass.first)
        let blocks = try fixture.allocate(126, of: sizeClass)
        let own = try fixture.allocate(200, of: sizeClass, on: 1)
        fixture.caches[1].flush()
        fixture.orphan(0)
        let before = orphan.record.pointee.emptyMagazineCount
        // The first alone, the others in a magazine, which own blocks push out.
        fixture.free(blocks, on: 1)
        XCTAssertEqual(fixture.slabs.filter { $0.owner == orphan.address }.count, 1)
        fixture.free(Array(own[..<126]), on: 1)
        XCTAssertEqual(orphan.state, CacheState.orphaned)
        XCTAssertFalse(orphan.hasPending)
        XCTAssertEqual(fixture.slabs.filter { $0.owner == orphan.address }.count, 0)
        XCTAssertEqual(orphan.record.pointee.emptyMagazineCount, before + 1)
        try fixture.expectLive(small: 74)
    }

    /// A magazine that arrived while the thread was ending is found by the next trim.
    func testTrimTakesInWhatAnOrphanWasGiven() throws {
        let fixture = try HeapFixture(cacheCount: 2)
        let orphan = fixture.caches[0]
        let blocks = try fixture.allocate(20, of: .first)
        fixture.orphan(0)
        orphan.receive(try magazine(blocks[...], fixture))
        XCTAssertTrue(orphan.hasPending)
        XCTAssertEqual(fixture.trim(on: 1), Unit.byteCount)
        XCTAssertFalse(orphan.hasPending)
        XCTAssertEqual(try fixture.census(), Census())
    }

    /// One whose slab another thread has taken over meanwhile goes on to that.
    func testMagazineOfASlabThatIsAnothersNowIsPassedOn() throws {
        let fixture = try HeapFixture(cacheCount: 2)
        let sizeClass = SizeClass(holding: 500)
        let blocks = try fixture.allocate(20, of: sizeClass)
        fixture.orphan(0)
        XCTAssertNotNil(fixture.caches[1].adoptSlab(sizeClass))
        fixture.caches[0].receive(try magazine(blocks[...], fixture))
        Registry.tidy(fixture.caches[0])
        XCTAssertFalse(fixture.caches[0].hasPending)
        XCTAssertEqual(fixture.caches[1].pendingSlabs.count, 1)
        try fixture.expectLive(small: 0)
    }

    /// The thread that adopts the cache has what was given to it.
    func testAdoptedCacheTakesIn() throws {
        let fixture = try HeapFixture()
        let cache = fixture.caches[0]
        let blocks = try fixture.allocate(20, of: .first)
        fixture.orphan(0)
        cache.receive(try magazine(blocks[...], fixture))
        XCTAssertTrue(fixture.adopt(0))
        XCTAssertEqual(try fixture.allocate(20, of: .first), blocks.reversed())
        try fixture.expectLive(small: 20)
    }

    /// A cache that was lost in a fork is never touched; its blocks can be freed.
    func testMagazineForALostCacheStays() throws {
        let fixture = try HeapFixture(cacheCount: 2)
        let blocks = try fixture.allocate(600, of: .first)
        fixture.caches[0].changeToLost()
        fixture.free(blocks, on: 1)
        XCTAssertGreaterThan(fixture.caches[0].returnedMagazines.count, 2)
        XCTAssertEqual(fixture.caches[0].state, CacheState.lost)
        try fixture.expectLive(small: 0)
    }

    // MARK: With real threads

    func testThreadsGiveMagazinesWithoutLoss() throws {
        let fixture = try HeapFixture()
        let cache = fixture.caches[0]
        let all = try (0..<400).map { _ in try XCTUnwrap(cache.emptyMagazine()).address }
        let taken = Mailboxes(1)
        onThreads(5) { thread in
            if thread == 4 {
                for _ in 0..<200 {
                    var cursor = cache.takeReturned()
                    while cursor != 0 {
                        taken.put(cursor, for: 0)
                        cursor = Magazine(at: cursor).next
                    }
                }
            } else {
                for address in all[thread * 100..<thread * 100 + 100] {
                    cache.receive(Magazine(at: address))
                }
            }
        }
        var found = cache.returnedMagazines.map(\.address)
        while let address = taken.take(for: 0) { found.append(address) }
        XCTAssertEqual(found.sorted(), all.sorted())
    }

    /// One thread frees another's blocks, whole magazines of them, while that one allocates.
    func testOwnerTakesInWhileOthersGive() throws {
        let fixture = try HeapFixture(cacheCount: 3)
        let mailboxes = Mailboxes(3)
        let caches = fixture.caches
        onThreads(3) { thread in
            let front = caches[thread].front
            if thread == 0 {
                for round in 0..<60_000 {
                    guard let block = ThreadCache.allocate(front, byteCount: 64) else { continue }
                    memset(block, 1, 64)
                    mailboxes.put(UInt(bitPattern: block), for: 1 + round / 512 % 2)
                }
                mailboxes.close()
            } else {
                while let block = mailboxes.waitAndTake(for: thread) {
                    ThreadCache.free(front, pointer(block))
                }
            }
        }
        try fixture.expectLive(small: 0)
        try fixture.expectEmptyAtEnd()
    }
}
