import XCTest

@testable import MIDLMemory

final class BlockTests: XCTestCase {
    private let key: UInt = 0x8123_4567_89AB_CDEF
    private let memory = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 16)

    override func setUp() { memory.initializeMemory(as: UInt8.self, repeating: 0, count: 64) }

    deinit { memory.deallocate() }

    private func bytes(_ range: Range<Int>) -> [UInt8] {
        range.map { memory.load(fromByteOffset: $0, as: UInt8.self) }
    }

    // MARK: Seals

    func testSealIsPutOnAndTakenOff() {
        let block = Block(memory)
        XCTAssertEqual(block.start, memory)
        XCTAssertEqual(block.address, UInt(bitPattern: memory))
        XCTAssertFalse(block.isSealed)
        XCTAssertFalse(block.seemsSealed)
        block.seal()
        XCTAssertTrue(block.isSealed)
        XCTAssertTrue(block.seemsSealed)
        XCTAssertTrue(block.unseal())
        XCTAssertFalse(block.isSealed)
        XCTAssertFalse(block.seemsSealed)
        XCTAssertEqual(bytes(0..<64), Array(repeating: 0, count: 64))
    }

    /// Of a block that was written to, any byte of the seal tells.
    func testNoByteOfTheSealMayChange() {
        let block = Block(memory)
        for offset in 4..<12 {
            block.seal()
            memory.storeBytes(
                of: ~bytes(offset..<offset + 1)[0], toByteOffset: offset, as: UInt8.self)
            XCTAssertFalse(block.isSealed)
            XCTAssertEqual(block.seemsSealed, offset >= 8)
            XCTAssertFalse(block.unseal())
            XCTAssertFalse(block.isSealed)
        }
    }

    /// The seal is at bytes 4 to 11: what the program has in the first word is not one.
    func testSealIsAtByte4() {
        memory.storeBytes(of: UInt(bitPattern: memory), as: UInt.self)
        XCTAssertFalse(Block(memory).isSealed)
        XCTAssertFalse(Block(memory).seemsSealed)
        Block(memory).seal()
        let seal = memory.loadUnaligned(fromByteOffset: 4, as: UInt.self)
        XCTAssertEqual(seal, UInt(bitPattern: memory))
    }

    /// What is copied out of a free block is not a seal elsewhere.
    func testSealIsTheBlocksOwn() {
        Block(memory).seal()
        memcpy(memory + 16, memory, 16)
        XCTAssertFalse(Block(memory + 16).isSealed)
        XCTAssertFalse(Block(memory + 16).unseal())
    }

    // MARK: Links

    func testSealAndLinkDoNotTouchEachOtherOrTheRest() {
        let (block, code) = (Block(memory), UInt32(truncatingIfNeeded: key))
        block.seal()
        for link in [0x700, 0, 1, .max] as [UInt32] {
            block.setLink(link, code)
            XCTAssertTrue(block.isSealed)
            XCTAssertEqual(block.link(code), link)
            block.seal()
            XCTAssertEqual(block.link(code), link)
        }
        XCTAssertEqual(bytes(0..<4) + bytes(16..<64), Array(repeating: 0, count: 52))
    }

    /// An overwritten link must decode to nonsense: it is not there in plain.
    func testLinkOfASlabIsEncodedWithKeyAndPlace() {
        let (block, code) = (Block(memory), UInt32(truncatingIfNeeded: key))
        block.setLink(7, code)
        XCTAssertNotEqual(memory.load(fromByteOffset: 12, as: UInt32.self), 7)
        XCTAssertNotEqual(block.link(code ^ 2), 7)
        memcpy(memory + 28, memory + 12, 4)
        XCTAssertNotEqual(Block(memory + 16).link(code), 7)
    }

    /// The same of the free lists of environments: neither address is there in plain.
    func testLinkOfAnArenaIsEncodedWithKeyAndPlace() {
        let block = Block(memory)
        block.setNext(block.address + 32, key)
        XCTAssertEqual(block.next(key), block.address + 32)
        let stored = memory.load(fromByteOffset: 8, as: UInt.self)
        XCTAssertNotEqual(stored, block.address + 32)
        memcpy(memory + 24, memory + 8, 8)
        XCTAssertNotEqual(Block(memory + 16).next(key), block.address + 32)
        XCTAssertNotEqual(block.next(key ^ 2), block.address + 32)
        block.setNext(0, key)
        XCTAssertEqual(block.next(key), 0)
        XCTAssertEqual(bytes(0..<8) + bytes(32..<64), Array(repeating: 0, count: 40))
    }
}
