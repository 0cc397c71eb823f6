import XCTest

@testable import MIDLMemory

/// Blocks are handed out for the first time from one chosen at random on and around the end, small
/// ones in an order that is random in each group.
final class SlabCarvingTests: XCTestCase {
    private func randoms(_ sizeClass: SizeClass) -> [UInt] {
        let count = UInt(sizeClass.slabBlockCount)
        return [0, 1, count / 2, count - 1, count, 7 * count + 3, .max, 3 << 48, 5 << 48 + 2]
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
                    let shuffle = Int(random >> 48) & (sizeClass.shuffledBlockCount - 1)
                    let first = Int(random % UInt(count)) ^ shuffle
                    let index = (first + order) % count ^ shuffle
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
                let slab = try fixture.makeSlab(of: sizeClass, random: 7 << 48 + UInt(count - 2))
                var addresses: [UInt] = []
                for part in parts {
                    slab.carve(part, fixture.heap) { addresses.append($0.address) }
                    XCTAssertEqual(slab.carvedCount, addresses.count)
                }
                let start = fixture.region.start(ofBlocksIn: slab)
                XCTAssertEqual(
                    addresses,
                    (0..<count).map {
                        start + UInt(slab.index(ofCarved: $0) * sizeClass.blockByteCount)
                    })
                XCTAssertEqual(Set(addresses).count, count)
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
        let sizeClass = SizeClass(holding: 128)
        _ = try fixture.allocate(20 * sizeClass.slabBlockCount, of: sizeClass)
        XCTAssertGreaterThan(Set(fixture.slabs.map(\.firstIndex)).count, 10)
        XCTAssertTrue(fixture.slabs.allSatisfy { $0.firstIndex < 512 && $0.shuffle == 0 })
        // Nor is it the same in every heap.
        let first = try (0..<10).map { _ in
            let other = try HeapFixture()
            _ = try other.allocate(1)
            return other.slabs[0].firstIndex
        }
        XCTAssertGreaterThan(Set(first).count, 3)
    }

    /// Of the smallest only the first one; the others in their first group, whose order is random.
    func testOrderOfSmallBlocks() throws {
        for sizeClass in (1...7).map({ SizeClass(index: $0) }) {
            let fixture = try HeapFixture()
            let group = sizeClass.shuffledBlockCount
            XCTAssertLessThanOrEqual(group * sizeClass.blockByteCount, 224)
            XCTAssertGreaterThan(2 * group * sizeClass.blockByteCount, 224)
            _ = try fixture.allocate(40 * sizeClass.slabBlockCount, of: sizeClass)
            let slabs = fixture.slabs
            XCTAssertEqual(slabs.count, 40)
            XCTAssertLessThanOrEqual(slabs.filter { $0.firstIndex != 0 }.count, 1)
            let shuffles = Set(slabs.map(\.shuffle))
            XCTAssertTrue(shuffles.isSubset(of: 0..<group))
            XCTAssertGreaterThan(shuffles.count, group / 2)
        }
    }

    /// Programs that go through what they built go through memory in order, but for a few lines.
    func testBlocksOfOneGroupFollowThoseOfTheOneBefore() throws {
        for sizeClass in (1...7).map({ SizeClass(index: $0) }) {
            let fixture = try HeapFixture()
            let group = sizeClass.shuffledBlockCount
            let slab = try fixture.makeSlab(of: sizeClass, random: 7 << 48 + 20, isFirst: false)
            let start = fixture.region.start(ofBlocksIn: slab)
            for order in 0..<slab.capacity {
                let offset = Int(fixture.carve(slab).address - start)
                XCTAssertEqual(offset / sizeClass.blockByteCount / group, order / group)
            }
        }
    }

    func testNumbersOfThePoolAreNotTheSame() throws {
        let fixture = try PoolFixture(4 << 20)
        let numbers = (0..<1000).map { _ in fixture.pool.random() }
        XCTAssertEqual(Set(numbers).count, 1000)
    }
}
