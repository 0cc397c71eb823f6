import XCTest

@testable import MIDLMemory

/// The census is what the other tests rely on: each invariant is broken by hand, and mended.
final class CensusTests: XCTestCase {
    /// Blocks of 2560 bytes, which leave a rest behind the last block of a slab.
    private let sizeClass = SizeClass(holding: 2560)

    /// A heap with every state of a block: live, in a magazine, in one that was given back, free,
    /// remote, large, free span.
    private func makeMixedHeap() throws -> HeapFixture {
        let fixture = try HeapFixture(byteCount: 8 << 20, cacheCount: 2)
        let blocks = try fixture.allocate(221, of: sizeClass)
        fixture.free(Array(blocks[..<40]))
        fixture.caches[0].flush()
        // The first alone, and two magazines of 25, before the flush.
        fixture.free(Array(blocks[40..<120]), on: 1)
        fixture.caches[1].flush()
        fixture.free(Array(blocks[120..<151]))
        let large = try fixture.allocate(300_000)
        _ = try fixture.allocate(40_000)
        fixture.free(large)
        return fixture
    }

    func testCountsOfEveryState() throws {
        let fixture = try makeMixedHeap()
        let carved = fixture.slabs.map(\.carvedCount).reduce(0, +)
        XCTAssertEqual(
            try fixture.census(),
            Census(
                liveSmallBlockCount: 70, liveLargeBlockCount: 1, slabCount: 8,
                cachedBlockCount: 31, returnedBlockCount: 50, remoteBlockCount: 30,
                freeBlockCount: carved - 181))
    }

    /// Expects no census while `value` is in `place`.
    private func expectBroken<Value>(
        _ fixture: HeapFixture, _ place: UnsafeMutablePointer<Value>, _ value: Value,
        _ name: String, file: StaticString = #filePath, line: UInt = #line
    ) {
        XCTAssertNotNil(fixture.heap.census(), "before \(name)", file: file, line: line)
        let former = place.pointee
        place.pointee = value
        XCTAssertNil(fixture.heap.census(), name, file: file, line: line)
        place.pointee = former
        XCTAssertNotNil(fixture.heap.census(), "after \(name)", file: file, line: line)
    }

    private func expectBroken(
        _ fixture: HeapFixture, owner: UInt, of slab: Span,
        file: StaticString = #filePath, line: UInt = #line
    ) {
        let former = slab.owner
        slab.owner = owner
        XCTAssertNil(fixture.heap.census(), "owner", file: file, line: line)
        slab.owner = former
        XCTAssertNotNil(fixture.heap.census(), "after owner", file: file, line: line)
    }

    private func word(_ address: UInt) -> UnsafeMutablePointer<UInt> {
        pointer(address).assumingMemoryBound(to: UInt.self)
    }

    func testRecordsOfSlabs() throws {
        let fixture = try makeMixedHeap()
        let slab = try XCTUnwrap(fixture.slabs.first { $0.freeCount > 1 })
        let record = slab.record
        expectBroken(fixture, owner: 0, of: slab)
        expectBroken(fixture, &record.pointee.freeCount, record.pointee.freeCount + 1, "free count")
        expectBroken(fixture, &record.pointee.offset, record.pointee.offset + 16, "offset")
        expectBroken(
            fixture, &record.pointee.carvedCount, record.pointee.carvedCount - 1, "carved count")
        expectBroken(fixture, &record.pointee.capacity, 1, "capacity")
        expectBroken(fixture, &record.pointee.isListed, !slab.isListed, "listed")
        expectBroken(fixture, &record.pointee.kind, .inner, "kind")
        expectBroken(fixture, &record.pointee.kind, .large, "kind")
        expectBroken(fixture, &record.pointee.classIndex, 3, "class")
        expectBroken(fixture, &record.pointee.unitCount, 0, "unit count")
        expectBroken(fixture, &record.pointee.unitCount, 2, "unit count")
    }

    private func seal(_ address: UInt) -> UnsafeMutablePointer<UInt32> {
        pointer(address + 4).assumingMemoryBound(to: UInt32.self)
    }

    /// Expects no census while a block has another link.
    private func expectBroken(
        _ fixture: HeapFixture, link: UInt32, of address: UInt, _ name: String,
        file: StaticString = #filePath, line: UInt = #line
    ) {
        let (block, code) = (
            Block(at: address), UInt32(truncatingIfNeeded: fixture.heap.linkKey)
        )
        let former = block.link(code)
        block.setLink(link, code)
        XCTAssertNil(fixture.heap.census(), name, file: file, line: line)
        block.setLink(former, code)
        XCTAssertNotNil(fixture.heap.census(), "after \(name)", file: file, line: line)
    }

