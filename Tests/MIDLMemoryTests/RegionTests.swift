import XCTest

@testable import MIDLMemory

final class RegionTests: XCTestCase {
    private func withRegion(_ byteCount: Int, _ body: (Region) throws -> Void) throws {
        let region = try XCTUnwrap(Region.reserve(byteCount: byteCount))
        defer { region.release() }
        try body(region)
    }

    func testPartsFollowOneAnotherAndFit() throws {
        for byteCount in [4 << 20, 16 << 20, 1 << 30] {
            try withRegion(byteCount) { region in
                XCTAssertEqual(region.byteCount, byteCount)
                XCTAssertEqual(region.granuleCount, UInt(byteCount / 16))
                XCTAssertEqual(region.base % (2 << 20), 0)
                let cachesEnd = region.cacheArea + UInt(region.cacheAreaByteCount)
                XCTAssertEqual(region.tags - cachesEnd, UInt(Region.tagsDistance))
                XCTAssertLessThanOrEqual(region.cacheAreaByteCount, Region.tagsDistance)
                XCTAssertGreaterThanOrEqual(region.records, region.tags + region.granuleCount)
                let recordsEnd = region.records + UInt(region.unitCount * SpanRecord.byteStride)
                XCTAssertGreaterThanOrEqual(region.base, recordsEnd)
                let end = region.cacheArea + UInt(region.reservationByteCount)
                XCTAssertLessThanOrEqual(region.base + UInt(byteCount), end)
            }
        }
    }

    func testContainsExactlyItsUnits() throws {
        try withRegion(4 << 20) { region in
            XCTAssertTrue(region.contains(region.base))
            XCTAssertTrue(region.contains(region.base + 4 << 20 - 1))
            for address in [region.base - 1, region.base + 4 << 20, 0, .max, region.tags] {
                XCTAssertFalse(region.contains(address))
            }
        }
    }

    func testUnitsSpansAndAddressesAgree() throws {
        try withRegion(8 << 20) { region in
            for unit in 0..<region.unitCount {
                let start = region.address(ofUnit: unit)
                let span = region.span(atUnit: unit)
                XCTAssertEqual(region.unit(of: start), unit)
                XCTAssertEqual(region.unit(of: start + 65535), unit)
                XCTAssertEqual(region.unit(of: span), unit)
                XCTAssertEqual(region.start(of: span), start)
            }
            XCTAssertEqual(region.address(ofUnit: 0), region.base)
        }
    }

    /// Tags can be read before anything is committed, for every address there is.
    func testTagsAreReadableEverywhere() throws {
        try withRegion(4 << 20) { region in
            for address in stride(from: region.base, to: region.base + 4 << 20, by: 4096) {
                XCTAssertEqual(region.tag(at: address), 0)
            }
            XCTAssertEqual(region.tag(at: region.base + 4 << 20 - 16), 0)
            for address in [0, 1, region.base - 16, region.base + 4 << 20, .max, .max - 15] {
                XCTAssertEqual(region.tagOfAny(address), SizeClass.none.index)
            }
        }
    }

    func testTagIsOfOneGranule() throws {
        let fixture = try HeapFixture(byteCount: 4 << 20)
        let region = fixture.region
        _ = try fixture.takeSpan(1)
        region.setTag(7, at: region.base + 32)
        XCTAssertEqual(region.tag(at: region.base + 32), 7)
        XCTAssertEqual(region.tagOfAny(region.base + 32), 7)
        XCTAssertEqual(region.tag(at: region.base + 16), 0)
        XCTAssertEqual(region.tag(at: region.base + 48), 0)
        for offset in 33..<48 as Range<UInt> {
            XCTAssertEqual(region.tagOfAny(region.base + offset), 0)
        }
    }

