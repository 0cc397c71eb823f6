import MIDLPlatform
import XCTest

@testable import MIDLMemory

/// Allocation: the fast path, refills and failures.
final class ThreadCacheTests: XCTestCase {
    func testBlocksOfEverySizeAreAlignedAndApart() throws {
        let fixture = try HeapFixture()
        var model = BlockModel()
        for byteCount in Array(0...1100) + Array(stride(from: 1101, through: 33000, by: 301)) {
            let block = try fixture.allocate(byteCount)
            XCTAssertEqual(UInt(bitPattern: block) % 16, 0)
            let usable = fixture.heap.byteCount(ofBlockAt: UInt(bitPattern: block))
            XCTAssertGreaterThanOrEqual(usable, max(1, byteCount))
            model.add(block, fixture.heap)
        }
        try fixture.expectLive(small: model.smallCount, large: model.largeCount)
        XCTAssertTrue(model.blocks.allSatisfy(\.isIntact))
        while !model.blocks.isEmpty { fixture.free(model.remove(at: 0)) }
        try fixture.expectEmptyAtEnd()
    }

    func testZeroBytesAreUniqueBlocks() throws {
        let fixture = try HeapFixture()
        let blocks = try (0..<1000).map { _ in try fixture.allocate(0) }
        XCTAssertEqual(Set(blocks).count, 1000)
        try fixture.expectLive(small: 1000)
        fixture.free(blocks)
        try fixture.expectEmptyAtEnd()
    }

    func testCountsThatAreTooLarge() throws {
        let fixture = try HeapFixture(byteCount: 4 << 20)
        for byteCount in [-1, .min, .min + 1, .max, .max - 65535, 4 << 20 + 1] {
            errno = 0
            XCTAssertNil(fixture.tryAllocate(byteCount), "\(byteCount)")
            XCTAssertEqual(errno, ENOMEM)
        }
        try fixture.expectLive(small: 0)
    }

    func testSuccessKeepsErrno() throws {
        let fixture = try HeapFixture()
        for byteCount in [1, 1024, 1025, 32768, 32769] {
            errno = EBADF
            let block = fixture.tryAllocate(byteCount)
            XCTAssertEqual(errno, EBADF)
            XCTAssertNotNil(block)
        }
    }

    /// An allocated block does not look free, whatever it held before.
    func testAllocatedBlockIsNotSealed() throws {
        let fixture = try HeapFixture()
        for sizeClass in SizeClass.all {
            for block in try fixture.allocate(3, of: sizeClass) {
                XCTAssertFalse(Block(block).isSealed)
                fixture.free(block)
                XCTAssertTrue(Block(block).isSealed)
            }
        }
    }

    /// Fresh blocks come one beside the other but for the order in each group, from any of them on and
    /// around the end.
    func testFreshSlabIsHandedOutOnceAround() throws {
        for sizeClass in SizeClass.all {
            let fixture = try HeapFixture(byteCount: 16 << 20)
            let blocks = try fixture.allocate(sizeClass.slabBlockCount, of: sizeClass)
            let byteCount = sizeClass.blockByteCount
            let slab = fixture.region.slab(of: Block(blocks[0]))
            let start = fixture.region.start(ofBlocksIn: slab)
            let offsets = blocks.map { Int(UInt(bitPattern: $0) - start) }
            XCTAssertEqual(
                offsets, offsets.indices.map { slab.index(ofCarved: $0) * byteCount })
            XCTAssertEqual(Set(offsets).count, slab.capacity)
            XCTAssertEqual(fixture.slabCount, 1)
            // The slab is full: it is in no list, and the next block needs another.
            XCTAssertTrue(fixture.caches[0].slabs(of: sizeClass).isEmpty)
            _ = try fixture.allocate(1, of: sizeClass)
            XCTAssertEqual(fixture.slabCount, 2)
            try fixture.expectLive(small: sizeClass.slabBlockCount + 1)
        }
    }

