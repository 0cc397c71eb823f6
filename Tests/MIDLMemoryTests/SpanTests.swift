import XCTest

@testable import MIDLMemory

final class SpanTests: XCTestCase {
    func testRecordsAreTwoCacheLinesAndTheirFreeMapsTwo() {
        XCTAssertEqual(SpanRecord.byteStride, 1 << Int(SpanRecord.byteStrideShift))
        XCTAssertLessThanOrEqual(MemoryLayout<SpanRecord>.size, SpanRecord.byteCount)
        XCTAssertEqual([SpanRecord.byteStride, SpanRecord.byteCount], [256, 128])
    }

    /// What other threads write is not on the line of the owner.
    func testLinesOfOwnerAndOthersAreApart() throws {
        let fixture = try HeapFixture()
        let slab = try fixture.makeSlab(of: SizeClass(index: 1))
        let raw = UnsafeRawPointer(slab.record)
        let before = (0..<8).map { raw.load(fromByteOffset: $0 * 8, as: UInt.self) }
        slab.pendingNext = 1
        let block = slab.carve(fixture.heap)
        let carved = (0..<8).map { raw.load(fromByteOffset: $0 * 8, as: UInt.self) }
        XCTAssertNotEqual(before, carved)
        _ = slab.pushRemote(first: block, last: block, fixture.heap)
        XCTAssertEqual(carved, (0..<8).map { raw.load(fromByteOffset: $0 * 8, as: UInt.self) })
        XCTAssertEqual(slab.remoteHead, block.address)
    }

    func testListIsDoublyLinked() throws {
        let fixture = try HeapFixture()
        let spans = (0..<6).map { fixture.region.span(atUnit: $0) }
        _ = try fixture.takeSpan(6)
        var generator = SeededGenerator(seed: 1)
        var (head, model): (UInt, [Span]) = (0, [])
        for _ in 0..<500 {
            let span = spans[.random(in: 0..<6, using: &generator)]
            if let index = model.firstIndex(of: span) {
                SpanList.remove(span, from: &head)
                model.remove(at: index)
                XCTAssertEqual([span.next, span.previous], [0, 0])
            } else {
                SpanList.push(span, on: &head)
                model.insert(span, at: 0)
            }
            expect(head, model)
        }
    }

    private func expect(_ head: UInt, _ model: [Span]) {
        var (cursor, previous, found): (UInt, UInt, [Span]) = (head, 0, [])
        while cursor != 0 {
            let span = Span(at: cursor)
            XCTAssertEqual(span.previous, previous)
            found.append(span)
            (previous, cursor) = (cursor, span.next)
        }
        XCTAssertEqual(found, model)
    }
}
