import MIDLPlatform
import XCTest

@testable import MIDLMemory

final class ThreadCacheFreeTests: XCTestCase {
    func testNullDoesNothing() throws {
        let fixture = try HeapFixture()
        ThreadCache.free(fixture.caches[0].front, nil)
        XCTAssertEqual(try fixture.census(), Census())
    }

    func testFreeKeepsErrno() throws {
        let fixture = try HeapFixture(cacheCount: 2)
        for byteCount in [16, 32768, 100_000] {
            let block = try fixture.allocate(byteCount)
            errno = EBADF
            fixture.free(block, on: 1)
            XCTAssertEqual(errno, EBADF)
        }
    }

    /// A tag that is not of a class finds no magazine, so that a free of it misses.
    func testOtherTagsHaveNoMagazine() throws {
        let fixture = try HeapFixture()
        fixture.free(try SizeClass.all.flatMap { try fixture.allocate(1, of: $0) })
        let tops = UnsafeRawPointer(fixture.caches[0].front) + Int(MIDL_FRONT_TOPS_OFFSET)
        for tag in 0...255 {
            let top = tops.load(fromByteOffset: tag * 8, as: UInt.self)
            XCTAssertEqual(top == Magazine.noneTop, !SizeClass.isClass(tag), "\(tag)")
        }
    }

    func testLastFreedIsAllocatedFirst() throws {
        let fixture = try HeapFixture()
        for sizeClass in SizeClass.all {
            let blocks = try fixture.allocate(2, of: sizeClass)
            fixture.free(blocks)
            XCTAssertEqual(try fixture.allocate(2, of: sizeClass), blocks.reversed())
        }
    }

    /// The seal and nothing else is written: a free must not touch more of a block than it says.
    func testFreeWritesOnlyTheSeal() throws {
        let fixture = try HeapFixture()
        let block = try fixture.allocate(256)
        memset(block, 0x5A, 256)
        fixture.free(block)
        for offset in Array(0..<4) + Array(12..<256) {
            XCTAssertEqual(block.load(fromByteOffset: offset, as: UInt8.self), 0x5A)
        }
    }

    /// A cache frees forever and never allocates: it keeps its magazines and no more.
    func testFreesOfOthersBlocksDoNotPileUp() throws {
        let fixture = try HeapFixture(byteCount: 4 << 20, cacheCount: 2)
        let sizeClass = SizeClass(holding: 512)
        for _ in 0..<200 {
            fixture.free(try fixture.allocate(100, of: sizeClass), on: 1)
            try fixture.expectLive(small: 0)
        }
        let magazines = fixture.caches.map { $0.keptLimit(of: sizeClass) + 2 }.reduce(0, +)
        XCTAssertLessThanOrEqual(
            try fixture.census().cachedBlockCount, magazines * sizeClass.magazineBlockCount)
        XCTAssertLessThanOrEqual(fixture.slabCount, 5)
        try fixture.expectEmptyAtEnd()
    }

    /// One block over a full magazine of 125, back and forth: the top wraps into the next
    /// magazine and returns.
    func testBoundaryOfAFullMagazineIsCrossedBackAndForth() throws {
        let fixture = try HeapFixture()
        let blocks = try fixture.allocate(125 * 4, of: .first)
        fixture.free(Array(blocks[..<375]))
        for _ in 0..<10 {
            for width in 1...4 {
                let taken = try fixture.allocate(width, of: .first)
                fixture.free(taken)
            }
            try fixture.expectLive(small: 125)
        }
        fixture.free(Array(blocks[375...]))
        try fixture.expectEmptyAtEnd()
    }

    /// Two caches hand the same blocks round; each step is checked.
    func testBlocksGoRoundBetweenCaches() throws {
        let fixture = try HeapFixture(byteCount: 4 << 20, cacheCount: 3)
        let sizeClass = SizeClass(holding: 3000)
        for step in 0..<60 {
            let (giver, taker) = (step % 3, (step + 1) % 3)
            let blocks = try fixture.allocate(23, of: sizeClass, on: giver)
            try fixture.expectLive(small: 23)
            fixture.free(blocks, on: taker)
            try fixture.expectLive(small: 0)
        }
        XCTAssertLessThanOrEqual(fixture.slabCount, 12)
        try fixture.expectEmptyAtEnd()
    }

    func testFlushSendsEverythingHome() throws {
        let fixture = try HeapFixture(cacheCount: 2)
        let blocksOfClasses = try SizeClass.all.map { try fixture.allocate(9, of: $0) }
        for blocks in blocksOfClasses {
            for (index, block) in blocks.enumerated() { fixture.free(block, on: index % 2) }
        }
        fixture.caches[1].flush()
        for sizeClass in SizeClass.all {
            XCTAssertNil(fixture.caches[1].loadedBlockCount(of: sizeClass))
            XCTAssertEqual(fixture.caches[1].fullMagazineCount(of: sizeClass), 0)
        }
        let census = try fixture.census()
        XCTAssertEqual(
            census.remoteBlockCount + census.returnedBlockCount, SizeClass.all.count * 4)
        fixture.caches[0].flush()
        XCTAssertEqual(try fixture.census().cachedBlockCount, 0)
        fixture.caches[0].collectPending()
        XCTAssertFalse(fixture.caches[0].hasPending)
        XCTAssertEqual(try fixture.census().remoteBlockCount, 0)
        try fixture.expectLive(small: 0)
        try fixture.expectEmptyAtEnd()
    }

    /// A thread that cannot get a magazine still gives blocks back, its own and others'.
    func testNoMemoryForAMagazine() throws {
        let fixture = try HeapFixture(cacheCount: 2)
        let other = fixture.caches[1]
        let blocks = try fixture.allocate(4, of: .first)
        while withAddressSpaceLimit(1, { other.emptyMagazine() }) != nil {}
        withAddressSpaceLimit(1) { for block in blocks { fixture.free(block, on: 1) } }
        XCTAssertEqual(try fixture.census().remoteBlockCount, 4)
        try fixture.expectLive(small: 0)

        let own = try fixture.allocate(4, of: SizeClass(index: 2))
        fixture.caches[0].flush()
        let cache = fixture.caches[0]
        while withAddressSpaceLimit(1, { cache.emptyMagazine() }) != nil {}
        withAddressSpaceLimit(1) { for block in own { fixture.free(block) } }
        XCTAssertNil(fixture.caches[0].loadedBlockCount(of: SizeClass(index: 2)))
        try fixture.expectLive(small: 0)
        try fixture.expectEmptyAtEnd()
    }

    /// Full magazines that cannot be kept for want of another are emptied.
    func testNoMemoryToKeepAFullMagazine() throws {
        let fixture = try HeapFixture()
        let (cache, sizeClass) = (fixture.caches[0], SizeClass(holding: 1024))
        let blocks = try fixture.allocate(200, of: sizeClass)
        while withAddressSpaceLimit(1, { cache.emptyMagazine() }) != nil {}
        withAddressSpaceLimit(1) { for block in blocks { fixture.free(block) } }
        XCTAssertEqual(fixture.caches[0].fullMagazineCount(of: sizeClass), 0)
        try fixture.expectLive(small: 0)
        try fixture.expectEmptyAtEnd()
    }
}
