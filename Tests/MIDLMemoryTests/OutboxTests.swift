import XCTest

@testable import MIDLMemory

final class OutboxTests: XCTestCase {
    /// Blocks of one slab, live and sealed, as they are when they are added.
    private func sealed(_ count: Int, _ slab: Span, _ fixture: HeapFixture) -> [Block] {
        fixture.carve(count, slab)
    }

    func testChainIsDeliveredWholeAndOnce() throws {
        let fixture = try HeapFixture()
        let slab = try fixture.makeSlab(of: .first)
        let blocks = sealed(5, slab, fixture)
        var outbox = Outbox()
        for block in blocks { outbox.add(block, slab, fixture.heap) }
        XCTAssertEqual(slab.remoteHead, 0)
        XCTAssertFalse(fixture.caches[0].hasPending)
        outbox.deliver(fixture.heap)
        XCTAssertTrue(outbox.isEmpty)
        XCTAssertEqual(fixture.caches[0].pendingSlabs, [slab])
        XCTAssertEqual(slab.collectRemote(fixture.heap), 5)
        XCTAssertEqual(slab.freeCount, 5)
        XCTAssertEqual(Set(blocks.map(\.address)), Set(slab.freeBlocks(fixture.heap)))
        outbox.deliver(fixture.heap)
        XCTAssertEqual(slab.remoteHead, 0)
    }

    /// Slabs that are eight units apart share a place; the earlier chain goes out.
    func testChainInTheWayIsDelivered() throws {
        let fixture = try HeapFixture()
        let slabs = try (0..<24).map { _ in try fixture.makeSlab(of: .first) }
        let blocks = slabs.map { sealed(2, $0, fixture) }
        var outbox = Outbox()
        for (slab, blocks) in zip(slabs, blocks) {
            outbox.add(blocks[0], slab, fixture.heap)
            outbox.add(blocks[1], slab, fixture.heap)
        }
        XCTAssertEqual(
            Set(fixture.caches[0].pendingSlabs.map(\.address)),
            Set(slabs[..<16].map(\.address)))
        outbox.deliver(fixture.heap)
        XCTAssertEqual(fixture.caches[0].pendingSlabs.count, 24)
        fixture.caches[0].collectPending()
        XCTAssertTrue(outbox.isEmpty)
        // All are empty and all but the last have retired.
        XCTAssertEqual(fixture.slabCount, 1)
        try fixture.expectEmptyAtEnd()
    }

    /// Blocks of two slabs in one place, turn by turn: each turn delivers one block.
    func testAlternatingSlabsLoseNoBlock() throws {
        let fixture = try HeapFixture()
        let slabs = try (0..<9).map { _ in try fixture.makeSlab(of: .first) }
        let pairs = [slabs[0], slabs[8]].map { sealed(10, $0, fixture) }
        var outbox = Outbox()
        for index in 0..<10 {
            outbox.add(pairs[0][index], slabs[0], fixture.heap)
            outbox.add(pairs[1][index], slabs[8], fixture.heap)
        }
        outbox.deliver(fixture.heap)
        XCTAssertEqual(fixture.caches[0].pendingSlabs.count, 2)
        for slab in [slabs[0], slabs[8]] {
            XCTAssertEqual(slab.collectRemote(fixture.heap), 10)
            XCTAssertEqual(slab.freeCount, 10)
        }
    }

    func testOneBlockIsSentAtOnce() throws {
        let fixture = try HeapFixture()
        let block = try fixture.allocate(48)
        Block(block).seal()
        Outbox.send(Block(block), fixture.heap)
        XCTAssertEqual(try fixture.census().remoteBlockCount, 1)
        try fixture.expectLive(small: 0)
        try fixture.expectEmptyAtEnd()
    }

    /// What is delivered to a cache without a thread is taken in by the deliverer.
    func testDeliveryToAnOrphanTidiesIt() throws {
        let fixture = try HeapFixture(cacheCount: 2)
        let blocks = try fixture.allocate(300, of: SizeClass(index: 4))
        fixture.orphan(0)
        try fixture.expectLive(small: 300)
        fixture.free(blocks, on: 1)
        fixture.caches[1].flush()
        XCTAssertEqual(try fixture.census(), Census())
        XCTAssertEqual(fixture.caches[0].state, CacheState.orphaned)
        try fixture.expectEmptyAtEnd()
    }
}
