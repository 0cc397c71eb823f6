import XCTest

@testable import MIDLMemory

final class SlabTests: XCTestCase {
    func testInnerUnitsLeadToTheFirst() throws {
        let fixture = try HeapFixture()
        let slab = try fixture.makeSlab(of: .last)
        let first = fixture.region.unit(of: slab)
        for offset in 1..<4 {
            let inner = fixture.region.span(atUnit: first + offset)
            XCTAssertEqual(inner.kind, .slabInner)
            XCTAssertEqual(inner.unitsToFirst, offset)
        }
        XCTAssertEqual(slab.kind, .slab)
    }

    func testRetiredSlabLeavesNoTagAndNoKind() throws {
        let fixture = try HeapFixture()
        let region = fixture.region
        for sizeClass in SizeClass.all {
            let blocks = try fixture.allocate(sizeClass.slabBlockCount, of: sizeClass)
            let slab = region.slab(of: Block(blocks[0]))
            let (unit, unitCount) = (region.unit(of: slab), slab.unitCount)
            let next = try fixture.allocate(1, of: sizeClass)
            fixture.free(blocks)
            fixture.caches[0].flush()
            for unit in unit..<unit + unitCount {
                let kind = region.span(atUnit: unit).kind
                XCTAssertTrue(kind != .slab && kind != .slabInner, "\(kind)")
                for offset in stride(from: 0, to: UInt(Unit.byteCount), by: 16) {
                    XCTAssertEqual(region.tag(at: region.address(ofUnit: unit) + offset), 0)
                }
            }
            let neighbour = Block(next[0])
            XCTAssertEqual(region.tag(at: neighbour.address), sizeClass.index)
            XCTAssertEqual(region.slab(of: neighbour).kind, .slab)
            try fixture.expectLive(small: sizeClass.index)
        }
    }

    /// A unit that is a slab again, of whatever class, begins in the page in which it began before;
    /// anywhere once its pages have gone back.
    func testASlabBeginsInThePageOfTheOneBefore() throws {
        let fixture = try HeapFixture()
        var firstPages = Set<UInt>()
        for round in 0..<40 {
            var page: UInt?
            for step in 0..<20 {
                let sizeClass = SizeClass(index: 1 + (round * 7 + step * 11) % 32)
                let blocks = try fixture.allocate(1, of: sizeClass)
                let found = (UInt(bitPattern: blocks[0]) - fixture.region.base) >> Page.shift
                XCTAssertEqual(found, page ?? found, "of \(sizeClass.blockByteCount) bytes")
                page = found
                fixture.free(blocks)
                fixture.caches[0].flush()
                fixture.caches[0].retireEmptySlabs()
            }
            if let page { firstPages.insert(page) }
            fixture.heap.withPool { $0.decommit(downTo: 0) }
        }
        XCTAssertGreaterThan(firstPages.count, 5)
        XCTAssertLessThan(try XCTUnwrap(firstPages.max()), 16)
    }

    /// Where a slab was that began at its start the next one begins anywhere.
    func testASlabAfterOneThatBeganAtTheStartBeginsAnywhere() throws {
        for next in [SizeClass.first, SizeClass(holding: 256)] {
            var firstPages = Set<UInt>()
            for _ in 0..<60 {
                let fixture = try HeapFixture(byteCount: 4 << 20, cacheCount: 2)
                let small = SizeClass(holding: 32)
                fixture.free(try fixture.allocate(3 * small.slabBlockCount, of: small))
                fixture.caches[0].flush()
                fixture.caches[0].retireEmptySlabs()
                // The first one, which began anywhere.
                _ = try fixture.takeSpan(1)
                let block = UInt(bitPattern: try fixture.allocate(next.blockByteCount, on: 1))
                XCTAssertEqual(fixture.region.unit(of: block), 1)
                firstPages.insert((block - fixture.region.base) >> Page.shift)
            }
            XCTAssertGreaterThan(firstPages.count, 5)
        }
    }

    /// Of a longer slab that was there before nothing is taken over that lies beyond.
    func testASlabAfterALongerOneBeginsAnywhere() throws {
        let fixture = try HeapFixture()
        var firstBlocks = Set<Int>()
        for _ in 0..<60 {
            fixture.heap.withPool { $0.decommit(downTo: 0) }
            for sizeClass in [.last, SizeClass(holding: 1024)] {
                fixture.free(try fixture.allocate(1, of: sizeClass))
                let slab = try XCTUnwrap(fixture.slabs.first)
                if sizeClass != .last { firstBlocks.insert(slab.firstIndex) }
                fixture.caches[0].flush()
                fixture.caches[0].retireEmptySlabs()
            }
        }
        XCTAssertGreaterThan(firstBlocks.count, 15)
    }

