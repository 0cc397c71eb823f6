import MIDLPlatform
import XCTest

@testable import MIDLMemory

/// Slabs of caches whose threads have ended serve other threads.
final class SlabAdoptionTests: XCTestCase {
    private let sizeClass = SizeClass(holding: 500)

    private func slab(_ block: UnsafeMutableRawPointer, _ fixture: HeapFixture) -> Span {
        fixture.region.slab(of: Block(block))
    }

    /// Of a class that the other cache has blocks of; of another class there is a new one.
    func testAThreadTakesASlabOfOneThatHasEnded() throws {
        let fixture = try HeapFixture(cacheCount: 2)
        let blocks = try fixture.allocate(40, of: sizeClass)
        let former = slab(blocks[0], fixture)
        fixture.free(Array(blocks[20...]))
        fixture.orphan(0)
        let other = try fixture.allocate(1, of: .first, on: 1)
        XCTAssertNotEqual(slab(other[0], fixture), former)
        let more = try fixture.allocate(20, of: sizeClass, on: 1)
        XCTAssertTrue(more.allSatisfy { slab($0, fixture) == former })
        XCTAssertEqual(former.owner, fixture.caches[1].address)
        XCTAssertEqual(fixture.slabCount, 2)
        XCTAssertEqual(fixture.caches[0].state, CacheState.orphaned)
        try fixture.expectLive(small: 41)
        // What the first thread's blocks become is the new owner's business.
        fixture.free(blocks[0], on: 1)
        XCTAssertEqual(try fixture.allocate(1, of: sizeClass, on: 1)[0], blocks[0])
    }

    /// A thread that is there keeps its own.
    func testSlabsOfThreadsAreNotTaken() throws {
        let fixture = try HeapFixture(cacheCount: 3)
        let block = try fixture.allocate(1, of: sizeClass)[0]
        XCTAssertNil(fixture.caches[1].adoptSlab(sizeClass))
        XCTAssertNotEqual(
            slab(try fixture.allocate(1, of: sizeClass, on: 1)[0], fixture), slab(block, fixture))
        fixture.orphan(0)
        XCTAssertNil(fixture.caches[2].adoptSlab(.first))
        XCTAssertEqual(fixture.caches[2].adoptSlab(sizeClass), slab(block, fixture))
        XCTAssertNil(fixture.caches[2].adoptSlab(sizeClass))
        try fixture.expectLive(small: 2)
    }

    /// One that is told of blocks in a slab that it had passes it on.
    func testTheFormerOwnerPassesOnWhatItIsTold() throws {
        for isOrphanedAgain in [false, true] {
            let fixture = try HeapFixture(cacheCount: 3)
            let blocks = try fixture.allocate(10, of: sizeClass)
            let former = slab(blocks[0], fixture)
            fixture.orphan(0)
            XCTAssertEqual(fixture.caches[1].adoptSlab(sizeClass), former)
            // As a thread does that read the owner before.
            let block = Block(blocks[3])
            block.seal()
            XCTAssertTrue(former.pushRemote(first: block, last: block, fixture.heap))
            fixture.caches[0].makePending(former)
            if isOrphanedAgain { fixture.orphan(1) }
            Registry.tidy(fixture.caches[0])
            XCTAssertFalse(fixture.caches[0].hasPending)
            XCTAssertEqual(fixture.caches[1].pendingSlabs, isOrphanedAgain ? [] : [former])
            try fixture.expectLive(small: 9)
        }
    }

    /// Threads that come and go, each with the blocks of the one before, beside one that stays and
    /// frees some of them.
    func testThreadsThatComeAndGoShareTheirSlabs() throws {
        let heap = try XCTUnwrap(Self.processHeap())
        let before = heap.census()?.liveSmallBlockCount
        let mailboxes = Mailboxes(2)
        onThreads(2) { line in
            for _ in 0..<200 {
                onThreads(1) { _ in
                    for index in 0..<300 {
                        guard let block = Self.allocate(16 + index * 13 % 4000) else { return }
                        mailboxes.put(UInt(bitPattern: block), for: line)
                        // Every third one is freed by the other line.
                        let place = index % 3 == 0 ? 1 - line : line
                        if index < 200, let block = mailboxes.take(for: place) {
                            Self.free(pointer(block))
                        }
                    }
                }
                while let block = mailboxes.take(for: line) { Self.free(pointer(block)) }
            }
        }
        XCTAssertEqual(heap.census()?.liveSmallBlockCount, before)
    }

    private static func processHeap() -> Heap? {
        if let block = allocate(1) { free(block) }
        return Heap.ofProcess
    }

    private static func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer? {
        ThreadCache.allocate(midl_current_front(), byteCount: byteCount)
    }

    private static func free(_ block: UnsafeMutableRawPointer) {
        ThreadCache.free(midl_current_front(), block)
    }
}