    func testBlocksOfFreeMaps() throws {
        let fixture = try HeapFixture()
        fixture.free(Array(try fixture.allocate(40, of: sizeClass)[..<20]))
        fixture.caches[0].flush()
        let slab = try XCTUnwrap(fixture.slabs.first { $0.freeCount > 1 })
        let first = try XCTUnwrap(slab.freeBlocks(fixture.heap).first)
        let start = fixture.region.start(ofBlocksIn: slab)
        expectBroken(fixture, seal(first), 0, "seal")
        let map = word(slab.freeMap(fixture.region))
        expectBroken(fixture, map, map.pointee & (map.pointee - 1), "a block less")
        let live = try XCTUnwrap(
            (0..<slab.capacity).first {
                let address = start + UInt($0 * slab.blockByteCount)
                return fixture.region.tag(at: address) != 0 && !Block(at: address).isSealed
            })
        let other = map + live / 64
        expectBroken(fixture, other, other.pointee | 1 << UInt(live % 64), "a live block")
    }

    func testBlocksOfRemoteLists() throws {
        let fixture = try makeMixedHeap()
        let slab = try XCTUnwrap(fixture.slabs.first { $0.remoteHead != 0 })
        let start = fixture.region.start(of: slab)
        expectBroken(fixture, seal(slab.remoteHead), 0, "seal")
        let toItself = Span.link(to: slab.remoteHead, from: start)
        expectBroken(fixture, link: toItself, of: slab.remoteHead, "circle")
    }

    func testTags() throws {
        let fixture = try makeMixedHeap()
        let slab = fixture.slabs[0]
        let start = fixture.region.start(ofBlocksIn: slab)
        func tag(_ address: UInt) -> UnsafeMutablePointer<UInt8> {
            pointer(fixture.region.tagAddress(of: address)).assumingMemoryBound(to: UInt8.self)
        }
        expectBroken(fixture, tag(start), 0, "lost tag")
        expectBroken(fixture, tag(start + 16), UInt8(sizeClass.index), "tag inside a block")
        expectBroken(fixture, tag(start), 3, "tag of another class")
        // What blocks leave of a slab is behind the last one, unless it begins at a later line.
        let end = start + UInt(slab.capacity * slab.blockByteCount)
        let rest = slab.offset == 0 ? end : start - 16
        expectBroken(fixture, tag(rest), UInt8(sizeClass.index), "tag beside the blocks")
        let large = try XCTUnwrap(
            fixture.region.spans(below: fixture.heap.withPool { $0.topUnit })
                .first {
                    $0.kind == .large
                        && fixture.region.tag(at: fixture.region.start(ofBlocksIn: $0)) != 0
                })
        let largeStart = fixture.region.start(ofBlocksIn: large)
        expectBroken(fixture, tag(largeStart), 0, "tag of a large block")
        expectBroken(fixture, &large.record.pointee.largeByteCount, 1 << 20, "large byte count")
    }

    func testMagazines() throws {
        let fixture = try makeMixedHeap()
        let cache = fixture.caches[0]
        let top = cache.top(sizeClass)
        let block = Magazine.slot(top - 8)
        let magazine = Magazine.holding(top: top)
        expectBroken(fixture, seal(block), 0, "seal of a cached block")
        expectBroken(fixture, word(top - 8), block + 16, "address inside a block")
        expectBroken(fixture, word(top - 8), 0x1000, "foreign address")
        expectBroken(fixture, word(magazine.first - 8), block, "sentinel")
        expectBroken(fixture, word(magazine.address + 8), magazine.first + 8, "first slot")
        expectBroken(fixture, word(magazine.address + 8), magazine.address + 16, "first slot")
        expectBroken(fixture, seal(cache.sentinel), 0, "seal of the sentinel")
        expectBroken(fixture, &cache.record.pointee.emptyMagazineCount, 40, "empty magazines")
    }

    func testPreviousMagazines() throws {
        let fixture = try makeMixedHeap()
        let (cache, index) = (fixture.caches[0], sizeClass.index)
        let previous = cache.previousTop(sizeClass)
        XCTAssertNotEqual(previous, Magazine.noneTop)
        let magazine = Magazine.holding(top: previous)
        let record = cache.record
        XCTAssertEqual(cache.previousBlockCount(of: sizeClass), 25)
        expectBroken(fixture, seal(magazine.blocks[0]), 0, "seal")
        expectBroken(fixture, word(magazine.first - 8), 0, "sentinel")
        expectBroken(
            fixture, &record.pointee.previousTops[index], magazine.first - 8, "below the first")
        expectBroken(
            fixture, &record.pointee.previousTops[index + 1], previous, "none is loaded")
    }

