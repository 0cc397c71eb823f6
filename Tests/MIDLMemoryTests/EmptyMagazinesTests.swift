import MIDLPlatform
import XCTest

@testable import MIDLMemory

/// Where threads get empty magazines from, and which they leave to others.
final class EmptyMagazinesTests: XCTestCase {
    private func take(_ count: Int, _ cache: ThreadCache) throws -> [Magazine] {
        try (0..<count).map { _ in try XCTUnwrap(cache.emptyMagazine()) }
    }

    private func putAway(_ magazines: [Magazine], _ cache: ThreadCache) {
        for magazine in magazines { cache.putAway(magazine) }
    }

    private func pages(_ magazines: [Magazine]) -> Set<UInt> {
        Set(magazines.map { $0.address / UInt(Page.byteCount) })
    }

    private func addresses(_ magazines: [Magazine]) -> Set<UInt> { Set(magazines.map(\.address)) }

    /// The processor fetches lines ahead within a page.
    func testNoTwoThreadsHaveMagazinesInOnePage() throws {
        let fixture = try HeapFixture(cacheCount: 3)
        var magazines: [[Magazine]] = [[], [], []]
        for index in 0..<90 { magazines[index % 3] += try take(1, fixture.caches[index % 3]) }
        for (first, second) in [(0, 1), (0, 2), (1, 2)] {
            XCTAssertTrue(pages(magazines[first]).isDisjoint(with: pages(magazines[second])))
        }
        for each in magazines { XCTAssertEqual(addresses(each).count, 30) }
    }

    /// One that fills and empties many magazines in turn does so without the registry.
    func testThoseTakenInARowAreKept() throws {
        let fixture = try HeapFixture()
        let cache = fixture.caches[0]
        let magazines = try take(100, cache)
        putAway(magazines, cache)
        XCTAssertEqual(fixture.heap.spareMagazineCount, 0)
        XCTAssertEqual(addresses(try take(100, cache)), addresses(magazines))
    }

    func testNotMoreThanABoundAreKept() throws {
        let fixture = try HeapFixture()
        let cache = fixture.caches[0]
        let magazines = try take(400, cache)
        putAway(magazines, cache)
        XCTAssertLessThanOrEqual(cache.record.pointee.emptyMagazineCount, 256)
        XCTAssertEqual(
            cache.record.pointee.emptyMagazineCount + fixture.heap.spareMagazineCount, 400)
        XCTAssertEqual(addresses(try take(400, cache)), addresses(magazines))
    }

    /// A thread that only allocates what another frees empties the magazines that the other fills.
    func testThoseOfWhichAThreadOnlyGetsMoreAreLeftToAll() throws {
        let fixture = try HeapFixture(cacheCount: 2)
        let (taker, getter) = (fixture.caches[0], fixture.caches[1])
        let magazines = try take(200, taker)
        putAway(magazines, getter)
        XCTAssertLessThanOrEqual(getter.record.pointee.emptyMagazineCount, 16)
        XCTAssertGreaterThanOrEqual(fixture.heap.spareMagazineCount, 184)
        // They serve again before new ones are made; eight are what is left of the taker's room.
        let again = try take(192, taker)
        XCTAssertGreaterThanOrEqual(
            addresses(again).intersection(addresses(magazines)).count, 184)
        XCTAssertEqual(addresses(again + again).count, 192)
    }

    /// Takes and puts away by the hundred are no reason to keep more than a few.
    func testTakingAndPuttingAwayInTurnIsNoDemand() throws {
        let fixture = try HeapFixture()
        let cache = fixture.caches[0]
        for round in 0..<400 { putAway(try take(1 + round % 8, cache), cache) }
        XCTAssertEqual(cache.record.pointee.emptyMagazineLimit, 16)
        XCTAssertEqual(cache.record.pointee.emptyMagazineCount, 8)
    }

    /// The next thread finds some in the cache.
    func testThreadThatEndsLeavesMostToAll() throws {
        let fixture = try HeapFixture()
        let cache = fixture.caches[0]
        putAway(try take(100, cache), cache)
        fixture.orphan(0)
        XCTAssertEqual(cache.record.pointee.emptyMagazineCount, 16)
        XCTAssertEqual(fixture.heap.spareMagazineCount, 84)
        XCTAssertTrue(fixture.adopt(0))
        putAway(try take(8, cache), cache)
        XCTAssertEqual(fixture.heap.spareMagazineCount, 84)
    }

    /// Ten thousand blocks come and go, phase by phase: once it is known how many magazines that
    /// takes, none of them is passed on.
    func testPhasesOfAllocationsAndFreesDoNotReachTheRegistry() throws {
        let fixture = try HeapFixture()
        let (cache, sizeClass) = (fixture.caches[0], SizeClass(holding: 64))
        func phase() throws { fixture.free(try fixture.allocate(10_000, of: sizeClass)) }
        for _ in 0..<6 { try phase() }
        let (spare, room) = (fixture.heap.spareMagazineCount, cache.record.pointee.magazineRoom)
        for _ in 0..<4 {
            try phase()
            XCTAssertEqual(fixture.heap.spareMagazineCount, spare)
            XCTAssertEqual(cache.record.pointee.magazineRoom, room)
        }
        try fixture.expectLive(small: 0)
    }
}
