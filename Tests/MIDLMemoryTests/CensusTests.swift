import XCTest

@testable import MIDLMemory

/// The census is what the other tests rely on: each invariant is broken by hand, and mended.
final class CensusTests: XCTestCase {
    /// Blocks of 1280 bytes, which leave a rest behind the last block of a slab.
    private let sizeClass = SizeClass(holding: 1280)

    /// A heap with every state of a block: live, in a magazine, free, remote, large, free span.
    private func makeMixedHeap() throws -> HeapFixture {
        let fixture = try HeapFixture(byteCount: 8 << 20, cacheCount: 2)
        let blocks = try fixture.allocate(150, of: sizeClass)
        fixture.free(Array(blocks[..<40]))
        fixture.caches[0].flush()
        fixture.free(Array(blocks[40..<70]), on: 1)
        fixture.caches[1].flush()
        fixture.free(Array(blocks[70..<80]))
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
                liveSmallBlockCount: 70, liveLargeBlockCount: 1, slabCount: 3,
                cachedBlockCount: 10, remoteBlockCount: 30, freeBlockCount: carved - 110))
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
        expectBroken(fixture, &record.pointee.freeHead, 0, "free head")
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

    func testBlocksOfFreeLists() throws {
        let fixture = try makeMixedHeap()
        let slab = try XCTUnwrap(fixture.slabs.first { $0.freeCount > 1 })
        let first = slab.freeHead
        expectBroken(fixture, word(first), 0, "seal")
        let toItself = fixture.heap.linkKey
        expectBroken(fixture, word(first + 8), toItself, "circle")
        expectBroken(fixture, word(first + 8), 0x1234, "link out of the region")
        let inside = (first + 16) ^ first ^ fixture.heap.linkKey
        expectBroken(fixture, word(first + 8), inside, "link into a block")
        let other = try XCTUnwrap(fixture.slabs.first { $0 != slab && $0.carvedCount > 0 })
        let away = fixture.region.start(of: other) ^ first ^ fixture.heap.linkKey
        expectBroken(fixture, word(first + 8), away, "link to another slab")
    }

    func testBlocksOfRemoteLists() throws {
        let fixture = try makeMixedHeap()
        let slab = try XCTUnwrap(fixture.slabs.first { $0.remoteHead != 0 })
        expectBroken(fixture, word(slab.remoteHead), 0, "seal")
        let toItself = fixture.heap.linkKey
        expectBroken(fixture, word(slab.remoteHead + 8), toItself, "circle")
    }

    func testTags() throws {
        let fixture = try makeMixedHeap()
        let slab = fixture.slabs[0]
        let start = fixture.region.start(of: slab)
        func tag(_ address: UInt) -> UnsafeMutablePointer<UInt8> {
            pointer(fixture.region.tagAddress(of: address)).assumingMemoryBound(to: UInt8.self)
        }
        expectBroken(fixture, tag(start), 0, "lost tag")
        expectBroken(fixture, tag(start + 16), UInt8(sizeClass.index), "tag inside a block")
        expectBroken(fixture, tag(start), 3, "tag of another class")
        let end = start + UInt(slab.capacity * slab.blockByteCount)
        expectBroken(fixture, tag(end), UInt8(sizeClass.index), "tag behind the last block")
        let large = try XCTUnwrap(
            fixture.region.spans(below: fixture.heap.withPool { $0.topUnit })
                .first { $0.kind == .large })
        expectBroken(fixture, tag(fixture.region.start(of: large)), 0, "tag of a large block")
        expectBroken(fixture, &large.record.pointee.largeByteCount, 1 << 20, "large byte count")
    }

    func testMagazines() throws {
        let fixture = try makeMixedHeap()
        let cache = fixture.caches[0]
        let top = cache.top(sizeClass)
        let block = Magazine.slot(top - 8)
        let magazine = Magazine.holding(top: top)
        expectBroken(fixture, word(block), 0, "seal of a cached block")
        expectBroken(fixture, word(top - 8), block + 16, "address inside a block")
        expectBroken(fixture, word(top - 8), 0x1000, "foreign address")
        let sentinel = magazine.firstSlot(capacity: cache.capacity(sizeClass)) - 8
        expectBroken(fixture, word(sentinel), block, "sentinel")
        expectBroken(
            fixture, &cache.record.pointee.capacities[sizeClass.index + 1], 4, "capacity")
        expectBroken(
            fixture, &cache.record.pointee.fullMagazineCounts[sizeClass.index], 1, "magazine count")
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
