import XCTest

@testable import MIDLMemory

/// For which units the system is asked for huge pages. What it was asked stands in /proc/self/smaps.
final class HugePagesTests: XCTestCase {
    private var fixture: PoolFixture!

    override func setUpWithError() throws {
        try XCTSkipUnless(
            FileManager.default.fileExists(atPath: "/sys/kernel/mm/transparent_hugepage"),
            "a system without huge pages")
        fixture = try PoolFixture(512 << 20)
        fixture.pool.hugePages.creditUnitCount = 0
    }

    override func tearDown() { fixture = nil }

    private func take(_ unitCount: Int) throws -> Span { try fixture.take(unitCount) }

    /// The first units of the chunks that are to have huge pages, and of those that are not to.
    private func chunks(_ flag: String, of region: Region) throws -> [Int] {
        var result: [Int] = []
        var range: Range<UInt> = 0..<0
        // Which String's initializer would read a page of.
        let maps = try XCTUnwrap(FileHandle(forReadingAtPath: "/proc/self/smaps"))
        let text = String(decoding: try XCTUnwrap(maps.readToEnd()), as: UTF8.self)
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            let ends = words[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
            if ends.count == 2 { range = ends[0]..<ends[1] }
            if words[0] != "VmFlags:" || !words.contains(Substring(flag)) { continue }
            for unit in stride(from: 0, to: region.unitCount, by: 32)
            where range.contains(region.address(ofUnit: unit)) {
                result.append(unit)
            }
        }
        return result
    }
    private func huge() throws -> [Int] { try chunks("hg", of: fixture.region) }
    private func small() throws -> [Int] { try chunks("nh", of: fixture.region) }

    /// A long span that is given back after all of it was used, or none.
    private func giveLong(isUsed: Bool) throws {
        let span = try take(40)
        if isUsed { fixture.fill(span) }
        fixture.pool.give(span)
        fixture.pool.trim()
    }

    func testShortSpansBehindTheFirst4MiBHaveHugePages() throws {
        for _ in 0..<64 { _ = try take(1) }
        XCTAssertEqual(try huge(), [])
        _ = try take(1)
        XCTAssertEqual(try huge(), [64])
        _ = try take(31)
        XCTAssertEqual(try huge(), [64])
        // One that reaches the next.
        _ = try take(20)
        _ = try take(20)
        XCTAssertEqual(try huge(), [64, 96, 128])
        XCTAssertEqual(try small(), [])
    }

    /// A thread's first slabs of a class are.
    func testSpansThatMayBeHardlyUsedAreNoReasonToAsk() throws {
        _ = try take(64)
        XCTAssertNotNil(fixture.pool.take(unitCount: 1, isSparse: true))
        _ = try take(31)
        XCTAssertEqual(try huge(), [])
        _ = try take(1)
        XCTAssertNotNil(fixture.pool.take(unitCount: 1, isSparse: true))
        XCTAssertEqual(try huge(), [96])
    }

    func testAChunkIsNotAskedForForOneOfTheFirstTwoSlabsOfAClass() throws {
        for (before, expected) in [(30, [96]), (31, [])] {
            let fixture = try HeapFixture(byteCount: 64 << 20)
            XCTAssertNotNil(fixture.heap.takeSpan(unitCount: 64 + before, .large))
            // Three slabs of 512 blocks, in units of their own.
            for _ in 0..<2 * 512 + 1 { _ = try fixture.allocate(128) }
            XCTAssertEqual(try chunks("hg", of: fixture.region), expected)
        }
    }

    /// Of what a heap grows by slowly, the last part would stay unused for long.
    func testAChunkIsNotAskedForLongAfterTheOneBefore() throws {
        func grow(by unitCount: Int, quickly isQuick: Bool) throws {
            fixture.pool.hugePages.quickMilliseconds = isQuick ? .max : 0
            if !isQuick { usleep(50_000) }
            _ = try take(unitCount)
        }
        try grow(by: 64, quickly: true)
        try grow(by: 31, quickly: false)
        XCTAssertEqual(try huge(), [])
        // The time of the chunk counts, not that of each span.
        try grow(by: 1, quickly: true)
        XCTAssertEqual(try huge(), [])
        try grow(by: 31, quickly: true)
        XCTAssertEqual(try huge(), [96])
        XCTAssertEqual(try small(), [])
    }

