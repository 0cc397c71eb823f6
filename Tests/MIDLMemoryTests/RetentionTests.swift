import XCTest

@testable import MIDLMemory

/// By a clock of its own.
final class RetentionTests: XCTestCase {
    private var retention = Retention()

    override func setUp() { retention = Retention() }

    private var limit: Int { retention.keptUnitCount(used: 0) }

    /// Units without pages are taken; there are 4096 in all.
    private func take(_ cleanUnitCount: Int, at now: UInt64) {
        retention.didTake(
            cleanUnitCount: cleanUnitCount, dirtyUnitCountLeft: 0, of: 4096, now: now)
    }

    /// Units are returned and all wanted again at once.
    private func regret(_ unitCount: Int = 100, at now: UInt64) {
        retention.didReturn(unitCount: unitCount, now: now)
        take(unitCount, at: now)
    }

    func testAnEighthOfWhatIsInUseOrTheLimit() {
        for (used, kept) in [(0, 192), (1535, 192), (1536, 192), (1544, 193), (80_000, 10_000)] {
            XCTAssertEqual(retention.keptUnitCount(used: used), kept)
        }
        regret(at: 5000)
        XCTAssertEqual(retention.keptUnitCount(used: 4000), 768)
        XCTAssertEqual(retention.keptUnitCount(used: 80_000), 10_000)
    }

    func testLimitGrowsFourfoldUpToAllThereAre() {
        for (now, expected) in [(5000, 768), (5001, 3072), (5002, 4096), (5003, 4096)]
            as [(UInt64, Int)]
        {
            regret(at: now)
            XCTAssertEqual(limit, expected)
        }
        // Or to 4096, where there are fewer.
        for (unitCount, expected) in [(100, 4096), (4096, 4096), (4097, 4097)] {
            retention = Retention()
            retention.didReturn(unitCount: 3000, now: 5000)
            retention.didTake(
                cleanUnitCount: 3000, dirtyUnitCountLeft: 0, of: unitCount, now: 5000)
            XCTAssertEqual(limit, expected)
        }
    }

    /// Of a large return at once by that and its half.
    func testLimitGrowsByWhatWasReturned() {
        regret(1000, at: 5000)
        XCTAssertEqual(limit, 1692)
        regret(3000, at: 5001)
        XCTAssertEqual(limit, 4096)
    }

    func testAQuarterOfWhatWasReturnedMustBeWantedAgain() {
        retention.didReturn(unitCount: 100, now: 5000)
        take(24, at: 5000)
        XCTAssertEqual(limit, 192)
        // Units that still had their pages are none.
        take(0, at: 5000)
        XCTAssertEqual(limit, 192)
        take(1, at: 5000)
        XCTAssertEqual(limit, 768)
        // They are forgotten then.
        take(100, at: 5000)
        XCTAssertEqual(limit, 768)
    }

    func testReturnsWithinASecondCountTogether() {
        retention.didReturn(unitCount: 100, now: 5000)
        take(20, at: 5400)
        retention.didReturn(unitCount: 100, now: 6000)
        take(29, at: 6000)
        XCTAssertEqual(limit, 192)
        take(1, at: 6001)
        XCTAssertEqual(limit, 768)
    }

    func testReturnsBeforeAPauseAreForgotten() {
        retention.didReturn(unitCount: 1000, now: 5000)
        take(2, at: 5000)
        retention.didReturn(unitCount: 10, now: 6001)
        take(2, at: 6001)
        XCTAssertEqual(limit, 192)
        take(1, at: 6001)
        XCTAssertEqual(limit, 768)
    }

    /// Of a peak that takes seconds to go back its last second counts most.
    func testReturnsAreHalvedWithEachSecond() {
        for (now, count) in [(5000, 600), (5900, 200), (6001, 100), (6900, 100)] as [(UInt64, Int)]
        {
            retention.didReturn(unitCount: count, now: now)
        }
        // 800 / 2 + 200.
        take(149, at: 7000)
        XCTAssertEqual(limit, 192)
        take(1, at: 7000)
        XCTAssertEqual(limit, 1092)
    }

    /// A second after the last return is not too late, and a millisecond more is.
    func testAPeakThatComesAgainIsRegretted() {
        for (later, expected) in [(1000, 1842), (1001, 192)] as [(UInt64, Int)] {
            retention = Retention()
            for time in stride(from: 5000 as UInt64, through: 5500, by: 50) {
                retention.didReturn(unitCount: 100, now: time)
            }
            for time in [5510, 5900, 6400] as [UInt64] {
                take(90, at: time)
                XCTAssertEqual(limit, 192)
            }
            take(150, at: 5500 + later)
            XCTAssertEqual(limit, expected)
            // What was returned is forgotten either way.
            take(1000, at: 5500 + later)
            XCTAssertEqual(limit, expected)
        }
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
            (8002, 2048), (8003, 1024), (18_003, 512), (19_003, 512), (19_004, 256),
            (20_005, 192), (90_000, 192),
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
                cleanUnitCount: 0, dirtyUnitCountLeft: now % 800 == 200 ? 192 : 1000,
                of: 4096, now: now)
            retention.didGive(dirtyUnitCount: 2000, now: now)
        }
        XCTAssertEqual(limit, 4096)
    }

    /// With few free units nothing depends on it, and nobody asks the clock. For ten seconds.
    func testLimitIsForgottenWhereFewWereFree() {
        for (pause, expected) in [(10_000, 4096), (10_001, 192)] as [(UInt64, Int)] {
            retention = Retention()
            learnMost(at: 5000)
            for now in stride(from: 5000, to: 5000 + pause, by: 400) {
                retention.didGive(dirtyUnitCount: 192, now: now)
                XCTAssertEqual(limit, 4096)
            }
            retention.didGive(dirtyUnitCount: 193, now: 5000 + pause)
            XCTAssertEqual(limit, expected)
        }
    }
}
