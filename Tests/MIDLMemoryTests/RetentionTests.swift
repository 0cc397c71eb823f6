import XCTest

@testable import MIDLMemory

/// By a clock of its own.
final class RetentionTests: XCTestCase {
    private var retention = Retention()

    override func setUp() { retention = Retention() }

    private var limit: Int { retention.keptUnitCount(used: 0) }

    /// Units are returned and all wanted again at once.
    private func regret(_ unitCount: Int = 100, at now: UInt64) {
        retention.didReturn(unitCount: unitCount, now: now)
        retention.didTake(cleanUnitCount: unitCount, dirtyUnitCountLeft: 0, now: now)
    }

    func testAnEighthOfWhatIsInUseOrTheLimit() {
        for (used, kept) in [(0, 192), (1535, 192), (1536, 192), (1544, 193), (80_000, 10_000)] {
            XCTAssertEqual(retention.keptUnitCount(used: used), kept)
        }
        regret(at: 5000)
        XCTAssertEqual(retention.keptUnitCount(used: 4000), 768)
        XCTAssertEqual(retention.keptUnitCount(used: 80_000), 10_000)
    }

    func testLimitGrowsFourfoldUpToItsOwn() {
        for (now, expected) in [(5000, 768), (5001, 3072), (5002, 4096), (5003, 4096)]
            as [(UInt64, Int)]
        {
            regret(at: now)
            XCTAssertEqual(limit, expected)
        }
    }

    /// Of a large return at once by as much.
    func testLimitGrowsByWhatWasReturned() {
        regret(1000, at: 5000)
        XCTAssertEqual(limit, 1192)
        regret(3000, at: 5001)
        XCTAssertEqual(limit, 4096)
    }

    func testAQuarterOfWhatWasReturnedMustBeWantedAgain() {
        retention.didReturn(unitCount: 100, now: 5000)
        retention.didTake(cleanUnitCount: 24, dirtyUnitCountLeft: 0, now: 5000)
        XCTAssertEqual(limit, 192)
        // Units that still had their pages are none.
        retention.didTake(cleanUnitCount: 0, dirtyUnitCountLeft: 0, now: 5000)
        XCTAssertEqual(limit, 192)
        retention.didTake(cleanUnitCount: 1, dirtyUnitCountLeft: 0, now: 5000)
        XCTAssertEqual(limit, 768)
        // They are forgotten then.
        retention.didTake(cleanUnitCount: 100, dirtyUnitCountLeft: 0, now: 5000)
        XCTAssertEqual(limit, 768)
    }

    func testReturnsOfAMomentCountTogether() {
        retention.didReturn(unitCount: 100, now: 5000)
        retention.didReturn(unitCount: 100, now: 5008)
        retention.didTake(cleanUnitCount: 49, dirtyUnitCountLeft: 0, now: 5016)
        XCTAssertEqual(limit, 192)
        retention.didTake(cleanUnitCount: 1, dirtyUnitCountLeft: 0, now: 5016)
        XCTAssertEqual(limit, 768)
    }

    /// What goes back at once and is wanted after a moment teaches nothing.
    func testWhatIsWantedLaterIsNotRegretted() {
        retention.didReturn(unitCount: 100, now: 5000)
        retention.didTake(cleanUnitCount: 100, dirtyUnitCountLeft: 0, now: 5009)
        XCTAssertEqual(limit, 192)
        // Nor with what is wanted from then on.
        retention.didTake(cleanUnitCount: 100, dirtyUnitCountLeft: 0, now: 5009)
        XCTAssertEqual(limit, 192)
        retention.didReturn(unitCount: 100, now: 5010)
        retention.didTake(cleanUnitCount: 24, dirtyUnitCountLeft: 0, now: 5018)
        XCTAssertEqual(limit, 192)
        retention.didTake(cleanUnitCount: 1, dirtyUnitCountLeft: 0, now: 5018)
        XCTAssertEqual(limit, 768)
    }

    /// What took long to return may take four times as long to be wanted again.
    func testAPeakThatComesAgainIsRegretted() {
        for (later, expected) in [(200, 1292), (201, 192)] as [(UInt64, Int)] {
            retention = Retention()
            for time in stride(from: 5000 as UInt64, through: 5050, by: 5) {
                retention.didReturn(unitCount: 100, now: time)
            }
            for time in stride(from: 5060 as UInt64, to: 5050 + later, by: 40) {
                retention.didTake(cleanUnitCount: 50, dirtyUnitCountLeft: 0, now: time)
                XCTAssertEqual(limit, 192)
            }
            retention.didTake(cleanUnitCount: 150, dirtyUnitCountLeft: 0, now: 5050 + later)
            XCTAssertEqual(limit, expected)
        }
    }

    func testReturnsOfEarlierMomentsAreForgotten() {
        retention.didReturn(unitCount: 1000, now: 5000)
        retention.didTake(cleanUnitCount: 2, dirtyUnitCountLeft: 0, now: 5000)
        retention.didReturn(unitCount: 10, now: 5009)
        retention.didTake(cleanUnitCount: 2, dirtyUnitCountLeft: 0, now: 5009)
        XCTAssertEqual(limit, 192)
        retention.didTake(cleanUnitCount: 1, dirtyUnitCountLeft: 0, now: 5009)
        XCTAssertEqual(limit, 768)
    }

    /// A limit of 4096, as if so many units had stayed free since.
    private func learnMost(at now: UInt64) {
        for _ in 0..<3 { regret(1000, at: now) }
        XCTAssertEqual(limit, 4096)
    }

    /// Half of the limit goes with each second in which more than the first one stayed free.
    func testLimitIsHalvedWithTimeWhereItIsNotNeeded() {
        learnMost(at: 5000)
        for (now, expected) in [
            (5500, 4096), (6000, 4096), (6001, 4096), (7001, 4096), (7002, 2048), (7003, 2048),
            (8002, 2048), (8003, 1024), (20_000, 512), (21_000, 512), (21_001, 256),
            (22_002, 192), (90_000, 192),
        ] as [(UInt64, Int)] {
            retention.didGive(dirtyUnitCount: 2000, now: now)
            XCTAssertEqual(limit, expected, "\(now)")
        }
    }

    /// Where what stayed is taken in the meantime it is needed.
    func testLimitStaysWhereItIsNeeded() {
        learnMost(at: 5000)
        for now in stride(from: 5000 as UInt64, to: 50_000, by: 400) {
            retention.didTake(
                cleanUnitCount: 0, dirtyUnitCountLeft: now % 800 == 200 ? 192 : 1000, now: now)
            retention.didGive(dirtyUnitCount: 2000, now: now)
        }
        XCTAssertEqual(limit, 4096)
    }

    /// With few free units nothing depends on it, and nobody asks the clock.
    func testLimitStaysWhereFewAreFree() {
        learnMost(at: 5000)
        for now in stride(from: 5000 as UInt64, to: 50_000, by: 400) {
            retention.didGive(dirtyUnitCount: 192, now: now)
        }
        XCTAssertEqual(limit, 4096)
    }
}
