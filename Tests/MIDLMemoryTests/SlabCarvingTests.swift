import XCTest

@testable import MIDLMemory

/// Blocks are handed out for the first time from one chosen at random on and around the end.
final class SlabCarvingTests: XCTestCase {
    private func randoms(_ sizeClass: SizeClass) -> [UInt] {
        let count = UInt(sizeClass.slabBlockCount)
        return [0, 1, count / 2, count - 1, count, 7 * count + 3, .max]
    }

    func testEveryBlockOfASlabIsHandedOutOnce() throws {
        for sizeClass in SizeClass.all {
            let fixture = try HeapFixture(byteCount: 16 << 20)
            let region = fixture.region
            for random in randoms(sizeClass) {
                let slab = try fixture.makeSlab(of: sizeClass, random: random)
                let (start, count) = (region.start(ofBlocksIn: slab), sizeClass.slabBlockCount)
                XCTAssertEqual(slab.sizeClass, sizeClass)
                XCTAssertEqual(slab.capacity, count)
                XCTAssertTrue(slab.isEmptySlab)
                for order in 0..<count {
                    XCTAssertTrue(slab.hasBlocks)
                    let index = (Int(random % UInt(count)) + order) % count
                    let address = start + UInt(index * sizeClass.blockByteCount)
                    XCTAssertEqual(region.tag(at: address), 0)
                    XCTAssertFalse(slab.isCarved(index: index))
                    let block = fixture.carve(slab)
                    XCTAssertEqual(block.address, address)
                    XCTAssertTrue(block.isSealed)
                    XCTAssertEqual(region.tag(at: address), sizeClass.index)
                    XCTAssertTrue(slab.isCarved(index: index))
                    XCTAssertEqual(slab.carvedCount, order + 1)
                }
                XCTAssertFalse(slab.hasBlocks)
                XCTAssertFalse(slab.isEmptySlab)
            }
        }
    }

    func testIsCarvedKnowsWhichBlocksHaveBeen() throws {
        let (sizeClass, fixture) = (SizeClass(holding: 5000), try HeapFixture())
        for random in 0..<UInt(sizeClass.slabBlockCount) {
            let slab = try fixture.makeSlab(of: sizeClass, random: random)
            let start = fixture.region.start(ofBlocksIn: slab)
            for _ in 0..<slab.capacity {
                _ = fixture.carve(slab)
                for index in 0..<slab.capacity {
                    let tag = fixture.region.tag(at: start + UInt(index * slab.blockByteCount))
                    XCTAssertEqual(slab.isCarved(index: index), tag != 0)
                }
            }
        }
    }

    /// Many at a time, around the end.
    func testCarvingManyAtATimeGoesAroundTheEnd() throws {
        for sizeClass in [1, 20, 32, 33, 44, 52, 57, 64].map({ SizeClass(index: $0) }) {
            let fixture = try HeapFixture()
            let count = sizeClass.slabBlockCount
            for parts in [[count], [count - 3, 3], [1, count - 1], [2, 3, count - 5]] {
                let slab = try fixture.makeSlab(of: sizeClass, random: UInt(count - 2))
                var addresses: [UInt] = []
                for part in parts {
                    slab.carve(part, fixture.heap) { addresses.append($0.address) }
                    XCTAssertEqual(slab.carvedCount, addresses.count)
                }
                let start = fixture.region.start(ofBlocksIn: slab)
                XCTAssertEqual(
                    addresses,
                    (0..<count).map {
                        start + UInt(($0 + count - 2) % count * sizeClass.blockByteCount)
                    })
            }
        }
    }

    /// Whatever was carved, no tag is left, and the neighbours keep theirs.
    func testClearTagsOfAPartlyCarvedSlab() throws {
        for sizeClass in SizeClass.all {
            let fixture = try HeapFixture(byteCount: 16 << 20)
            let count = sizeClass.slabBlockCount
            let slabs = try (0..<3).map { _ in
                try fixture.makeSlab(of: sizeClass, random: UInt(count - 2))
            }
            for (slab, carved) in zip(slabs, [count, min(5, count), count]) {
                slab.carve(carved, fixture.heap) { _ in }
            }
            slabs[1].clearTags(in: fixture.region)
            XCTAssertEqual(slabs.map { tagCount(of: $0, fixture.region) }, [count, 0, count])
        }
    }

    private func tagCount(of slab: Span, _ region: Region) -> Int {
        let start = region.start(of: slab)
        return stride(from: start, to: start + UInt(slab.unitCount << 16), by: 16)
            .filter { region.tag(at: $0) != 0 }.count
    }

    /// Nobody can tell where a slab begins.
    func testSlabsBeginAnywhere() throws {
        let fixture = try HeapFixture()
        _ = try fixture.allocate(20 * 4096, of: .first)
        XCTAssertGreaterThan(Set(fixture.slabs.map(\.firstIndex)).count, 10)
        XCTAssertTrue(fixture.slabs.allSatisfy { $0.firstIndex < 4096 })
        // Nor is it the same in every heap.
        let first = try (0..<10).map { _ in
            let other = try HeapFixture()
            _ = try other.allocate(1)
            return other.slabs[0].firstIndex
        }
        XCTAssertGreaterThan(Set(first).count, 3)
    }

    func testNumbersOfThePoolAreNotTheSame() throws {
        let fixture = try PoolFixture(4 << 20)
        let numbers = (0..<1000).map { _ in fixture.pool.random() }
        XCTAssertEqual(Set(numbers).count, 1000)
    }
}
