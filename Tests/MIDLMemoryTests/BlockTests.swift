import XCTest

@testable import MIDLMemory

final class BlockTests: XCTestCase {
    private let key: UInt = 0x8123_4567_89AB_CDEF
    private let memory = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 16)

    override func setUp() { memory.initializeMemory(as: UInt8.self, repeating: 0, count: 64) }

    deinit { memory.deallocate() }

    func testSealIsPutOnAndTakenOff() {
        let block = Block(memory)
        XCTAssertEqual(block.start, memory)
        XCTAssertEqual(block.address, UInt(bitPattern: memory))
        XCTAssertFalse(block.isSealed(key))
        block.seal(key)
        XCTAssertTrue(block.isSealed(key))
        XCTAssertFalse(block.isSealed(key ^ 2))
        block.unseal()
        XCTAssertFalse(block.isSealed(key))
    }

    /// What is copied out of a free block is not a seal elsewhere.
    func testSealIsTheBlocksOwn() {
        Block(memory).seal(key)
        memcpy(memory + 16, memory, 16)
        XCTAssertFalse(Block(memory + 16).isSealed(key))
    }

    func testSealAndLinkDoNotTouchEachOtherOrTheRest() {
        let block = Block(memory)
        block.seal(key)
        block.setNext(0x7000, key)
        XCTAssertTrue(block.isSealed(key))
        XCTAssertEqual(block.next(key), 0x7000)
        block.setNext(0, key)
        XCTAssertEqual(block.next(key), 0)
        XCTAssertTrue(block.isSealed(key))
        for offset in 16..<64 {
            XCTAssertEqual(memory.load(fromByteOffset: offset, as: UInt8.self), 0)
        }
    }

    /// An overwritten link must decode to nonsense: neither address is there in plain.
    func testLinkIsEncodedWithKeyAndPlace() {
        let block = Block(memory)
        block.setNext(block.address + 32, key)
        let stored = memory.load(fromByteOffset: 8, as: UInt.self)
        XCTAssertNotEqual(stored, block.address + 32)
        memcpy(memory + 24, memory + 8, 8)
        XCTAssertNotEqual(Block(memory + 16).next(key), block.address + 32)
        XCTAssertNotEqual(block.next(key ^ 2), block.address + 32)
    }
}