    /// Then as many as before, up to four pages.
    func testRefillsCarveMoreEachTime() throws {
        for (byteCount, expected) in [
            (1024, [4, 8, 16, 32, 48, 64]), (8192, [1, 2, 4, 8]), (32768, [1, 2, 4, 8]),
        ] {
            let fixture = try HeapFixture(byteCount: 4 << 20)
            var carved: [Int] = []
            for _ in 0..<(expected.last ?? 0) {
                _ = try fixture.allocate(byteCount)
                let count = try XCTUnwrap(fixture.slabs.first).carvedCount
                if carved.last != count { carved.append(count) }
            }
            XCTAssertEqual(carved, expected)
        }
    }

    /// A page of blocks is carved at first, and no page is touched before.
    func testRefillCarvesAPage() throws {
        for sizeClass in SizeClass.all {
            let fixture = try HeapFixture(byteCount: 4 << 20)
            _ = try fixture.allocate(1, of: sizeClass)
            let slab = try XCTUnwrap(fixture.slabs.first)
            let capacity = fixture.caches[0].nextCapacity(of: sizeClass)
            XCTAssertEqual(capacity, min(8, sizeClass.magazineBlockCount))
            XCTAssertEqual(slab.carvedCount, min(capacity, sizeClass.carveBlockCount))
        }
    }

    func testRefillTakesAMagazineOfFreeBlocks() throws {
        for sizeClass in SizeClass.all {
            let fixture = try HeapFixture(byteCount: 32 << 20)
            let count = sizeClass.magazineBlockCount * 3
            fixture.free(try fixture.allocate(count, of: sizeClass))
            fixture.caches[0].flush()
            XCTAssertNil(fixture.caches[0].loadedBlockCount(of: sizeClass))
            _ = try fixture.allocate(1, of: sizeClass)
            let capacity = fixture.caches[0].nextCapacity(of: sizeClass)
            XCTAssertEqual(capacity, min(8, sizeClass.magazineBlockCount))
            // All that is free of an only slab may be less.
            let loaded = try XCTUnwrap(fixture.caches[0].loadedBlockCount(of: sizeClass)) + 1
            XCTAssertLessThanOrEqual(loaded, capacity)
            let slabs = fixture.caches[0].slabs(of: sizeClass)
            XCTAssertTrue(loaded == capacity || slabs.allSatisfy { $0.freeCount == 0 })
            try fixture.expectLive(small: 1)
        }
    }

    func testRefillUsesWhatOthersGaveBackBeforeANewSlab() throws {
        let fixture = try HeapFixture(cacheCount: 2)
        let sizeClass = SizeClass(holding: 2048)
        let blocks = try fixture.allocate(sizeClass.slabBlockCount, of: sizeClass)
        fixture.free(blocks, on: 1)
        fixture.caches[1].flush()
        XCTAssertTrue(fixture.caches[0].hasPending)
        let again = try fixture.allocate(sizeClass.slabBlockCount, of: sizeClass)
        XCTAssertEqual(Set(again), Set(blocks))
        XCTAssertEqual(fixture.slabCount, 1)
        XCTAssertFalse(fixture.caches[0].hasPending)
        try fixture.expectLive(small: blocks.count)
    }

    /// Each cache carves slabs of its own.
    func testCachesDoNotShareSlabs() throws {
        let fixture = try HeapFixture(cacheCount: 3)
        for cache in 0..<3 {
            let block = Block(try fixture.allocate(64, on: cache))
            XCTAssertEqual(fixture.region.slab(of: block).owner, fixture.caches[cache].address)
        }
        XCTAssertEqual(fixture.slabCount, 3)
        try fixture.expectLive(small: 3)
    }

    /// Without memory for magazines nothing small can be allocated, and nothing is lost.
    func testNoMemoryForAMagazine() throws {
        let fixture = try HeapFixture()
        let cache = fixture.caches[0]
        while withAddressSpaceLimit(1, { cache.emptyMagazine() }) != nil {}
        let block = withAddressSpaceLimit(1) { fixture.tryAllocate(16) }
        XCTAssertNil(block)
        XCTAssertEqual(try fixture.census(), Census())
        fixture.free(try fixture.allocate(16))
        try fixture.expectEmptyAtEnd()
    }
}
