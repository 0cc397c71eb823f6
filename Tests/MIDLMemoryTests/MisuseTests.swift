import XCTest

@testable import MIDLMemory

/// What is wrong with a pointer. That the program ends is tested in child processes elsewhere.
final class MisuseTests: XCTestCase {
    private func expect(
        _ cause: Misuse.Cause, _ address: UInt, _ fixture: HeapFixture,
        file: StaticString = #filePath, line: UInt = #line
    ) {
        XCTAssertEqual(Misuse.cause(address, fixture.heap), cause, file: file, line: line)
    }

    func testAddressesOutsideTheHeapAreForeign() throws {
        let fixture = try HeapFixture(byteCount: 4 << 20)
        let region = fixture.region
        _ = try fixture.allocate(16)
        var local = 0
        withUnsafePointer(to: &local) { expect(.foreign, UInt(bitPattern: $0), fixture) }
        let end = region.base + UInt(region.byteCount)
        for address in [1, 16, region.base - 16, end, region.tags, region.records, .max] {
            expect(.foreign, address, fixture)
        }
        // Units that were never used.
        for address in [region.base + 1 << 16, region.base + 1 << 16 + 40, end - 16] {
            expect(.foreign, address, fixture)
        }
    }

    func testAddressInsideABlockIsInterior() throws {
        let fixture = try HeapFixture()
        for sizeClass in SizeClass.all {
            let blocks = try fixture.allocate(2, of: sizeClass)
            for block in blocks.map({ UInt(bitPattern: $0) }) {
                for offset in Set([1, 8, 15, sizeClass.blockByteCount / 2]) {
                    expect(.interior, block + UInt(offset), fixture)
                }
                expect(.interior, block + UInt(sizeClass.blockByteCount) - 1, fixture)
            }
        }
        for byteCount in [40_000, 65_537, 500_000] {
            let block = UInt(bitPattern: try fixture.allocate(byteCount))
            for offset in [1, 16, 4096, UInt(byteCount - 1)] {
                expect(.interior, block + offset, fixture)
            }
        }
    }

    func testBlockThatIsFreeWasFreedTwice() throws {
        let fixture = try HeapFixture(cacheCount: 2)
        let blocks = try fixture.allocate(200, of: SizeClass(holding: 500))
            .map { UInt(bitPattern: $0) }
        // In a magazine, in a free map, in a remote list.
        fixture.free(pointer(blocks[0]))
        expect(.freedTwice, blocks[0], fixture)
        fixture.caches[0].flush()
        expect(.freedTwice, blocks[0], fixture)
        fixture.free(pointer(blocks[1]), on: 1)
        expect(.freedTwice, blocks[1], fixture)
        fixture.caches[1].flush()
        expect(.freedTwice, blocks[1], fixture)
        // A block that has not been freed is one to which the pointer leads.
        expect(.interior, blocks[0] + 16, fixture)
    }

    func testBlockOfASlabThatIsGoneWasFreedTwice() throws {
        let fixture = try HeapFixture()
        let block = UInt(bitPattern: try fixture.allocate(10_000))
        let start = fixture.region.start(of: fixture.region.slab(of: Block(at: block)))
        fixture.free(pointer(block))
        Registry.orphan(fixture.caches[0])
        expect(.freedTwice, block, fixture)
        expect(.freedTwice, start, fixture)
        expect(.freedTwice, start + 65_536, fixture)
        expect(.foreign, start + 131_072, fixture)
    }

    func testLargeBlockThatIsFreeWasFreedTwice() throws {
        let fixture = try HeapFixture()
        _ = try fixture.allocate(40_000)
        let block = UInt(bitPattern: try fixture.allocate(200_000))
        let next = UInt(bitPattern: try fixture.allocate(40_000))
        fixture.free(pointer(block))
        expect(.freedTwice, block, fixture)
        fixture.caches[0].giveParked()
        expect(.freedTwice, block, fixture)
        // The unit remembers that there was a block, not where it began.
        expect(.freedTwice, block + 16, fixture)
        expect(.foreign, block + 65_536, fixture)
        // Joined with its neighbour, too.
        fixture.free(pointer(next))
        fixture.caches[0].giveParked()
        expect(.freedTwice, block, fixture)
        expect(.freedTwice, next, fixture)
    }

    func testBlockThatWasNotHandedOutYet() throws {
        let fixture = try HeapFixture()
        for sizeClass in SizeClass.all {
            let block = UInt(bitPattern: try fixture.allocate(1, of: sizeClass)[0])
            let slab = fixture.region.slab(of: Block(at: block))
            let start = fixture.region.start(ofBlocksIn: slab)
            let next = slab.index(ofCarved: slab.carvedCount)
            let before = slab.index(ofCarved: slab.carvedCount - 1)
            let byteCount = UInt(sizeClass.blockByteCount)
            expect(.neverAllocated, start + UInt(next) * byteCount, fixture)
            expect(.neverAllocated, start + UInt(next) * byteCount + 8, fixture)
            expect(.interior, start + UInt(before + 1) * byteCount - 8, fixture)
            expect(.interior, block + 8, fixture)
            // What is left over before the first block and behind the last one.
            let last = fixture.region.start(of: slab) + UInt(slab.unitCount << 16) - 1
            let end = start + UInt(slab.capacity) * byteCount
            if last >= end { expect(.neverAllocated, last, fixture) }
            if slab.offset > 0 { expect(.neverAllocated, start - 1, fixture) }
        }
    }

    /// No address makes the classification fail or call a live block anything but `freedTwice`,
    /// which the seal rules out before.
    func testEveryGranuleOfAMixedHeapHasACause() throws {
        let fixture = try HeapFixture(byteCount: 4 << 20)
        var generator = SeededGenerator(seed: 4)
        var starts: Set<UInt> = []
        for _ in 0..<60 {
            let block = fixture.tryAllocate(generator.byteCount(largeLimit: 150_000))
            starts.insert(UInt(bitPattern: block))
        }
        let region = fixture.region
        let top = region.address(ofUnit: fixture.heap.withPool { $0.topUnit })
        for address in stride(from: region.base, to: top, by: 16) {
            let tag = region.tagOfAny(address)
            let cause = Misuse.cause(address, fixture.heap)
            switch cause {
            case .freedTwice: XCTAssertNotEqual(tag, 0)
            case .neverAllocated, .foreign, .interior: XCTAssertEqual(tag, 0)
            case .writtenAfterFree, .ofEnvironment, .otherSize: XCTFail("not here")
            }
            if starts.contains(address) { XCTAssertNotEqual(tag, 0) }
        }
    }
}