    /// Those of the first 4 MiB, and those that are begun sparsely.
    func testChunksThatAreNotAskedForTellOfThePaceAsWell() throws {
        fixture.pool.hugePages.quickMilliseconds = 400
        usleep(500_000)
        for _ in 0..<4 { _ = try take(20) }
        XCTAssertEqual(try huge(), [64])
        _ = try take(16)
        usleep(500_000)
        XCTAssertNotNil(fixture.pool.take(unitCount: 20, isSparse: true))
        _ = try take(20)
        XCTAssertEqual(try huge(), [64, 128])
    }

    /// In a large heap a chunk is little: in one of 2 GiB it may take 4 seconds.
    func testALargeHeapMayGrowMoreSlowly() throws {
        let fixture = try PoolFixture(2 << 30)
        fixture.pool.hugePages.quickMilliseconds = 0
        _ = try fixture.take(32_032)
        usleep(50_000)
        _ = try fixture.take(20)
        XCTAssertEqual(try chunks("hg", of: fixture.region), [32_032])
    }

    /// What has been there before is no growth.
    func testAChunkThatHadAHugePageHasItAgainHoweverLateThatIs() throws {
        _ = try take(64)
        let spans = try (0..<4).map { _ in try take(16) }
        for span in spans { fixture.pool.give(span) }
        fixture.pool.trim()
        _ = try take(64)
        XCTAssertEqual(try huge(), [])
        fixture.pool.give(fixture.region.span(atUnit: 64))
        fixture.pool.trim()
        fixture.pool.hugePages.quickMilliseconds = 0
        usleep(50_000)
        _ = try take(16)
        XCTAssertEqual(try huge(), [64])
    }

    /// Those who come after it do not have the pages that another had.
    func testAChunkThatIsBegunSparselyHasSmallPages() throws {
        _ = try take(64)
        let spans = try (0..<2).map { _ in try take(16) }
        for span in spans { fixture.pool.give(span) }
        fixture.pool.trim()
        XCTAssertEqual(try huge(), [64])
        XCTAssertEqual(fixture.pool.take(unitCount: 16, isSparse: true), spans[0])
        XCTAssertEqual(try small(), [64])
    }

    func testAChunkOfWhichAPartIsUsedIsNotAskedFor() throws {
        _ = try take(70)
        for _ in 0..<26 { _ = try take(1) }
        XCTAssertEqual(try huge(), [])
        _ = try take(1)
        XCTAssertEqual(try huge(), [96])
    }

    func testLongSpansHaveHugePagesWhileOthersWereUsedAllOver() throws {
        _ = try take(64)
        _ = try take(64)
        XCTAssertEqual(try huge(), [])
        try giveLong(isUsed: true)
        _ = try take(100)
        XCTAssertEqual(try huge(), [128, 160, 192])
        // One that was not used counts more than one that was.
        try giveLong(isUsed: false)
        try giveLong(isUsed: true)
        _ = try take(64)
        XCTAssertEqual(try huge(), [128, 160, 192])
        for _ in 0..<4 { try giveLong(isUsed: true) }
        _ = try take(64)
        XCTAssertEqual(try huge(), [128, 160, 192, 320])
        XCTAssertTrue(fixture.pool.checkInvariants())
    }

    /// In their first half.
    func testTheFirstLongSpansHaveHugePagesOnCredit() throws {
        fixture.pool.hugePages.creditUnitCount = 270
        for _ in 0..<2 { _ = try take(64) }
        XCTAssertEqual(try huge(), [64])
        _ = try take(140)
        XCTAssertEqual(try huge(), [64, 128, 160])
        XCTAssertEqual(fixture.pool.hugePages.creditUnitCount, 2)
        _ = try take(64)
        XCTAssertEqual(try huge(), [64, 128, 160])
        XCTAssertEqual(try small(), [])
    }

