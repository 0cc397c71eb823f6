// The tags of blocks of environments, and bins.

import XCTest

@testable import MIDLMemory

final class EnvironmentTagTests: XCTestCase {
    private var bins: [Bin] { (0..<Bin.count).map { Bin(index: $0) } }

    func testBinHoldsTheRequestAndTheOneBeforeDoesNot() {
        for byteCount in 0...Bin.byteLimit {
            let bin = Bin(holding: byteCount)
            XCTAssertGreaterThanOrEqual(bin.byteCount, max(1, byteCount))
            XCTAssertEqual(bin.byteCount % 16, 0)
            if bin.index > 0 {
                XCTAssertLessThan(Bin(index: bin.index - 1).byteCount, max(1, byteCount))
            }
        }
    }

    func testTagsOfLiveAndFreeBlocksAreAllDifferent() {
        let live = bins.map { $0.liveTag.value }
        let freed = bins.map { $0.liveTag.freed.value }
        let all = live + freed + [EnvironmentTag.large.value]
        XCTAssertEqual(Set(all).count, all.count)
        XCTAssertTrue(all.allSatisfy { $0 >= 64 && $0 <= 255 })
    }

    func testTagsAreNotThoseOfSlabsAndLargeBlocks() {
        for value in 0..<64 {
            XCTAssertFalse(EnvironmentTag(value).isLive)
            XCTAssertFalse(EnvironmentTag(value).isFreed)
        }
        for bin in bins { XCTAssertFalse(SizeClass.isClass(bin.liveTag.value)) }
    }

    func testFreeingKeepsTheBin() {
        for bin in bins {
            let tag = bin.liveTag
            XCTAssertTrue(tag.isLive)
            XCTAssertFalse(tag.isFreed)
            XCTAssertEqual(tag.bin, bin)
            XCTAssertTrue(tag.freed.isFreed)
            XCTAssertFalse(tag.freed.isLive)
            XCTAssertEqual(tag.freed.live, tag)
        }
        XCTAssertTrue(EnvironmentTag.large.isLive)
        XCTAssertFalse(EnvironmentTag.large.isFreed)
    }
}
