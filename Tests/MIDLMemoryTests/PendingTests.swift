import XCTest

@testable import MIDLMemory

final class PendingTests: XCTestCase {
    func testListIsTakenWholeAndLastComesFirst() throws {
        let fixture = try HeapFixture()
        let cache = fixture.caches[0]
        let slabs = try (0..<3).map { _ in try fixture.makeSlab(of: .first) }
        XCTAssertFalse(cache.hasPending)
        XCTAssertEqual(cache.takePending(), 0)
        for slab in slabs { cache.makePending(slab) }
        XCTAssertTrue(cache.hasPending)
        XCTAssertEqual(cache.pendingSlabs, slabs.reversed())
        XCTAssertEqual(cache.takePending(), slabs[2].address)
        XCTAssertFalse(cache.hasPending)
        XCTAssertEqual(slabs[2].pendingNext, slabs[1].address)
        XCTAssertEqual(slabs[1].pendingNext, slabs[0].address)
        XCTAssertEqual(slabs[0].pendingNext, 0)
    }

    func testSlabIsPendingOnceHoweverManyBlocksCome() throws {
        let fixture = try HeapFixture(cacheCount: 3)
        let blocks = try fixture.allocate(40, of: SizeClass(holding: 100))
        for (index, block) in blocks.enumerated() {
            fixture.free(block, on: 1 + index % 2)
            if index % 4 == 3 { fixture.caches[1 + index / 4 % 2].flush() }
            try fixture.expectLive(small: 39 - index)
        }
        fixture.caches[1].flush()
        fixture.caches[2].flush()
        XCTAssertEqual(fixture.caches[0].pendingSlabs.count, 1)
        XCTAssertEqual(try fixture.census().remoteBlockCount, 40)
        fixture.caches[0].collectPending()
        XCTAssertEqual(try fixture.census().remoteBlockCount, 0)
        try fixture.expectEmptyAtEnd()
    }

    /// A full slab is in no list; a block that comes back puts it on one again.
    func testFullSlabIsListedAgain() throws {
        let fixture = try HeapFixture(cacheCount: 2)
        let sizeClass = SizeClass(holding: 4096)
        let blocks = try fixture.allocate(sizeClass.slabBlockCount, of: sizeClass)
        XCTAssertEqual(fixture.caches[0].slabs(of: sizeClass), [])
        fixture.free(blocks[3], on: 1)
        fixture.caches[1].flush()
        fixture.caches[0].collectPending()
        XCTAssertEqual(fixture.caches[0].slabs(of: sizeClass), fixture.slabs)
        XCTAssertEqual(try fixture.allocate(4096), blocks[3])
        try fixture.expectLive(small: blocks.count)
    }

    // MARK: With real threads

    /// Each thread has a cache of its own and gives its blocks to the next.
    private func exchange(threadCount: Int, rounds: Int, _ fixture: HeapFixture) {
        let mailboxes = Mailboxes(threadCount)
        let caches = fixture.caches
        onThreads(threadCount) { thread in
            var generator = SeededGenerator(seed: UInt64(thread))
            let front = caches[thread].front
            for _ in 0..<rounds {
                let byteCount = generator.byteCount(largeLimit: 100_000)
                if let block = ThreadCache.allocate(front, byteCount: byteCount) {
                    memset(block, Int32(thread), min(byteCount, 64))
                    mailboxes.put(UInt(bitPattern: block), for: (thread + 1) % threadCount)
                }
                while mailboxes.count(for: thread) > 20, let block = mailboxes.take(for: thread) {
                    ThreadCache.free(front, pointer(block))
                }
            }
        }
        for thread in 0..<threadCount {
            while let block = mailboxes.take(for: thread) {
                fixture.free(pointer(block), on: thread)
            }
        }
    }

    func testThreadsGiveTheirBlocksToOneAnother() throws {
        for threadCount in 2...4 {
            let fixture = try HeapFixture(byteCount: 256 << 20, cacheCount: threadCount)
            exchange(threadCount: threadCount, rounds: 3000, fixture)
            try fixture.expectLive(small: 0)
            try fixture.expectEmptyAtEnd()
        }
    }

    /// The owner collects and retires while another thread pushes.
    func testOwnerCollectsWhileOthersPush() throws {
        let fixture = try HeapFixture(cacheCount: 3)
        let mailboxes = Mailboxes(3)
        let caches = fixture.caches
        onThreads(3) { thread in
            let front = caches[thread].front
            if thread == 0 {
                for round in 0..<20_000 {
                    guard let block = ThreadCache.allocate(front, byteCount: 6000) else { continue }
                    mailboxes.put(UInt(bitPattern: block), for: 1 + round % 2)
                    if round % 64 == 0 { caches[0].collectPending() }
                }
                mailboxes.close()
            } else {
                while let block = mailboxes.waitAndTake(for: thread) {
                    ThreadCache.free(front, pointer(block))
                }
            }
        }
        try fixture.expectLive(small: 0)
        try fixture.expectEmptyAtEnd()
    }
}