    /// They teach as others do: what was used in the first half does not count.
    func testSpansOnCreditTeach() throws {
        for isUsed in [true, false] {
            let fixture = try PoolFixture(64 << 20)
            _ = try fixture.take(64)
            let span = try fixture.take(96)
            fixture.fill(span)
            if !isUsed {
                let middle = pointer(fixture.region.address(ofUnit: 96))
                XCTAssertEqual(madvise(middle, 4 << 20, MADV_DONTNEED), 0)
            }
            fixture.pool.give(span)
            XCTAssertEqual(fixture.pool.hugePages.mayBeSparse(span), !isUsed)
            XCTAssertEqual(fixture.pool.hugePages.creditUnitCount, isUsed ? 352 : 0)
        }
    }

    /// There its second half would not have small pages.
    func testThereIsNoCreditWhereThereWereHugePages() throws {
        _ = try take(64)
        let spans = try (0..<4).map { _ in try take(16) }
        for span in spans { fixture.pool.give(span) }
        fixture.pool.trim()
        fixture.pool.hugePages.creditUnitCount = 512
        _ = try take(64)
        XCTAssertEqual(try small(), [64, 96])
        XCTAssertEqual(fixture.pool.hugePages.creditUnitCount, 512)
    }

    /// A table with few entries, where there were huge pages before.
    func testLongSpansOfOldPlacesHaveSmallPages() throws {
        _ = try take(64)
        let spans = try (0..<4).map { _ in try take(16) }
        XCTAssertEqual(try huge(), [64, 96])
        for span in spans { fixture.pool.give(span) }
        fixture.pool.trim()
        XCTAssertEqual(try huge(), [64, 96])
        let table = try take(64)
        XCTAssertEqual(try huge(), [])
        XCTAssertEqual(try small(), [64, 96])
        // And short ones after it huge ones again.
        fixture.pool.give(table)
        fixture.pool.trim()
        _ = try take(20)
        XCTAssertEqual(try huge(), [64])
        XCTAssertEqual(try small(), [96])
    }

    /// A huge page is not cut where it can go back as a whole.
    func testPagesGoBackByWholeChunks() throws {
        _ = try take(64)
        var spans = try (0..<8).map { _ in try take(16) }
        for span in spans { fixture.fill(span) }
        for span in spans { fixture.pool.give(span) }
        XCTAssertEqual(fixture.decommit(downTo: 127), 32)
        XCTAssertEqual(fixture.decommit(downTo: 90), 32)
        XCTAssertEqual(try small(), [])
        spans = try (0..<8).map { _ in try take(16) }
        XCTAssertEqual(try huge(), [64, 96, 128, 160])
        XCTAssertTrue(fixture.pool.checkInvariants())
    }

    /// The system does not fill up again what went back.
    func testAChunkOfWhichAPartWentBackHasSmallPages() throws {
        _ = try take(64)
        let spans = try (0..<12).map { _ in try take(8) }
        for span in spans { fixture.fill(span) }
        XCTAssertEqual(try huge(), [64, 96, 128])
        // The last quarter of the first chunk, the second one, the first three of the third.
        for span in spans[3..<11] { fixture.pool.give(span) }
        XCTAssertEqual(fixture.decommit(downTo: 0), 64)
        XCTAssertEqual(try huge(), [96])
        XCTAssertEqual(try small(), [64, 128])
        // Once all of it went back it may have a huge one again.
        fixture.pool.give(spans[11])
        fixture.pool.trim()
        for _ in 0..<9 { _ = try take(8) }
        XCTAssertEqual(try huge(), [96, 128])
        XCTAssertTrue(fixture.pool.checkInvariants())
    }

    /// While they are hardly used, long spans begin at fewer places.
    func testLongSpansThatAreHardlyUsedHaveFewLengths() throws {
        func lengths(_ unitCounts: [Int]) -> [Int] {
            unitCounts.map { fixture.pool.hugePages.length(holding: $0) }
        }
        let counts = [31, 32, 33, 63, 64, 65, 127, 129]
        XCTAssertEqual(lengths(counts), counts)
        try giveLong(isUsed: false)
        XCTAssertEqual(lengths(counts), [31, 32, 36, 64, 64, 72, 128, 144])
        try giveLong(isUsed: true)
        XCTAssertEqual(lengths(counts), counts)
    }

