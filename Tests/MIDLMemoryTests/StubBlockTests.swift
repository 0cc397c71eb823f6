// The owner of a block of the pair.

import CMIDL
import XCTest

@testable import MIDLMemory

final class StubBlockTests: XCTestCase {
    func testBlockIsFreedWithItsOwner() throws {
        var address: UInt = 0
        do {
            let block = try StubBlock(byteCount: 3000)
            XCTAssertGreaterThanOrEqual(block.byteCount, 3000)
            block.withBytes { bytes in
                bytes.storeBytes(of: 42, as: UInt8.self)
                address = UInt(bitPattern: bytes.baseAddress)
            }
            XCTAssertFalse(Block(at: address).isSealed)
            _ = consume block
        }
        XCTAssertTrue(Block(at: address).isSealed)
    }

    func testBlockIsHandedOverToC() throws {
        let block = try StubBlock(byteCount: 100)
        let pointer = block.handOver()
        XCTAssertGreaterThanOrEqual(midl_memory_size(pointer), 100)
        midl_user_free(pointer)
    }

    func testBlockIsTakenOverFromC() throws {
        let pointer = try XCTUnwrap(midl_user_allocate(10))
        let block = StubBlock(takingOver: pointer)
        XCTAssertGreaterThanOrEqual(block.byteCount, 10)
    }

    func testNoMemory() {
        XCTAssertThrowsError(try StubBlock(byteCount: -1).byteCount) {
            XCTAssertEqual($0 as? RPCError, .outOfMemory)
        }
    }
}
