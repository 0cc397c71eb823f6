import MIDLPlatform
import XCTest

@testable import MIDLMemory

/// What stands below the first block of a magazine is never handed out, however often it is popped.
final class SentinelTests: XCTestCase {
    private static let popCount = 100_000

    /// What stands where a block has its seal; a block would be handed out whose own address it is.
    private func seal(_ address: UInt) -> UInt {
        pointer(address).loadUnaligned(fromByteOffset: 4, as: UInt.self)
    }

    private func expectSentinel(
        _ address: UInt, file: StaticString = #filePath, line: UInt = #line
    ) {
        XCTAssertEqual(address % 16, 0, file: file, line: line)
        XCTAssertNotEqual(seal(address) % 16, 0, file: file, line: line)
    }

    func testSentinelOfACacheIsInItsFront() throws {
        let fixture = try HeapFixture(cacheCount: 5)
        for cache in fixture.caches {
            expectSentinel(cache.sentinel)
            let offset = Int(cache.sentinel - cache.address)
            XCTAssertGreaterThanOrEqual(offset, Int(MIDL_FRONT_UNSEALED_OFFSET))
            XCTAssertLessThanOrEqual(offset + 12, Int(MIDL_FRONT_CLASSES_OFFSET))
        }
        XCTAssertEqual(Set(fixture.caches.map(\.sentinel)).count, 5)
    }

    /// All threads would write to one line of the processor's cache.
    func testAThreadThatHasMagazinesDoesNotTouchWhatAllThreadsShare() throws {
        let fixture = try HeapFixture()
        let shared = Magazine.slot(Magazine.noneTop - 8)
        var before: UInt = 0
        for round in 0..<3 {
            for sizeClass in SizeClass.all {
                fixture.free(try fixture.allocate(200, of: sizeClass))
            }
            if round == 0 { before = seal(shared) }
        }
        XCTAssertEqual(seal(shared), before)
        _ = try fixture.allocate(40_000)
        XCTAssertEqual(seal(shared), before)
    }

    private func pop(_ sizeClass: SizeClass, _ cache: ThreadCache) -> UnsafeMutableRawPointer? {
        let byteCount = sizeClass.blockByteCount
        if byteCount > SizeClass.tableByteLimit {
            return ThreadCache.popMedium(byteCount: byteCount, cache.front)
        }
        var block: UnsafeMutableRawPointer?
        return ThreadCache.pop(byteCount: byteCount, cache.front, &block) ? block : nil
    }

    /// A class that has been emptied, by both of the ways to pop.
    func testEmptiedMagazineIsPoppedInVain() throws {
        for sizeClass in SizeClass.all {
            let fixture = try HeapFixture()
            let cache = fixture.caches[0]
            let blocks = try fixture.allocate(3, of: sizeClass)
            fixture.free(blocks)
            while let block = pop(sizeClass, cache) {
                XCTAssertFalse(Block(block).isSealed)
            }
            let top = cache.top(sizeClass)
            XCTAssertEqual(Magazine.slot(top - 8), cache.sentinel)
            var block: UnsafeMutableRawPointer?
            for _ in 0..<(sizeClass == .first ? Self.popCount : 100) {
                let byteCount = sizeClass.blockByteCount
                guard !ThreadCache.pop(byteCount: byteCount, cache.front, &block),
                    ThreadCache.popMedium(byteCount: byteCount, cache.front) == nil
                else { return XCTFail("class \(sizeClass.index)") }
                expectSentinel(cache.sentinel)
            }
            XCTAssertNil(block)
            XCTAssertEqual(cache.top(sizeClass), top)
            try fixture.census()
            // The next one comes from a slab.
            XCTAssertNotEqual(UInt(bitPattern: try fixture.allocate(1)), cache.sentinel)
        }
    }

    func testThreadWithoutACachePopsInVain() throws {
        let sentinel = Magazine.slot(Magazine.noneTop - 8)
        var block: UnsafeMutableRawPointer?
        for count in 0..<Self.popCount {
            guard !ThreadCache.pop(byteCount: count % 1025, midl_new_front(), &block),
                ThreadCache.popMedium(byteCount: count, midl_new_front()) == nil
            else { return XCTFail("\(count)") }
            expectSentinel(sentinel)
        }
        XCTAssertNil(block)
    }

    /// All threads without a cache pop the same one.
    func testThreadsPopTheSameSentinelInVain() throws {
        onThreads(4) { _ in
            var block: UnsafeMutableRawPointer?
            for _ in 0..<Self.popCount {
                if ThreadCache.pop(byteCount: 64, midl_new_front(), &block) {
                    return XCTFail("a block")
                }
            }
        }
        expectSentinel(Magazine.slot(Magazine.noneTop - 8))
    }

    /// A magazine that went from one cache to another has the other's sentinel.
    func testSentinelIsThatOfTheCacheThatHasTheMagazine() throws {
        let fixture = try HeapFixture(cacheCount: 2)
        let blocks = try fixture.allocate(600, of: .first)
        fixture.free(blocks, on: 1)
        XCTAssertGreaterThan(fixture.caches[0].returnedMagazines.count, 1)
        _ = try fixture.allocate(700, of: .first)
        XCTAssertFalse(fixture.caches[0].hasReturned)
        try fixture.census()
        // An orphan's magazine serves another thread.
        fixture.orphan(1)
        fixture.orphan(0)
        XCTAssertTrue(fixture.adopt(1))
        _ = try fixture.allocate(5, of: .last, on: 1)
        try fixture.census()
    }

    // MARK: The look at the previous magazine

    func testPreviousIsNotLoadedUnlessThatHelps() throws {
        let fixture = try HeapFixture()
        let (cache, sizeClass) = (fixture.caches[0], SizeClass.first)
        func tops() -> [UInt] { [cache.top(sizeClass), cache.previousTop(sizeClass)] }
        // No magazine.
        XCTAssertFalse(cache.loadPrevious(sizeClass))
        XCTAssertEqual(tops(), [Magazine.noneTop, Magazine.noneTop])
        // No previous one.
        let blocks = try fixture.allocate(200, of: sizeClass)
        cache.flush()
        fixture.free(blocks[0])
        var before = tops()
        XCTAssertFalse(cache.loadPrevious(sizeClass))
        _ = try fixture.allocate(1)
        XCTAssertFalse(cache.loadPrevious(sizeClass))
        XCTAssertEqual(before[1], Magazine.noneTop)
        // The loaded one is not empty.
        fixture.free(Array(blocks[..<127]))
        before = tops()
        XCTAssertEqual(cache.previousBlockCount(of: sizeClass), 125)
        XCTAssertFalse(cache.loadPrevious(sizeClass))
        XCTAssertEqual(tops(), before)
        // It is.
        _ = try fixture.allocate(2, of: sizeClass)
        before = tops()
        XCTAssertTrue(cache.loadPrevious(sizeClass))
        XCTAssertEqual(tops(), before.reversed())
        // Both are.
        _ = try fixture.allocate(125, of: sizeClass)
        before = tops()
        XCTAssertFalse(cache.loadPrevious(sizeClass))
        XCTAssertEqual(tops(), before)
        try fixture.census()
    }
}
