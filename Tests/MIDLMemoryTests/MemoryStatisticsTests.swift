import CMIDL
import MIDLMemory
import XCTest

final class MemoryStatisticsTests: XCTestCase {
    private func current(line: UInt = #line) throws -> MemoryStatistics {
        let current = try XCTUnwrap(MemoryStatistics.current(), line: line)
        let (count, byteCount) = current.sizeClasses.reduce((0, 0)) {
            ($0.0 + $1.liveBlockCount, $0.1 + $1.liveByteCount)
        }
        XCTAssertEqual(current.liveBlockCount, count + current.otherBlockCount, line: line)
        XCTAssertEqual(current.liveByteCount, byteCount + current.otherByteCount, line: line)
        XCTAssertLessThanOrEqual(current.usedByteCount, current.peakUsedByteCount, line: line)
        return current
    }

    func testCountsBlocksByClass() throws {
        let sample = try XCTUnwrap(midl_user_allocate(700))
        let byteCount = midl_memory_size(sample)
        func live(_ statistics: MemoryStatistics, _ byteCount: Int?) -> Int {
            statistics.sizeClasses.first { $0.blockByteCount == byteCount }?.liveBlockCount ?? 0
        }
        let before = try current()
        let blocks = (0..<30).map { midl_user_allocate($0 < 20 ? 700 : 100_000) }
        let after = try current()
        XCTAssertEqual(after.liveBlockCount, before.liveBlockCount + 30)
        XCTAssertEqual(live(after, byteCount), live(before, byteCount) + 20)
        XCTAssertEqual(live(after, nil), live(before, nil) + 10)
        let freed = Array(blocks.prefix(20))
        for block in freed { midl_user_free(block) }
        XCTAssertEqual(try current().liveBlockCount, before.liveBlockCount + 10)
        XCTAssertTrue(after.caches.contains { $0.hasThread })
        for block in blocks.dropFirst(20) { midl_user_free(block) }
        midl_user_free(sample)
    }

    func testCountsEnvironments() throws {
        let before = try current()
        try RPCEnvironment.withEnvironment { environment throws(RPCError) in
            _ = try environment.allocateCString("one")
            _ = try environment.allocateCString("two")
            guard let inside = MemoryStatistics.current() else { return XCTFail("no figures") }
            XCTAssertEqual(inside.environmentCount, before.environmentCount + 1)
            XCTAssertEqual(inside.environmentBlockCount, before.environmentBlockCount + 2)
            XCTAssertGreaterThan(inside.chunkByteCount, before.chunkByteCount)
            XCTAssertEqual(inside.liveBlockCount, before.liveBlockCount)
        }
        XCTAssertEqual(try current().environmentBlockCount, before.environmentBlockCount)
    }

    func testPeaksOfThreads() throws {
        try inChild(choices: "stats=USR1") {
            onThreads(2) { _ in
                let blocks = (0..<50).map { _ in midl_user_allocate(48) }
                for block in blocks { midl_user_free(block) }
            }
            let now = try current()
            XCTAssertEqual(now.allocationCount, 100)
            XCTAssertEqual(now.liveBlockCount, 0)
            XCTAssertTrue((50...100).contains(now.peakLiveBlockCount))
            XCTAssertEqual(now.peakLiveByteCount, now.peakLiveBlockCount * 48)
        }
    }

    func testGuardedBlocksAreLive() throws {
        try inChild(choices: "guard") {
            let blocks = (0..<10).map { _ in midl_user_allocate(40) }
            let now = try current()
            XCTAssertEqual(now.otherBlockCount, 10)
            XCTAssertEqual(now.liveByteCount, 400)
            for block in blocks { midl_user_free(block) }
            XCTAssertEqual(try current().liveBlockCount, 0)
        }
    }
}
