import CMIDL
import MIDLPlatform
import MIDLShim
import XCTest

@testable import MIDLMemory

/// The functions as C calls them, on the heap of the process.
final class EntryPointTests: XCTestCase {
    private func live() throws -> Int {
        let census = try XCTUnwrap(XCTUnwrap(Heap.ofProcess).census())
        return census.liveSmallBlockCount + census.liveLargeBlockCount
    }

    override func setUp() { midl_user_free(midl_user_allocate(1)) }

    func testBothSpellingsAreOneAllocator() throws {
        let before = try live()
        for byteCount in [0, 1, 16, 1024, 1025, 32768, 32769, 1 << 20] {
            let lower = try XCTUnwrap(midl_user_allocate(byteCount))
            let upper = try XCTUnwrap(MIDL_user_allocate(byteCount))
            XCTAssertNotEqual(lower, upper)
            XCTAssertEqual(try live(), before + 2)
            XCTAssertGreaterThanOrEqual(midl_memory_size(lower), max(1, byteCount))
            XCTAssertEqual(midl_memory_size(lower), midl_memory_size(upper))
            memset(lower, 1, midl_memory_size(lower))
            memset(upper, 2, midl_memory_size(upper))
            XCTAssertEqual(lower.load(as: UInt8.self), 1)
            MIDL_user_free(lower)
            midl_user_free(upper)
            XCTAssertEqual(try live(), before)
        }
    }

    func testHeapFunctionsAreTheSameAllocator() throws {
        let before = try live()
        let block = try XCTUnwrap(midl_heap_allocate_slowly(100, midl_current_front()))
        XCTAssertEqual(try live(), before + 1)
        XCTAssertEqual(midl_heap_size(block, midl_current_front()), 112)
        XCTAssertEqual(midl_memory_size(block), 112)
        midl_user_free(block)
        let other = try XCTUnwrap(midl_user_allocate(100))
        XCTAssertEqual(other, block)
        midl_heap_free(other, midl_current_front())
        XCTAssertEqual(try live(), before)
    }

    /// False, and the result untouched, when the magazine is empty or the request is not small.
    func testPopIsTheFastPathOnly() throws {
        let fixture = try HeapFixture()
        let front = fixture.caches[0].front
        let untouched = UnsafeMutableRawPointer(bitPattern: 0x10)
        var block = untouched
        for byteCount in [0, 16, 1024, 1025, 32768, 32769, -1, .min, .max] {
            XCTAssertFalse(midl_heap_pop(byteCount, front, &block))
            XCTAssertEqual(block, untouched)
        }
        for byteCount in [0, 1, 16, 17, 1000, 1024] {
            let freed = try fixture.allocate(byteCount)
            fixture.free(freed)
            XCTAssertTrue(midl_heap_pop(byteCount, front, &block))
            XCTAssertEqual(block, freed)
            XCTAssertFalse(Block(freed).isSealed)
        }
        let large = try fixture.allocate(1025)
        fixture.free(large)
        XCTAssertFalse(midl_heap_pop(1025, front, &block))
        try fixture.expectLive(small: 6)
    }

    func testNull() throws {
        let before = try live()
        midl_user_free(nil)
        MIDL_user_free(nil)
        midl_heap_free(nil, midl_current_front())
        XCTAssertEqual(midl_memory_size(nil), 0)
        XCTAssertEqual(try live(), before)
    }

    func testTooLargeIsNullWithErrno() {
        for byteCount in [-1, Int.min, Int.max, Int.max - 4096, 1 << 47] {
            errno = 0
            XCTAssertNil(midl_user_allocate(byteCount))
            XCTAssertEqual(errno, ENOMEM)
            errno = 0
            XCTAssertNil(MIDL_user_allocate(byteCount))
            XCTAssertEqual(errno, ENOMEM)
        }
    }

    func testErrnoIsKept() {
        for byteCount in [1, 5000, 100_000] {
            errno = EDOM
            let block = midl_user_allocate(byteCount)
            midl_user_free(block)
            _ = midl_memory_trim()
            XCTAssertEqual(errno, EDOM)
            XCTAssertNotNil(block)
        }
    }

    func testTrimGivesBackWhatIsFree() throws {
        // What earlier tests left may be more than the pool keeps.
        _ = midl_memory_trim()
        let block = try XCTUnwrap(midl_user_allocate(1 << 20))
        memset(block, 1, 1 << 20)
        midl_user_free(block)
        XCTAssertGreaterThanOrEqual(midl_memory_trim(), 1 << 20)
        XCTAssertEqual(midl_memory_trim(), 0)
        XCTAssertEqual(midl_heap_trim(), 0)
    }

    /// The first call of a thread may be any of them.
    func testEveryFunctionIsTheFirstOfAThread() throws {
        let before = try live()
        let block = UInt(bitPattern: try XCTUnwrap(midl_user_allocate(500)))
        onThreads(1) { _ in XCTAssertEqual(midl_memory_size(pointer(block)), 512) }
        onThreads(1) { _ in _ = midl_memory_trim() }
        onThreads(1) { _ in midl_user_free(nil) }
        onThreads(1) { _ in midl_user_free(pointer(block)) }
        onThreads(1) { _ in midl_user_free(midl_user_allocate(70_000)) }
        XCTAssertEqual(try live(), before)
    }

    func testThreadsExchangeBlocksOnTheHeapOfTheProcess() throws {
        let before = try live()
        for threadCount in 2...4 {
            let mailboxes = Mailboxes(threadCount)
            onThreads(threadCount) { thread in
                var generator = SeededGenerator(seed: UInt64(thread))
                for _ in 0..<2000 {
                    let byteCount = generator.byteCount(largeLimit: 80_000)
                    if let block = midl_user_allocate(byteCount) {
                        memset(block, Int32(thread), byteCount)
                        mailboxes.put(UInt(bitPattern: block), for: (thread + 1) % threadCount)
                    }
                    guard let block = mailboxes.take(for: thread) else { continue }
                    midl_user_free(pointer(block))
                }
            }
            for thread in 0..<threadCount {
                while let block = mailboxes.take(for: thread) { midl_user_free(pointer(block)) }
            }
            XCTAssertEqual(try live(), before)
        }
    }
}
