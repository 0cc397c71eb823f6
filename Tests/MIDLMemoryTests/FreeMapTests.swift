import XCTest

@testable import MIDLMemory

final class FreeMapTests: XCTestCase {
    /// All blocks of a slab, in any order: they come back in the order of addresses.
    func testBlocksAreFetchedInTheOrderOfAddresses() throws {
        let fixture = try HeapFixture()
        let heap = fixture.heap
        var generator = SeededGenerator(seed: 5)
        for sizeClass in SizeClass.all {
            let slab = try fixture.makeSlab(of: sizeClass, random: 7)
            let blocks = fixture.carve(slab.capacity, slab).shuffled(using: &generator)
            for (count, block) in blocks.enumerated() {
                XCTAssertEqual(slab.freeCount, count)
                slab.setFree(block, heap.region)
            }
            let addresses = blocks.map(\.address).sorted()
            XCTAssertTrue(slab.isEmptySlab)
            XCTAssertEqual(slab.freeBlocks(heap), addresses)
            let half = slab.capacity / 2
            XCTAssertEqual(slab.fetch(half, heap).map(\.address), Array(addresses[..<half]))
            XCTAssertEqual(slab.freeCount, slab.capacity - half)
            XCTAssertEqual(slab.freeBlocks(heap), Array(addresses[half...]))
            slab.clearFreeMap(heap.region)
            XCTAssertEqual(slab.freeBlocks(heap), [])
        }
    }

    /// Where nothing else is: those of up to 1,024 blocks behind the record.
    func testMapsHaveRoom() throws {
        let fixture = try HeapFixture(byteCount: 128 << 20)
        for sizeClass in SizeClass.all {
            let slab = try fixture.makeSlab(of: sizeClass)
            let map = slab.freeMap(fixture.region)
            let place = fixture.region.freeMap(atUnit: fixture.region.unit(of: slab))
            XCTAssertEqual(map, sizeClass.blockByteCount < 64 ? place : slab.address + 128)
            XCTAssertLessThanOrEqual(slab.capacity, map == place ? 4096 : 1024)
        }
    }

    /// A unit may become part of a slab of any class.
    func testMapsAreEmptyWhereThereIsNoSlab() throws {
        let fixture = try HeapFixture()
        for sizeClass in SizeClass.all {
            let blocks = try fixture.allocate(3 * sizeClass.slabBlockCount, of: sizeClass)
            fixture.free(blocks)
            fixture.caches[0].flush()
            fixture.caches[0].retireEmptySlabs()
            XCTAssertEqual(fixture.slabs.count, 0)
            let region = fixture.region
            for unit in 0..<fixture.heap.withPool({ $0.topUnit }) {
                let span = region.span(atUnit: unit)
                let maps = [(span.address + 128, 128), (region.freeMap(atUnit: unit), 512)]
                for (map, byteCount) in maps {
                    let bytes = UnsafeRawBufferPointer(start: pointer(map), count: byteCount)
                    XCTAssertTrue(bytes.allSatisfy { $0 == 0 }, "\(sizeClass)")
                }
            }
        }
    }

    /// A run ends at the first block that is not of the slab, whatever lies there.
    func testOnlyBlocksOfTheSlabAreTaken() throws {
        for byteCount in [48, 20_000] {
            let fixture = try HeapFixture()
            let (sizeClass, region) = (SizeClass(holding: byteCount), fixture.region)
            let before = try fixture.makeSlab(of: sizeClass)
            let slab = try fixture.makeSlab(of: sizeClass, random: 10 << 32)
            _ = try fixture.makeSlab(of: sizeClass)
            let end = region.start(of: slab) + UInt(slab.unitCount * Unit.byteCount)
            let own = fixture.carve(3, slab).map(\.address)
            let others =
                [0, region.base - 16, region.start(of: before), end, end + 64, .max - 15] as [UInt]
            for other in others {
                let slots = own + [other] + own
                slots.withUnsafeBufferPointer {
                    let first = UInt(bitPattern: $0.baseAddress)
                    XCTAssertEqual(
                        slab.setFree(from: first, to: first + 7 * 8, region), first + 3 * 8)
                }
                XCTAssertEqual(slab.fetch(3, fixture.heap).map(\.address), own.sorted())
                XCTAssertEqual(slab.freeCount, 0)
            }
        }
    }

    func testBlockThatIsInTheMapEndsTheProgram() throws {
        let fixture = try HeapFixture()
        let slab = try fixture.makeSlab(of: SizeClass(holding: 100))
        let blocks = fixture.carve(2, slab)
        slab.setFree(blocks[0], fixture.region)
        expectStop {
            slab.setFree(blocks[0], fixture.region)
        } after: {
        }
        slab.setFree(blocks[1], fixture.region)
        XCTAssertEqual(slab.freeCount, 2)
    }

    /// The first blocks of slabs of one class lie at different distances from a page.
    func testSlabsBeginAtDifferentLines() throws {
        let fixture = try HeapFixture()
        for byteCount in [1280, 12_288, 20_480] {
            let sizeClass = SizeClass(holding: byteCount)
            let offsets = try (0..<20).map { number in
                try fixture.makeSlab(of: sizeClass, random: UInt(number) << 32).offset
            }
            XCTAssertTrue(offsets.allSatisfy { $0 % 64 == 0 })
            XCTAssertGreaterThan(Set(offsets).count, 3, "\(byteCount)")
        }
        for sizeClass in SizeClass.all where sizeClass.blockByteCount.nonzeroBitCount == 1 {
            XCTAssertEqual(sizeClass.slabOffset(random: 12_345), 0)
        }
    }
}
