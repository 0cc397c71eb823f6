import XCTest

@testable import MIDLMemory

final class AlignedBlockTests: XCTestCase {
    func testClassesOfWhichAllBlocksAreAligned() {
        for shift in 4...16 {
            let alignment = 1 << shift
            for byteCount in [0, 1, 15, 16, 17, 100, 1000, 4095, 4096, 5000, 9000, 20_000, 32_768] {
                let padded = AlignedBlock.byteCount(byteCount, alignment)
                XCTAssertGreaterThanOrEqual(padded, byteCount)
                if alignment > 16 && padded <= SizeClass.byteLimit {
                    let sizeClass = SizeClass(holding: padded)
                    XCTAssertEqual(sizeClass.blockByteCount, padded)
                    XCTAssertEqual(padded % alignment, 0)
                }
                if alignment == 1 << 16 { XCTAssertGreaterThan(padded, SizeClass.byteLimit) }
            }
        }
        XCTAssertEqual(AlignedBlock.byteCount(100, 64), 128)
        // Blocks of 12,288 bytes do not begin at pages.
        XCTAssertEqual(AlignedBlock.byteCount(10_000, 4096), 16_384)
        XCTAssertEqual(AlignedBlock.byteCount(1100, 64), 1152)
        XCTAssertEqual(AlignedBlock.byteCount(40_000, 4096), 40_000)
    }

    func testSmallBlocks() throws {
        let fixture = try HeapFixture()
        for shift in 3...15 {
            for byteCount in [0, 1, 700, 5000, 32_768] {
                let address = try allocate(byteCount, 1 << shift, fixture)
                XCTAssertEqual(address % (1 << UInt(shift)), 0)
                XCTAssertGreaterThanOrEqual(fixture.heap.byteCount(ofBlockAt: address), byteCount)
            }
        }
        try fixture.expectLive(small: 13 * 5)
    }

    /// What is cut off at both ends of a span is free again, and joins.
    func testSpansCutAtAlignedUnits() throws {
        let fixture = try HeapFixture()
        var generator = SeededGenerator(seed: 5)
        var addresses: [UInt] = []
        for turn in 1...600 {
            if turn % 3 != 0 || addresses.isEmpty {
                let alignment = 1 << Int.random(in: 15...22, using: &generator)
                let byteCount = Int.random(in: 1...300_000, using: &generator)
                if let address = tryAllocate(byteCount, alignment, fixture) {
                    XCTAssertEqual(address % UInt(alignment), 0)
                    if alignment > 1 << 16 || byteCount > SizeClass.byteLimit {
                        memset(pointer(address), 1, byteCount)
                        addresses.append(address)
                    } else {
                        fixture.free(pointer(address))
                    }
                }
            } else {
                let index = Int.random(in: 0..<addresses.count, using: &generator)
                fixture.free(pointer(addresses.remove(at: index)))
            }
            XCTAssertEqual(try fixture.census().liveLargeBlockCount, addresses.count)
        }
        for address in addresses { fixture.free(pointer(address)) }
        try fixture.expectEmptyAtEnd()
    }

    func testTooMuch() throws {
        let fixture = try HeapFixture()
        for (byteCount, alignment) in [
            (-1, 64), (.max, 64), (1, .min), (1, 1 << 62), (1, 1 << 27), (.max, 1 << 20),
            (64 << 20, 1 << 20),
        ] {
            errno = 0
            XCTAssertNil(tryAllocate(byteCount, alignment, fixture))
            XCTAssertEqual(errno, ENOMEM)
        }
        try fixture.expectEmptyAtEnd()
    }

    private func tryAllocate(_ byteCount: Int, _ alignment: Int, _ fixture: HeapFixture) -> UInt? {
        AlignedBlock.allocate(
            byteCount: byteCount, alignment: alignment, fixture.caches[0].front
        ).map { UInt(bitPattern: $0) }
    }

    private func allocate(
        _ byteCount: Int, _ alignment: Int, _ fixture: HeapFixture
    ) throws -> UInt { try XCTUnwrap(tryAllocate(byteCount, alignment, fixture)) }
}
