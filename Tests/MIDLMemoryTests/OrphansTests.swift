import CMIDL
import MIDLDiagnostics
import MIDLMemory
import XCTest

final class OrphansTests: XCTestCase {
    struct Node {
        var next: UnsafeMutablePointer<Node>?
        var value: Int
    }

    struct CallFailed: Error {}

    private func list(_ count: Int) -> UnsafeMutablePointer<Node>? {
        var list: UnsafeMutablePointer<Node>?
        for value in (1...count).reversed() {
            let node = midl_user_allocate(MemoryLayout<Node>.size)!
                .bindMemory(to: Node.self, capacity: 1)
            node.initialize(to: Node(next: list, value: value))
            list = node
        }
        return list
    }

    private func free(_ list: UnsafeMutablePointer<Node>?) {
        var cursor = list
        while let node = cursor {
            cursor = node.pointee.next
            midl_user_free(node)
        }
    }

    func testGivesBackWhatTheCallCutOff() {
        var list = list(4)
        let byteCount = midl_memory_size(list)
        let orphans = Orphans.watching(&list) { $0?.pointee.next?.pointee.next = nil }
        XCTAssertEqual(orphans?.blockCount, 2)
        XCTAssertEqual(orphans?.byteCount, 2 * byteCount)
        XCTAssertEqual(list?.pointee.next?.pointee.value, 2)
        free(list)
    }

    func testGivesBackNothingThatIsReachable() {
        var list = list(4)
        let orphans = Orphans.watching(&list) { list in
            let second = list?.pointee.next
            list?.pointee.next = second?.pointee.next
            second?.pointee.next = list
            list = second
        }
        XCTAssertEqual(orphans?.blockCount, 0)
        XCTAssertEqual(list?.pointee.next?.pointee.next?.pointee.value, 3)
        free(list)
    }

    func testGivesBackWhenTheCallThrows() {
        var list = list(3)
        XCTAssertThrowsError(
            try Orphans.watching(&list) { list throws(CallFailed) in
                list?.pointee.next = nil
                throw CallFailed()
            })
        // What was freed is allocated again, in whatever order.
        let again = (0..<2).map { _ in midl_user_allocate(MemoryLayout<Node>.size) }
        XCTAssertEqual(
            Orphans.watching([]) {}?.blockCount, 0, "a watch without roots finds nothing")
        again.forEach { midl_user_free($0) }
        free(list)
    }

    func testSeveralRootsAndOtherBlocks() {
        let roots = UnsafeMutablePointer<UnsafeMutablePointer<Node>?>.allocate(capacity: 2)
        roots[0] = list(2)
        roots[1] = roots[0]?.pointee.next
        let holder = list(1)
        let bytes = (0..<2).map {
            UnsafeRawBufferPointer(start: roots + $0, count: MemoryLayout<Int>.size)
        }
        XCTAssertEqual(Orphans.watching(bytes) { roots[0] = nil }?.blockCount, 1)
        holder?.pointee.next = roots[1]
        XCTAssertEqual(
            Orphans.watching(bytes, unlessKeptBy: .blocks) { roots[1] = nil }?.blockCount, 0)
        free(holder)
        roots.deallocate()
    }
}