    func testRemoteListGathersChainsAndGoesToTheFreeMap() throws {
        let fixture = try HeapFixture()
        let heap = fixture.heap
        let slab = try fixture.makeSlab(of: SizeClass(index: 5))
        let blocks = (0..<6).map { _ in slab.carve(heap) }
        slab.setFree(blocks[0], heap.region)
        slab.link(blocks[1], to: blocks[2].address, heap)
        let isFirst = slab.pushRemote(first: blocks[1], last: blocks[2], heap)
        XCTAssertTrue(isFirst)
        XCTAssertFalse(
            slab.pushRemote(first: blocks[3], last: blocks[3], heap))
        XCTAssertEqual(slab.remoteHead, blocks[3].address)
        XCTAssertEqual(slab.freeCount, 1)
        XCTAssertEqual(slab.collectRemote(heap), 3)
        XCTAssertEqual(slab.remoteHead, 0)
        XCTAssertEqual(slab.freeCount, 4)
        let fetched = slab.fetch(4, heap)
        XCTAssertEqual(fetched, Array(blocks[0...3]))
        // Empty again, so the next is the first again.
        XCTAssertEqual(slab.collectRemote(heap), 0)
        XCTAssertEqual(slab.freeCount, 0)
        XCTAssertTrue(slab.pushRemote(first: blocks[4], last: blocks[4], heap))
    }

    func testThreadsPushOnOneRemoteListWithoutLoss() throws {
        let fixture = try HeapFixture()
        let heap = fixture.heap
        let slab = try fixture.makeSlab(of: .first)
        let blocks = (0..<4000).map { _ in slab.carve(heap) }
        onThreads(4) { thread in
            for block in blocks[thread * 1000..<(thread + 1) * 1000] {
                _ = slab.pushRemote(first: block, last: block, heap)
            }
        }
        XCTAssertEqual(slab.collectRemote(heap), 4000)
        XCTAssertEqual(slab.freeCount, 4000)
        let fetched = Set(slab.fetch(4000, heap).map(\.address))
        XCTAssertEqual(fetched, Set(blocks.map(\.address)))
        XCTAssertEqual(slab.freeBlocks(heap), [])
    }

    // MARK: Retirement

    /// The last empty slab of a class stays, or it would come and go with each block.
    func testOneEmptySlabStays() throws {
        let sizeClass = SizeClass(holding: 8192)
        let fixture = try HeapFixture()
        let blocks = try fixture.allocate(sizeClass.slabBlockCount * 5, of: sizeClass)
        XCTAssertEqual(fixture.slabCount, 5)
        fixture.free(blocks)
        fixture.caches[0].flush()
        try fixture.expectLive(small: 0)
        XCTAssertEqual(fixture.slabCount, 1)
        fixture.caches[0].retireEmptySlabs()
        XCTAssertEqual(fixture.slabCount, 0)
        try fixture.expectEmptyAtEnd()
    }

    /// As many as have turned out to be worth keeping, and no more than 2 MiB of all classes.
    func testEmptySlabsThatAreWantedAgainStay() throws {
        let sizeClass = SizeClass(holding: 8192)
        for (kept, slabCount, expected) in [
            (1, 10, 1), (16, 10, 10), (16, 17, 16), (64, 50, 32 + 1),
        ] {
            let fixture = try HeapFixture(byteCount: 64 << 20)
            let cache = fixture.caches[0]
            let blocks = try fixture.allocate(sizeClass.slabBlockCount * slabCount, of: sizeClass)
            cache.record.pointee.keptUnitCounts[sizeClass.index] = UInt8(kept)
            fixture.free(blocks)
            cache.flush()
            XCTAssertEqual(fixture.slabCount, expected, "\(kept) of \(slabCount)")
            XCTAssertEqual(
                cache.record.pointee.keptSlabUnitCount, fixture.slabs.filter(\.isKept).count)
            try fixture.expectLive(small: 0)
            // They serve before any other.
            let again = try fixture.allocate(sizeClass.slabBlockCount * expected, of: sizeClass)
            XCTAssertEqual(fixture.slabCount, expected)
            XCTAssertEqual(cache.record.pointee.keptSlabUnitCount, 0)
            fixture.free(again)
            try fixture.expectEmptyAtEnd()
        }
    }

    func testSlabsOfAllClassesRetireAndTheirUnitsServeOthers() throws {
        let fixture = try HeapFixture(byteCount: 8 << 20)
        for _ in 0..<2 {
            for sizeClass in SizeClass.all {
                let blocks = try fixture.allocate(sizeClass.slabBlockCount + 1, of: sizeClass)
                fixture.free(blocks.reversed())
                fixture.caches[0].flush()
                fixture.caches[0].retireEmptySlabs()
                XCTAssertEqual(try fixture.census(), Census(), "class \(sizeClass.index)")
            }
        }
        try fixture.expectEmptyAtEnd()
    }

    /// Slabs of two threads lie side by side: each joins the free spans that the other leaves.
    func testThreadsRetireNeighbouringSlabs() throws {
        let sizeClass = SizeClass(holding: 32768)
        let fixture = try HeapFixture(cacheCount: 2)
        for _ in 0..<20 {
            var blocks: [[UInt]] = [[], []]
            for slab in 0..<40 {
                let more = try fixture.allocate(8, of: sizeClass, on: slab % 2)
                blocks[slab % 2] += more.map { UInt(bitPattern: $0) }
            }
            XCTAssertEqual(fixture.slabCount, 40)
            let (caches, owned) = (fixture.caches, blocks)
            onThreads(2) { thread in
                let cache = caches[thread]
                for block in owned[thread] { ThreadCache.free(cache.front, pointer(block)) }
                cache.flush()
                cache.retireEmptySlabs()
            }
            XCTAssertEqual(try fixture.census(), Census())
        }
        try fixture.expectEmptyAtEnd()
    }
}