    /// A block in a longer span ends where it should, and grows into the rest in place.
    func testABlockInALongerSpanHasItsOwnSize() throws {
        let fixture = try HeapFixture(byteCount: 64 << 20)
        let byteCount = 33 << 16
        // One that was not used in the middle.
        fixture.free(pointer(UInt(bitPattern: try fixture.allocate(byteCount))))
        fixture.heap.withPool { $0.trim() }
        let address = UInt(bitPattern: try fixture.allocate(byteCount))
        let span = fixture.region.span(atUnit: fixture.region.unit(of: address))
        XCTAssertEqual(span.unitCount, 36)
        // Those of environments count by units.
        let other = fixture.heap.takeSpan(unitCount: 33, .environmentBlock)
        XCTAssertEqual(other?.unitCount, 33)
        XCTAssertEqual(fixture.heap.byteCount(ofBlockAt: address), byteCount)
        XCTAssertTrue(LargeBlock.resize(address, to: 35 << 16, fixture.heap))
        XCTAssertEqual(fixture.heap.byteCount(ofBlockAt: address), 35 << 16)
        try fixture.expectLive(small: 0, large: 1)
    }

    /// Where there is no room for more than the block itself.
    func testTheLastBlockHasNoLongerSpan() throws {
        let fixture = try HeapFixture(byteCount: 64 << 20)
        fixture.free(try fixture.allocate(33 << 16))
        fixture.heap.withPool { $0.trim() }
        XCTAssertNotNil(fixture.heap.takeSpan(unitCount: 104, .large))
        XCTAssertEqual(fixture.heap.withPool { $0.hugePages.length(holding: 920) }, 960)
        XCTAssertEqual(fixture.heap.takeSpan(unitCount: 920, .large)?.unitCount, 920)
    }

    /// The rest of a chunk is in use: one more huge page is not to be had.
    func testTheStartOfAChunkIsNoReasonToAskWhileItsEndIsUsed() throws {
        _ = try take(64)
        let spans = try (0..<4).map { _ in try take(8) }
        fixture.pool.give(spans[0])
        fixture.pool.trim()
        XCTAssertEqual(try small(), [64])
        XCTAssertEqual(try take(8), spans[0])
        XCTAssertEqual(try huge(), [])
        for span in spans { fixture.pool.give(span) }
        fixture.pool.trim()
        XCTAssertEqual(try take(8), spans[0])
        XCTAssertEqual(try huge(), [64])
    }

    /// What a block grows by is used; unless the block is long, and may be a table.
    func testABlockThatGrowsIsFollowed() throws {
        _ = try take(50)
        let span = try take(10)
        XCTAssertTrue(fixture.pool.resize(span, toUnitCount: 20))
        XCTAssertEqual(try huge(), [64])
        let table = try take(40)
        XCTAssertTrue(fixture.pool.resize(table, toUnitCount: 60))
        XCTAssertEqual(try huge(), [64])
        XCTAssertTrue(fixture.pool.resize(table, toUnitCount: 200))
        XCTAssertEqual(try huge(), [64])
    }

    /// Records of very long spans are not marked while they are used.
    func testAChunkInWhichAVeryLongSpanBeginsIsNotAskedFor() throws {
        _ = try take(64)
        let span = try take(8)
        XCTAssertEqual(try huge(), [64])
        _ = try take(1100)
        fixture.pool.give(span)
        fixture.pool.trim()
        XCTAssertEqual(try small(), [64])
        _ = try take(8)
        XCTAssertEqual(try huge(), [])
    }

    /// What a block had too much of says nothing about blocks.
    func testTheEndThatABlockGivesBackTeachesNothing() throws {
        let span = try take(100)
        fixture.fill(span)
        XCTAssertTrue(fixture.pool.resize(span, toUnitCount: 140))
        XCTAssertTrue(fixture.pool.resize(span, toUnitCount: 100))
        XCTAssertEqual(fixture.pool.hugePages.length(holding: 33), 33)
        XCTAssertTrue(fixture.pool.hugePages.mayBeSparse(span))
        fixture.pool.give(span)
        XCTAssertFalse(fixture.pool.hugePages.mayBeSparse(span))
    }
}
