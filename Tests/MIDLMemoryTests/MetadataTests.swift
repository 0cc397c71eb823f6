import XCTest

@testable import MIDLMemory

final class MetadataTests: XCTestCase {
    func testPiecesAreAlignedZeroedAndApart() throws {
        var metadata = Metadata()
        var generator = SeededGenerator(seed: 2)
        var pieces: [Range<UInt>] = []
        for step in 0..<1500 {
            let alignment: UInt = [8, 64, 1024, 4096][step % 4]
            // Sometimes more than a chunk.
            let byteCount =
                step % 500 == 499 ? 300 << 10 : Int.random(in: 1...2000, using: &generator)
            let start = try XCTUnwrap(metadata.allocate(byteCount: byteCount, alignment: alignment))
            XCTAssertEqual(start % alignment, 0)
            let bytes = UnsafeRawBufferPointer(start: pointer(start), count: byteCount)
            XCTAssertEqual(memcmp(pointer(start), pointer(start) + 1, byteCount - 1), 0)
            XCTAssertEqual(bytes[0], 0)
            memset(pointer(start), 1, byteCount)
            pieces.append(start..<start + UInt(byteCount))
        }
        pieces.sort { $0.lowerBound < $1.lowerBound }
        for (piece, next) in zip(pieces, pieces.dropFirst()) {
            XCTAssertLessThanOrEqual(piece.upperBound, next.lowerBound)
        }
    }

    func testRefusalLosesNothing() throws {
        var metadata = Metadata()
        XCTAssertNil(withAddressSpaceLimit(1) { metadata.allocate(byteCount: 64, alignment: 64) })
        let first = try XCTUnwrap(metadata.allocate(byteCount: 64, alignment: 64))
        XCTAssertNil(
            withAddressSpaceLimit(1) { metadata.allocate(byteCount: 1 << 20, alignment: 64) })
        // The chunk is still there.
        XCTAssertEqual(metadata.allocate(byteCount: 64, alignment: 64), first + 64)
    }
}
