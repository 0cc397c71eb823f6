import MIDLPlatform
import XCTest

@testable import MIDLMemory

/// The stack by itself; what a cache does with its magazines is in ThreadCacheMagazinesTests.
final class MagazineTests: XCTestCase {
    private func makeMagazine() throws -> Magazine {
        let fixture = try HeapFixture()
        return try withExtendedLifetime(fixture) {
            try XCTUnwrap(fixture.caches[0].emptyMagazine())
        }
    }

    func testNoMagazineIsFullAndEmpty() {
        let top = Magazine.noneTop
        XCTAssertTrue(Magazine.isFull(top: top))
        XCTAssertEqual(Magazine.blockCount(top: top), 0)
        let block = Block(at: Magazine.slot(top - 8))
        XCTAssertEqual(block.address % 16, 0)
        XCTAssertFalse(block.isSealed)
    }

    func testMagazineIsFoundFromEveryTop() throws {
        let magazine = try makeMagazine()
        XCTAssertEqual(magazine.address % Magazine.byteCount, 0)
        XCTAssertEqual(Magazine.slotLimit, 125)
        for capacity in 1...Magazine.slotLimit {
            magazine.makeEmpty(capacity: capacity)
            magazine.setSentinel(0x4440)
            var top = magazine.first
            XCTAssertEqual(Magazine.slot(top - 8), 0x4440)
            for count in 0..<capacity {
                XCTAssertFalse(Magazine.isFull(top: top))
                XCTAssertEqual(Magazine.holding(top: top).address, magazine.address)
                XCTAssertEqual(Magazine.blockCount(top: top), count)
                top += 8
            }
            XCTAssertTrue(Magazine.isFull(top: top))
            XCTAssertEqual(top, magazine.end)
            XCTAssertEqual(Magazine.blockCount(top: top), capacity)
            XCTAssertEqual(Magazine.holding(top: top).address, magazine.address)
        }
    }

    /// The slots that are not for blocks are apart, even when there are as many blocks as can be.
    func testLinkAndFirstAreApartFromSentinelAndBlocks() throws {
        let magazine = try makeMagazine()
        magazine.makeEmpty(capacity: Magazine.slotLimit)
        magazine.setSentinel(0x4440)
        let first = magazine.first
        for slot in stride(from: first, to: magazine.end, by: 8) { Magazine.setSlot(slot, slot) }
        magazine.next = 0x5000
        XCTAssertEqual(magazine.first, first)
        XCTAssertEqual(Magazine.slot(first - 8), 0x4440)
        XCTAssertEqual(Magazine.slot(first), first)
        XCTAssertEqual(magazine.next, 0x5000)
    }
}
