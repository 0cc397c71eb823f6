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
        retention.didTake(cleanUnitCount: unitCount, now: now)
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
        retention.didTake(cleanUnitCount: 24, now: 5000)
        XCTAssertEqual(limit, 192)
        // Units that still had their pages are none.
        retention.didTake(cleanUnitCount: 0, now: 5000)
        XCTAssertEqual(limit, 192)
        retention.didTake(cleanUnitCount: 1, now: 5000)
        XCTAssertEqual(limit, 768)
        // They are forgotten then.
        retention.didTake(cleanUnitCount: 100, now: 5000)
        XCTAssertEqual(limit, 768)
    }

    func testReturnsOfAMomentCountTogether() {
        retention.didReturn(unitCount: 100, now: 5000)
        retention.didReturn(unitCount: 100, now: 5008)
        retention.didTake(cleanUnitCount: 49, now: 5016)
        XCTAssertEqual(limit, 192)
        retention.didTake(cleanUnitCount: 1, now: 5016)
        XCTAssertEqual(limit, 768)
    }

    /// What goes back at once and is wanted after a moment teaches nothing.
    func testWhatIsWantedLaterIsNotRegretted() {
        retention.didReturn(unitCount: 100, now: 5000)
        retention.didTake(cleanUnitCount: 100, now: 5009)
        XCTAssertEqual(limit, 192)
        // Nor with what is wanted from then on.
        retention.didTake(cleanUnitCount: 100, now: 5009)
        XCTAssertEqual(limit, 192)
        retention.didReturn(unitCount: 100, now: 5010)
        retention.didTake(cleanUnitCount: 24, now: 5018)
        XCTAssertEqual(limit, 192)
        retention.didTake(cleanUnitCount: 1, now: 5018)
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
                retention.didTake(cleanUnitCount: 50, now: time)
                XCTAssertEqual(limit, 192)
            }
            retention.didTake(cleanUnitCount: 150, now: 5050 + later)
            XCTAssertEqual(limit, expected)
        }
    }

    func testReturnsOfEarlierMomentsAreForgotten() {
        retention.didReturn(unitCount: 1000, now: 5000)
        retention.didTake(cleanUnitCount: 2, now: 5000)
        retention.didReturn(unitCount: 10, now: 5009)
        retention.didTake(cleanUnitCount: 2, now: 5009)
        XCTAssertEqual(limit, 192)
        retention.didTake(cleanUnitCount: 1, now: 5009)
        XCTAssertEqual(limit, 768)
    }

    /// Half of the limit goes with the first return after each second without regret.
    func testLimitIsHalvedWithTime() {
        regret(at: 5000)
        regret(at: 5001)
        regret(at: 5001)
        XCTAssertEqual(limit, 4096)
        for (now, expected) in [
            (6001, 4096), (6002, 2048), (6003, 2048), (7002, 2048), (7003, 1024), (9000, 512),
            (9900, 512), (10_001, 256), (12_000, 192), (90_000, 192),
        ] as [(UInt64, Int)] {
            retention.didReturn(unitCount: 1, now: now)
            XCTAssertEqual(limit, expected, "\(now)")
        }
    }

    /// Taking alone does not lower it, however long it lasts: only returns are asked.
    func testLimitStaysWithoutReturns() {
        regret(at: 5000)
        for now in stride(from: 5000 as UInt64, to: 50_000, by: 500) {
            retention.didTake(cleanUnitCount: 10, now: now)
        }
        XCTAssertEqual(limit, 768)
    }
}
