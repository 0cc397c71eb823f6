import XCTest

@testable import MIDLMemory

final class HeapTests: XCTestCase {
    /// The code of an address is no address, whatever was drawn.
    func testKeysHaveTheBitThatLinksNeed() throws {
        var keys: Set<UInt> = []
        for _ in 0..<20 {
            let heap = try HeapFixture(byteCount: 4 << 20).heap
            XCTAssertEqual(heap.linkKey >> 63, 1)
            keys.insert(heap.linkKey)
        }
        XCTAssertEqual(keys.count, 20)
        // The half that the links of slabs are encoded with.
        XCTAssertEqual(Set(keys.map { UInt32(truncatingIfNeeded: $0) }).count, 20)
    }

    func testNewHeapIsEmpty() throws {
        let fixture = try HeapFixture()
        XCTAssertEqual(try fixture.census(), Census())
        XCTAssertEqual(fixture.heap.withPool { $0.topUnit }, 0)
        XCTAssertEqual(fixture.heap.region.base, fixture.region.base)
        XCTAssertEqual(fixture.caches[0].heap, fixture.heap)
    }

    func testHeapOfTheProcessIsMadeOnce() throws {
        let heap = try XCTUnwrap(Heap.makeOfProcess())
        XCTAssertEqual(Heap.makeOfProcess(), heap)
        XCTAssertEqual(Heap.ofProcess, heap)
    }

    func testNoHeapWithoutMemory() throws {
        let region = try XCTUnwrap(Region.reserve(byteCount: 4 << 20))
        defer { region.release() }
        XCTAssertNil(withAddressSpaceLimit(1) { Heap(region: region) })
    }

    func testHeapsAreIndependent() throws {
        let (one, two) = (try HeapFixture(), try HeapFixture())
        let blocks = try one.allocate(10, of: .first)
        try one.expectLive(small: 10)
        try two.expectLive(small: 0)
        one.free(blocks)
        try one.expectEmptyAtEnd()
    }
}
