// Environments from Swift: scopes, typed memory, joining from another thread, errors.

import CMIDL
import XCTest

@testable import MIDLMemory

final class RPCEnvironmentTests: XCTestCase {
    private struct Node: BitwiseCopyable, Equatable {
        var value: Int32
        var next: UInt
    }

    func testValuesArraysAndStringsLiveInTheScope() throws {
        try RPCEnvironment.withEnvironment { environment throws(RPCError) in
            let node = try environment.allocate(Node(value: 7, next: 9))
            XCTAssertEqual(node.pointee, Node(value: 7, next: 9))
            XCTAssertEqual(UInt(bitPattern: node) % 16, 0)

            let zeros = try environment.allocateArray(repeating: 0 as UInt64, count: 1000)
            XCTAssertEqual(Array(zeros), Array(repeating: 0, count: 1000))
            let squares = try environment.allocateArray((0..<100).map { $0 * $0 })
            XCTAssertEqual(Array(squares), (0..<100).map { $0 * $0 })
            XCTAssertEqual(try environment.allocateArray([UInt8]()).count, 0)

            XCTAssertEqual(String(cString: try environment.allocateCString("Grüße")), "Grüße")
            let wide = try environment.allocateUTF16String("Grüße 👋")
            XCTAssertEqual(String(decodingCString: wide, as: UTF16.self), "Grüße 👋")
        }
    }

    func testScopeEndsWithItsBlocks() throws {
        var kept: UnsafeMutableRawPointer?
        try RPCEnvironment.withEnvironment { environment throws(RPCError) in
            kept = try environment.allocate(byteCount: 100)
            XCTAssertTrue(isLiveBlock(kept))
        }
        XCTAssertFalse(isLiveBlock(kept))
        XCTAssertNil(try RPCEnvironment.withCurrent { _ in true })
    }

    func testScopeEndsWhenItsBodyThrows() {
        XCTAssertThrowsError(
            try RPCEnvironment.withEnvironment { _ throws(RPCError) in throw .invalidArgument }
        ) { XCTAssertEqual($0 as? RPCError, .invalidArgument) }
        XCTAssertNil(try RPCEnvironment.withCurrent { _ in true })
    }

    func testInnerScopeIsTheSameEnvironment() throws {
        try RPCEnvironment.withEnvironment { outer throws(RPCError) in
            let block = try RPCEnvironment.withEnvironment { inner throws(RPCError) in
                XCTAssertEqual(inner.handle, outer.handle)
                return try inner.allocate(byteCount: 10)
            }
            try outer.free(block)
        }
    }

    func testCurrentIsTheEnvironmentThatCMade() throws {
        XCTAssertEqual(RpcSmEnableAllocate(), 0)
        let block = try RPCEnvironment.withCurrent { environment throws(RPCError) in
            try environment.allocate(byteCount: 10)
        }
        XCTAssertEqual(RpcSmFree(try XCTUnwrap(block)), 0)
        XCTAssertEqual(RpcSmDisableAllocate(), 0)
    }

    func testWrongFreeIsRefused() throws {
        try RPCEnvironment.withEnvironment { environment throws(RPCError) in
            let block = try environment.allocate(byteCount: 64)
            XCTAssertThrowsError(try environment.free(block + 16)) {
                XCTAssertEqual($0 as? RPCError, .invalidArgument)
            }
            try environment.free(block)
            XCTAssertThrowsError(try environment.free(block))
        }
    }

    func testCountsThatNoMemoryHolds() throws {
        try RPCEnvironment.withEnvironment { environment throws(RPCError) in
            XCTAssertThrowsError(try environment.allocate(byteCount: -1)) {
                XCTAssertEqual($0 as? RPCError, .outOfMemory)
            }
            XCTAssertThrowsError(try environment.allocateArray(repeating: 0, count: .max))
            XCTAssertThrowsError(try environment.allocateArray(repeating: 0, count: -1))
        }
    }

    func testAnotherThreadJoins() throws {
        let blocks = UnsafeMutablePointer<UnsafeMutableRawPointer?>.allocate(capacity: 1)
        defer { blocks.deallocate() }
        nonisolated(unsafe) let result = blocks
        try RPCEnvironment.withEnvironment { environment throws(RPCError) in
            let handle = environment.handle
            onThreads(1) { _ in
                result.pointee = try? RPCEnvironment.join(handle) { joined throws(RPCError) in
                    XCTAssertEqual(joined.handle, handle)
                    return try joined.allocate(byteCount: 48)
                }
                XCTAssertNil(try? RPCEnvironment.withCurrent { _ in true } ?? nil)
            }
            try environment.free(try unwrap(blocks.pointee))
        }
    }

    func testStaleHandleIsRefused() throws {
        let handle = try RPCEnvironment.withEnvironment { $0.handle }
        XCTAssertThrowsError(try RPCEnvironment.join(handle) { _ in }) {
            XCTAssertEqual($0 as? RPCError, .invalidArgument)
        }
    }

    func testJoiningBringsBackWhatWasThereBefore() throws {
        try RPCEnvironment.withEnvironment { own throws(RPCError) in
            let handle = own.handle
            XCTAssertThrowsError(try RPCEnvironment.join(RPCThreadHandle(value: 77)) { _ in })
            XCTAssertEqual(own.handle, handle)
            try RPCEnvironment.join(handle) { XCTAssertEqual($0.handle, handle) }
            XCTAssertEqual(own.handle, handle)
        }
    }

    private func isLiveBlock(_ block: UnsafeMutableRawPointer?) -> Bool {
        guard let heap = Heap.ofProcess else { return false }
        return EnvironmentTag(heap.region.tagOfAny(UInt(bitPattern: block))).isLive
    }

    private func unwrap(_ block: UnsafeMutableRawPointer?) throws(RPCError)
        -> UnsafeMutableRawPointer
    {
        guard let block else { throw .outOfMemory }
        return block
    }
}
