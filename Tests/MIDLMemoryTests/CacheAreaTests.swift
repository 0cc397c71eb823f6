import MIDLPlatform
import XCTest

@testable import MIDLMemory

/// Caches stand at a constant distance from the tags, as long as there is room.
final class CacheAreaTests: XCTestCase {
    private func tag(_ cache: UInt, granule: UInt) -> UInt {
        cache + UInt(Region.tagsDistance) + granule
    }

    /// The equation at the top of Region.swift, for caches everywhere in the area.
    func testTagIsFoundFromEveryCache() throws {
        for byteCount in [4 << 20, 256 << 20, 16 << 30] {
            let region = try XCTUnwrap(Region.reserve(byteCount: byteCount))
            defer { region.release() }
            let end = region.base + UInt(region.byteCount)
            for offset in [0, 64, 64 << 10, region.cacheAreaByteCount - 64] {
                let cache = region.cacheArea + UInt(offset)
                XCTAssertTrue(region.isInCacheArea(cache))
                let (first, limit) = region.granules(ofCacheAt: cache)
                XCTAssertEqual(first + limit * 16, end)
                XCTAssertLessThan(first, region.base)
                for address in [region.base, region.base + 16, region.base + 1 << 20, end - 16] {
                    XCTAssertEqual(
                        tag(cache, granule: (address - first) / 16),
                        region.tagAddress(of: address))
                }
                // What lies below the base has a tag that can be read, and is that of no block.
                for granule in [0, (region.base - first) / 16 - 1] {
                    let byte = pointer(tag(cache, granule: granule)).load(as: UInt8.self)
                    XCTAssertEqual(byte, 0)
                    XCTAssertLessThan(tag(cache, granule: granule), region.tags)
                }
            }
            let area = region.cacheArea..<region.cacheArea + UInt(region.cacheAreaByteCount)
            XCTAssertFalse(region.isInCacheArea(area.lowerBound - 1))
            XCTAssertTrue(region.isInCacheArea(area.upperBound - 1))
            XCTAssertFalse(region.isInCacheArea(area.upperBound))
            XCTAssertFalse(region.isInCacheArea(0))
        }
    }

    func testFrontsCountAsTheRegionSays() throws {
        let fixture = try HeapFixture(cacheCount: 3)
        for cache in fixture.caches {
            XCTAssertTrue(fixture.region.isInCacheArea(cache.address))
            let granules = fixture.region.granules(ofCacheAt: cache.address)
            XCTAssertEqual(cache.front.pointee.first_granule, granules.first)
            XCTAssertEqual(cache.front.pointee.granule_limit, granules.limit)
        }
    }

    func testAreaIsCommittedInPiecesAndToItsEnd() throws {
        let region = try XCTUnwrap(Region.reserve(byteCount: 4 << 20))
        defer { region.release() }
        let area = region.cacheAreaByteCount
        XCTAssertTrue(region.commitCaches(byteCount: 65536, behind: 0))
        memset(pointer(region.cacheArea), 1, 65536)
        XCTAssertTrue(region.commitCaches(byteCount: 65536, behind: area - 65536))
        memset(pointer(region.cacheArea + UInt(area)) - 65536, 1, 65536)
        XCTAssertFalse(region.commitCaches(byteCount: 65536, behind: area - 4096))
        XCTAssertFalse(
            withAddressSpaceLimit(1) { region.commitCaches(byteCount: 65536, behind: 65536) })
    }

    // MARK: Beyond the area

    /// A heap with as many caches as fit in the area, and two outside; these are the last ones.
    private func makeFullArea(_ byteCount: Int = 4 << 20) throws -> HeapFixture {
        let fixture = try HeapFixture(byteCount: byteCount)
        while fixture.caches.filter({ !fixture.region.isInCacheArea($0.address) }).count < 2 {
            try fixture.makeCache()
        }
        return fixture
    }