    func testClearTagsClearsWhatWasAskedAndNoMore() throws {
        let fixture = try HeapFixture(byteCount: 4 << 20)
        let region = fixture.region
        let spans = try (0..<3).map { _ in try fixture.takeSpan(1) }
        for span in spans {
            for offset in stride(from: 0, to: UInt(Unit.byteCount), by: 16) {
                region.setTag(9, at: region.start(of: span) + offset)
            }
        }
        region.clearTags(of: spans[1], byteCount: 40)
        let middle = region.start(of: spans[1])
        let tags = (0..<4).map { region.tag(at: middle + $0 * 16) }
        XCTAssertEqual(tags, [0, 0, 0, 9])
        region.clearTags(of: spans[1], byteCount: Unit.byteCount)
        for offset in stride(from: 0, to: UInt(Unit.byteCount), by: 16) {
            XCTAssertEqual(region.tag(at: middle + offset), 0)
        }
        XCTAssertEqual(region.tag(at: middle - 16), 9)
        XCTAssertEqual(region.tag(at: region.start(of: spans[2])), 9)
    }

    func testSlabOfABlockIsFoundFromItsInnerUnits() throws {
        let fixture = try HeapFixture(byteCount: 4 << 20)
        for sizeClass in [1, 48, 64].map({ SizeClass(index: $0) }) {
            let slab = try fixture.makeSlab(of: sizeClass)
            for _ in 0..<slab.capacity {
                XCTAssertEqual(fixture.region.slab(of: slab.carve(fixture.heap)), slab)
            }
        }
    }

    func testDecommitEmptiesUnitsWithTheirTagsAndNoOthers() throws {
        let fixture = try HeapFixture(byteCount: 4 << 20)
        let region = fixture.region
        let start = region.start(of: try fixture.takeSpan(24))
        memset(pointer(start), 5, 24 << 16)
        for unit in 0..<24 { region.setTag(9, at: region.address(ofUnit: unit) + 65520) }
        region.decommit(unit: 3, unitCount: 18)
        for unit in 0..<24 {
            let isLeft = unit < 3 || unit >= 21
            let address = region.address(ofUnit: unit)
            XCTAssertEqual(region.tag(at: address + 65520), isLeft ? 9 : 0)
            for offset in [0, 65535] as [UInt] {
                let byte = pointer(address + offset).load(as: UInt8.self)
                XCTAssertEqual(byte, isLeft ? 5 : 0)
            }
        }
    }

    /// Eight of them share a page, which goes back when it is of no other units: those of the units
    /// that stay may be in use.
    func testDecommitEmptiesWholePagesOfFreeMaps() throws {
        let fixture = try HeapFixture(byteCount: 4 << 20)
        let region = fixture.region
        _ = try fixture.takeSpan(32)
        XCTAssertEqual(region.freeMap(atUnit: 0) % UInt(Page.byteCount), 0)
        for unit in 0..<32 { pointer(region.freeMap(atUnit: unit)).storeBytes(of: 7, as: Int.self) }
        region.decommit(unit: 3, unitCount: 18)
        let maps = (0..<32).map { pointer(region.freeMap(atUnit: $0)).load(as: Int.self) }
        XCTAssertEqual(maps.indices.filter { maps[$0] == 0 }, Array(8..<16))
    }

    func testReleaseUnmapsEverything() throws {
        let region = try XCTUnwrap(Region.reserve(byteCount: 4 << 20))
        var resident: UInt8 = 0
        func isMapped(_ address: UInt) -> Bool { mincore(pointer(address), 4096, &resident) == 0 }
        let last = region.cacheArea + UInt(region.reservationByteCount) - 4096
        let parts = [region.cacheArea, region.tags, region.base, last]
        for address in parts { XCTAssertTrue(isMapped(address)) }
        region.release()
        for address in parts { XCTAssertFalse(isMapped(address)) }
    }

    func testOrdinaryReservationIsLarge() throws {
        let region = try XCTUnwrap(Region.reserve())
        defer { region.release() }
        XCTAssertEqual(region.byteCount % (4 << 20), 0)
        XCTAssertGreaterThanOrEqual(region.byteCount, 64 << 30)
    }

    /// A limit on the address space leaves room for others.
    func testReservationKeepsToTheLimit() throws {
        let limit = try addressSpaceInUse() + 4 << 30
        let region = try XCTUnwrap(withAddressSpaceLimit(limit) { Region.reserve() })
        defer { region.release() }
        XCTAssertLessThanOrEqual(region.reservationByteCount, 4 << 30)
        XCTAssertLessThanOrEqual(region.byteCount, limit / 3 * 2)
        XCTAssertGreaterThanOrEqual(region.byteCount, 1 << 30)
        XCTAssertNil(withAddressSpaceLimit(1) { Region.reserve() })
    }
}