    func testFullMagazines() throws {
        let fixture = try makeMixedHeap()
        let (cache, small) = (fixture.caches[0], SizeClass.first)
        let blocks = try fixture.allocate(3000, of: small)
        cache.flush()
        fixture.free(Array(blocks[..<700]))
        let (record, index) = (cache.record, small.index)
        XCTAssertGreaterThan(cache.fullMagazineCount(of: small), 1)
        let full = Magazine(at: record.pointee.fullMagazines[index])
        let count = record.pointee.fullBlockCounts[index]
        XCTAssertGreaterThan(count, 125)
        expectBroken(fixture, &record.pointee.fullMagazineCounts[index], 1, "magazine count")
        expectBroken(fixture, &record.pointee.fullBlockCounts[index], count - 1, "block count")
        expectBroken(fixture, seal(full.blocks[3]), 0, "seal")
        expectBroken(fixture, word(full.address), 0, "next")
    }

    func testReturnedMagazines() throws {
        let fixture = try makeMixedHeap()
        // A whole slab of them, which is in no list.
        let blocks = try fixture.allocate(SizeClass.first.slabBlockCount, of: .first)
        fixture.free(Array(blocks[..<400]), on: 1)
        let magazine = try XCTUnwrap(fixture.caches[0].returnedMagazines.first)
        XCTAssertGreaterThan(try fixture.census().returnedBlockCount, 0)
        try fixture.expectLive(small: 70 + blocks.count - 400, large: 1)
        let block = magazine.blocks[1]
        expectBroken(fixture, seal(block), 0, "seal")
        expectBroken(fixture, word(magazine.end - 8), block + 1, "address inside a block")
        expectBroken(fixture, word(magazine.address + 8), magazine.end, "empty")
        let slab = fixture.region.slab(of: Block(at: block))
        XCTAssertFalse(slab.isListed)
        expectBroken(fixture, owner: fixture.caches[1].address, of: slab)
    }

    func testListsOfSlabs() throws {
        let fixture = try makeMixedHeap()
        let cache = fixture.caches[0]
        let slab = try XCTUnwrap(cache.slabs(of: sizeClass).first)
        expectBroken(fixture, &slab.record.pointee.previous, slab.address, "previous")
        expectBroken(fixture, owner: fixture.caches[1].address, of: slab)
        let full = try XCTUnwrap(fixture.slabs.first { !$0.isListed })
        expectBroken(
            fixture, &cache.record.pointee.slabs[sizeClass.index], full.address, "full slab")
        expectBroken(
            fixture, &cache.record.pointee.slabs[sizeClass.index + 1], slab.address, "class")
    }

    func testPool() throws {
        let fixture = try makeMixedHeap()
        for cache in fixture.caches { cache.giveParked() }
        let top = fixture.heap.withPool { $0.topUnit }
        let free = try XCTUnwrap(
            fixture.region.spans(below: top).first { $0.kind == .free && $0.unitCount > 1 })
        expectBroken(fixture, &free.record.pointee.kind, .large, "kind")
        expectBroken(fixture, &free.record.pointee.kind, .inner, "kind")
        expectBroken(fixture, &free.record.pointee.unitCount, 1, "unit count")
        expectBroken(fixture, &free.record.pointee.dirtyUnitCount, 0, "dirty unit count")
        // Two free spans in a row.
        let large = try XCTUnwrap(fixture.region.spans(below: top).first { $0.kind == .large })
        expectBroken(fixture, &large.record.pointee.kind, .free, "neighbours")
    }

    func testMoreCachedThanCarved() throws {
        let fixture = try makeMixedHeap()
        let cache = fixture.caches[0]
        let top = cache.top(sizeClass)
        // One block many times over: more cached than there are blocks without a place.
        for slot in stride(from: top, to: Magazine.holding(top: top).end, by: 8) {
            Magazine.setSlot(slot, Magazine.slot(top - 8))
        }
        let blocks = try fixture.census().liveSmallBlockCount
        cache.setTop(sizeClass, Magazine.holding(top: top).end)
        let census = fixture.heap.census()
        XCTAssertTrue((census?.liveSmallBlockCount ?? 0) < blocks)
        cache.setTop(sizeClass, top)
        try fixture.expectLive(small: 70, large: 1)
    }
}