    func testCachesFillTheAreaSideBySide() throws {
        let fixture = try makeFullArea()
        let addresses = fixture.caches.map(\.address)
        let byteCount = UInt(Page.roundUp(MemoryLayout<ThreadCacheRecord>.size))
        let inside = addresses.filter { fixture.region.isInCacheArea($0) }
        XCTAssertEqual(
            inside, inside.indices.map { fixture.region.cacheArea + UInt($0) * byteCount })
        XCTAssertEqual(inside.count, fixture.region.cacheAreaByteCount / Int(byteCount))
        XCTAssertEqual(addresses.count, inside.count + 2)
        XCTAssertTrue(addresses.allSatisfy { $0 % 64 == 0 })
        for cache in fixture.caches.suffix(2) { XCTAssertEqual(cache.heap, fixture.heap) }
    }

    /// Each of its frees goes the slow way, and is right: of its own blocks, others' and large ones.
    func testCacheOutsideTheAreaFreesTheSlowWay() throws {
        let fixture = try makeFullArea(16 << 20)
        let outside = fixture.caches.count - 1
        let cache = fixture.caches[outside]
        XCTAssertEqual(cache.front.pointee.granule_limit, 1)
        XCTAssertEqual(Registry.heap(of: cache.front), fixture.heap)
        ThreadCache.free(cache.front, nil)
        for sizeClass in SizeClass.all {
            let own = try fixture.allocate(3, of: sizeClass, on: outside)
            fixture.free(own, on: outside)
            XCTAssertTrue(own.allSatisfy { Block($0).isSealed })
            let again = try fixture.allocate(3, of: sizeClass, on: outside)
            XCTAssertEqual(Set(again), Set(own))
            let others = try fixture.allocate(3, of: sizeClass)
            fixture.free(others, on: outside)
            fixture.free(again, on: 0)
            try fixture.expectLive(small: 0)
        }
        fixture.free(try fixture.allocate(100_000, on: outside), on: outside)
        fixture.free(try fixture.allocate(100_000), on: outside)
        try fixture.expectEmptyAtEnd()
    }

    func testMisuseOfACacheOutsideTheAreaEndsTheProgram() throws {
        let fixture = try makeFullArea()
        let outside = fixture.caches.count - 1
        let block = try fixture.allocate(100, on: outside)
        var local = (0, 0)
        withUnsafeMutableBytes(of: &local) { bytes in
            guard let foreign = bytes.baseAddress else { return XCTFail("no address") }
            expectStop {
                fixture.free(foreign, on: outside)
            } after: {
            }
        }
        for offset in [1, 8, 16] {
            expectStop {
                fixture.free(block + offset, on: outside)
            } after: {
            }
        }
        expectStop {
            fixture.free(block, on: outside)
        } after: {
            fixture.free(block, on: outside)
        }
        fixture.free(block, on: outside)
        try fixture.expectEmptyAtEnd()
    }

    func testRandomRunWithCachesInsideAndOutside() throws {
        let fixture = try makeFullArea(32 << 20)
        let caches = [0, fixture.caches.count - 2, fixture.caches.count - 1]
        var (model, generator) = (BlockModel(), SeededGenerator(seed: 77))
        for step in 0..<20_000 {
            let cache = caches[.random(in: 0..<3, using: &generator)]
            if Int.random(in: 0..<1000, using: &generator) >= model.blocks.count {
                let byteCount = generator.byteCount(largeLimit: 100_000)
                if let block = fixture.tryAllocate(byteCount, on: cache) {
                    model.add(block, fixture.heap)
                }
            } else {
                fixture.free(model.removeAny(using: &generator), on: cache)
            }
            if step % 4000 == 0 {
                try fixture.expectLive(small: model.smallCount, large: model.largeCount)
            }
        }
        while !model.blocks.isEmpty {
            fixture.free(model.removeAny(using: &generator), on: caches[2])
        }
        try fixture.expectEmptyAtEnd()
    }
}
