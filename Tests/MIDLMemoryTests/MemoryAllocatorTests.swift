import CMIDL
import MIDLMemory
import Synchronization
import XCTest

/// Blocks of malloc, counted.
private final class CountingPool: Sendable {
    let madeCount = Atomic<Int>(0)
    let freedCount = Atomic<Int>(0)

    func allocator(limit: Int = .max) -> MemoryAllocator {
        MemoryAllocator(
            allocate: { byteCount in
                if byteCount > limit { return nil }
                self.madeCount.add(1, ordering: .relaxed)
                return malloc(byteCount)
            },
            free: { block in
                self.freedCount.add(1, ordering: .relaxed)
                free(block)
            },
            byteCount: { _ in 77 })
    }

    func expect(made: Int, freed: Int, line: UInt = #line) {
        XCTAssertEqual(madeCount.load(ordering: .relaxed), made, line: line)
        XCTAssertEqual(freedCount.load(ordering: .relaxed), freed, line: line)
    }
}

/// An allocator of the program's own; each in a process that has made no block.
final class MemoryAllocatorTests: XCTestCase {
    func testMakesAndFreesEveryBlock() throws {
        try inChild {
            let pool = CountingPool()
            XCTAssertTrue(pool.allocator(limit: 1000).choose())
            let blocks = (0..<100).map { midl_user_allocate($0) }
            XCTAssertEqual(midl_memory_size(blocks[5]), 77)
            pool.expect(made: 100, freed: 0)
            for block in blocks { midl_user_free(block) }
            pool.expect(made: 100, freed: 100)
            onThreads(2) { _ in midl_user_free(MIDL_user_allocate(10)) }
            pool.expect(made: 102, freed: 102)
            errno = 0
            XCTAssertNil(midl_user_allocate(1001))
            XCTAssertEqual(errno, ENOMEM)
        }
    }

    func testIsChosenOnce() throws {
        try inChild {
            let (pool, other) = (CountingPool(), CountingPool())
            XCTAssertTrue(pool.allocator().choose())
            XCTAssertFalse(other.allocator().choose())
            midl_user_free(midl_user_allocate(10))
            pool.expect(made: 1, freed: 1)
            other.expect(made: 0, freed: 0)
        }
    }

    func testIsRefusedAfterTheFirstAllocation() throws {
        try inChild {
            let pool = CountingPool()
            let block = midl_user_allocate(10)
            XCTAssertFalse(pool.allocator().choose())
            midl_user_free(block)
            midl_user_free(midl_user_allocate(10))
            pool.expect(made: 0, freed: 0)
        }
    }

    func testGivesWayToMIDL_MEMORY() throws {
        try inChild(choices: "heap") {
            let pool = CountingPool()
            XCTAssertTrue(pool.allocator().choose())
            midl_user_free(midl_user_allocate(10))
            pool.expect(made: 0, freed: 0)
        }
    }

    func testGoesBeforeWhatOnlyWatches() throws {
        try inChild(choices: "stats=USR1") {
            let pool = CountingPool()
            XCTAssertTrue(pool.allocator().choose())
            midl_user_free(midl_user_allocate(10))
            pool.expect(made: 1, freed: 1)
        }
    }

    /// Of its blocks nothing is known, and nothing is claimed.
    func testHasNoWatches() throws {
        try inChild {
            XCTAssertTrue(CountingPool().allocator().choose())
            var block = midl_user_allocate(10)
            XCTAssertNil(Orphans.watching(&block) { $0 = nil })
            XCTAssertEqual(midl_memory_report("leaks", 2), ENOSYS)
        }
    }
}
