import XCTest

@testable import MIDLMemory

final class HomecomingTests: XCTestCase {
    private let sizeClass = SizeClass(holding: 256)

    /// A magazine with these blocks, the last of them on top.
    private func magazine(_ blocks: [Block], _ fixture: HeapFixture) throws -> Magazine {
        let magazine = try XCTUnwrap(Registry.magazine(for: fixture.caches[0]))
        magazine.makeEmpty(capacity: blocks.count)
        for (index, block) in blocks.enumerated() {
            Magazine.setSlot(magazine.first + UInt(index) * 8, block.address)
        }
        return magazine
    }

    private func used(_ fixture: HeapFixture, _ cache: Int = 0) -> Int {
        fixture.caches[cache].record.pointee.usedBlockCounts[sizeClass.index]
    }

    private func sent(_ fixture: HeapFixture, _ cache: Int = 0) -> Int {
        Int(fixture.caches[cache].record.pointee.sentHomeCounts[sizeClass.index])
    }

    /// Blocks of several slabs in any order: each map has its own, and what was in it before.
    func testBlocksOfInterleavedSlabsGoHome() throws {
        for order in [[0, 1, 0, 1], [0, 0, 1, 1], [0, 1, 1, 0], [2, 1, 0, 2], [0, 1, 2, 0]] {
            let fixture = try HeapFixture()
            let heap = fixture.heap
            let slabs = try (0..<3).map { _ in try fixture.makeSlab(of: sizeClass, random: 254) }
            // One of each is free already, one stays in use.
            var lists = slabs.map { [fixture.carve($0).address] }
            for (slab, list) in zip(slabs, lists) {
                slab.setFree(Block(at: list[0]), heap.region)
                fixture.caches[0].record.pointee.usedBlockCounts[sizeClass.index] -= 1
                _ = fixture.carve(slab)
            }
            let blocks = (0..<40).map { index -> Block in
                let slab = order[index % 4]
                let block = fixture.carve(slabs[slab])
                lists[slab].append(block.address)
                return block
            }
            fixture.caches[0].sendHome(below: try magazine(blocks, fixture).end)
            lists = lists.map { $0.sorted() }
            XCTAssertEqual(slabs.map { $0.freeBlocks(heap) }, lists)
            XCTAssertEqual(slabs.map(\.freeCount), lists.map(\.count))
            XCTAssertEqual(used(fixture), 3)
            XCTAssertEqual(sent(fixture), 40)
            XCTAssertEqual(
                slabs.map(\.isListed), [true, true, order.contains(2)])
            for (slab, list) in zip(slabs, lists) {
                XCTAssertEqual(slab.fetch(list.count, heap).map(\.address), list)
                XCTAssertEqual(slab.freeCount, 0)
            }
        }
    }

    /// Those of others go by way of the outbox, and do not disturb a run of the thread's own.
    func testBlocksOfOthersGoByWayOfTheOutbox() throws {
        let fixture = try HeapFixture(cacheCount: 2)
        let own = try fixture.makeSlab(of: sizeClass)
        let foreign = try fixture.makeSlab(of: sizeClass, on: 1)
        _ = (fixture.carve(own), fixture.carve(foreign))
        let blocks = (0..<20).map { fixture.carve($0 % 3 == 1 ? foreign : own) }
        let cache = fixture.caches[0]
        cache.sendHome(below: try magazine(blocks, fixture).end)
        XCTAssertEqual(own.freeCount, 13)
        XCTAssertEqual(foreign.freeCount, 0)
        XCTAssertFalse(cache.record.pointee.outbox.isEmpty)
        cache.deliverOutbox()
        XCTAssertEqual(foreign.collectRemote(fixture.heap), 7)
        XCTAssertEqual([used(fixture), sent(fixture)], [1, 13])
        // What others send home is not the owner's to learn from.
        XCTAssertEqual([used(fixture, 1), sent(fixture, 1)], [8, 0])
    }

    /// Slabs are given back while blocks of others are still to come; the last one is spared by a
    /// thread, and by nobody else.
    func testSlabsRetireOnTheWay() throws {
        for (state, spared) in [
            (CacheState.attached, [false, false, true]),
            (CacheState.claimed, [false, false, false]),
        ] {
            let fixture = try HeapFixture()
            let slabs = try (0..<3).map { _ in try fixture.makeSlab(of: sizeClass, random: 250) }
            let blocks = (0..<90).map { fixture.carve(slabs[$0 % 3]) }
            XCTAssertTrue(fixture.caches[0].changeState(from: CacheState.attached, to: state))
            fixture.caches[0].sendHome(below: try magazine(blocks, fixture).end)
            XCTAssertEqual(slabs.map { $0.kind == .slab }, spared)
            XCTAssertEqual([used(fixture), sent(fixture)], [0, 90])
            try fixture.expectLive(small: 0)
        }
    }
}
