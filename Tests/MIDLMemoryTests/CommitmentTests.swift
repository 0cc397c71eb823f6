import XCTest

@testable import MIDLMemory

final class CommitmentTests: XCTestCase {
    private func withCommitment(
        _ byteCount: Int, _ body: (inout Commitment) throws -> Void
    ) throws {
        let region = try XCTUnwrap(Region.reserve(byteCount: byteCount))
        defer { region.release() }
        var commitment = Commitment(region: region)
        try body(&commitment)
    }

    /// The unit, its record and its tags can be written.
    private func use(unit: Int, of region: Region) {
        let start = region.address(ofUnit: unit)
        memset(pointer(start), 1, Unit.byteCount)
        region.span(atUnit: unit).hadBlocks = true
        region.setTag(1, at: start)
        region.setTag(1, at: start + UInt(Unit.byteCount) - 16)
    }

    func testTopRisesToTheEndAndNoFurther() throws {
        try withCommitment(8 << 20) { commitment in
            XCTAssertEqual(commitment.committedUnitCount, 0)
            XCTAssertEqual(commitment.raiseTop(by: 1), 0)
            XCTAssertEqual(commitment.committedUnitCount, 64)
            XCTAssertEqual(commitment.raiseTop(by: 63), 1)
            XCTAssertEqual(commitment.committedUnitCount, 64)
            XCTAssertEqual(commitment.topUnit, 64)
            XCTAssertNil(commitment.raiseTop(by: 65))
            XCTAssertEqual(commitment.topUnit, 64)
            XCTAssertEqual(commitment.raiseTop(by: 64), 64)
            XCTAssertNil(commitment.raiseTop(by: 1))
            XCTAssertNil(commitment.raiseTop(by: .max))
            XCTAssertEqual(commitment.topUnit, 128)
            for unit in 0..<128 { use(unit: unit, of: commitment.region) }
        }
    }

    func testWhatIsCommittedCanBeUsedAtOnce() throws {
        try withCommitment(64 << 20) { commitment in
            for unit in 0..<commitment.region.unitCount {
                XCTAssertEqual(commitment.raiseTop(by: 1), unit)
                use(unit: unit, of: commitment.region)
                XCTAssertLessThanOrEqual(commitment.topUnit, commitment.committedUnitCount)
                XCTAssertLessThanOrEqual(
                    commitment.committedUnitCount, commitment.region.unitCount)
            }
        }
    }

    func testStepsGrowWithTheHeap() throws {
        try withCommitment(4 << 30) { commitment in
            var (stepCount, former) = (0, 0)
            for _ in 0..<commitment.region.unitCount / 16 {
                XCTAssertNotNil(commitment.raiseTop(by: 16))
                if commitment.committedUnitCount == former { continue }
                // Not much more than what is in use, either.
                XCTAssertLessThanOrEqual(commitment.committedUnitCount - former, 64 + former / 8)
                former = commitment.committedUnitCount
                stepCount += 1
            }
            // 1024 steps of 64 units there would be.
            XCTAssertLessThan(stepCount, 60)
            XCTAssertEqual(former, commitment.region.unitCount)
        }
    }

    func testRefusalChangesNothing() throws {
        try withCommitment(64 << 20) { commitment in
            XCTAssertNil(withAddressSpaceLimit(1) { commitment.raiseTop(by: 1) })
            XCTAssertEqual(commitment.topUnit, 0)
            XCTAssertEqual(commitment.committedUnitCount, 0)
            XCTAssertEqual(commitment.raiseTop(by: 1), 0)
            // What is committed needs no more of the system.
            XCTAssertEqual(withAddressSpaceLimit(1) { commitment.raiseTop(by: 63) }, 1)
            XCTAssertNil(withAddressSpaceLimit(1) { commitment.raiseTop(by: 1) })
            XCTAssertEqual(commitment.raiseTop(by: 1), 64)
        }
    }

    /// A step more than asked is refused, what was asked is not.
    func testStepIsExactWhenMemoryIsShort() throws {
        try withCommitment(1 << 30) { commitment in
            XCTAssertEqual(commitment.raiseTop(by: 8192), 0)
            // Of what the process uses, the rest of the region is only reserved.
            let reserved =
                commitment.region.reservationByteCount
                - 8192 * (Unit.byteCount + SpanRecord.byteStride + Unit.granuleCount)
            let limit = try addressSpaceInUse() - reserved + 32 << 20
            XCTAssertEqual(withAddressSpaceLimit(limit) { commitment.raiseTop(by: 1) }, 8192)
            XCTAssertEqual(commitment.committedUnitCount, 8192 + 64)
            XCTAssertEqual(commitment.raiseTop(by: 64), 8193)
            XCTAssertEqual(commitment.committedUnitCount, 8192 + 128 + 1024)
            use(unit: 8192 + 64, of: commitment.region)
        }
    }
}
