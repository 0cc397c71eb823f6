import MIDLPlatform
import XCTest

@testable import MIDLMemory

/// On the heap of the process.
final class ZeroedBlockTests: XCTestCase {
    func testBlocksAreZeroWhateverWasThere() throws {
        var generator = SeededGenerator(seed: 9)
        for turn in 0..<500 {
            let byteCount = generator.byteCount(largeLimit: 2 << 20)
            let block = try XCTUnwrap(
                ZeroedBlock.allocate(byteCount: byteCount, midl_current_front()))
            let bytes = UnsafeRawBufferPointer(start: block, count: byteCount)
            XCTAssertTrue(bytes.allSatisfy { $0 == 0 })
            memset(block, 0xA5, Heap.byteCount(of: block, midl_current_front()))
            ThreadCache.free(midl_current_front(), block)
            if turn % 100 == 0 { _ = Heap.ofProcess?.trim(midl_current_front()) }
        }
    }

    func testTooMuch() {
        errno = 0
        XCTAssertNil(ZeroedBlock.allocate(byteCount: -1, midl_current_front()))
        XCTAssertEqual(errno, ENOMEM)
    }

    /// What the pool says of a span that it hands out.
    func testSpansAreTakenZeroUntilTheyWereUsed() throws {
        let fixture = try HeapFixture()
        func take() throws -> UnsafeMutableRawPointer { try fixture.allocate(10 * Unit.byteCount) }
        func isZero(_ block: UnsafeMutableRawPointer) -> Bool {
            fixture.region.span(atUnit: fixture.region.unit(of: UInt(bitPattern: block)))
                .wasTakenZero
        }
        let fresh = try take()
        XCTAssertTrue(isZero(fresh))
        _ = try fixture.allocate(1)
        fixture.free(fresh)
        let used = try take()
        XCTAssertEqual(used, fresh)
        XCTAssertFalse(isZero(used))
        fixture.free(used)
        _ = fixture.trim()
        let returned = try take()
        XCTAssertTrue(isZero(returned))
        // A part of it, while the rest was used; and a span of which a part lies above the top.
        fixture.free(returned)
        fixture.caches[0].giveParked()
        let part = try fixture.allocate(4 * Unit.byteCount)
        XCTAssertFalse(isZero(part))
    }
}
