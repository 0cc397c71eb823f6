import XCTest

@testable import MIDLDiagnostics

final class OwnedBlocksTests: XCTestCase {
    private var blocks: OwnedBlocks!

    override func setUp() { blocks = OwnedBlocks() }

    func testWhoseABlockIs() {
        XCTAssertNil(blocks.owner(of: 0x1000))
        XCTAssertTrue(blocks.insert(0x1000, owner: OwnedBlocks.nobody))
        XCTAssertTrue(blocks.insert(0x1010, owner: 7))
        XCTAssertEqual(blocks.owner(of: 0x1000), OwnedBlocks.nobody)
        XCTAssertEqual(blocks.owner(of: 0x1010), 7)
        XCTAssertNil(blocks.owner(of: 0x1008))
        blocks.remove(0x1000)
        XCTAssertNil(blocks.owner(of: 0x1000))
    }

    func testAnOwnerWithoutBlocksHasNone() {
        XCTAssertTrue(blocks.insert(0x1010, owner: 7))
        XCTAssertEqual(blocks.firstBlock(of: 7), 0x1010)
        blocks.remove(0x1010)
        XCTAssertNil(blocks.firstBlock(of: 7))
        XCTAssertNil(blocks.owner(of: 7))
    }

    /// As a quarantine has its blocks.
    func testTheOldestBlockIsTheLast() {
        for address in stride(from: UInt(0x1000), to: 0x1050, by: 16) {
            XCTAssertTrue(blocks.insert(address, owner: 7))
        }
        blocks.remove(0x1020)
        for address in [0x1000, 0x1010, 0x1030, 0x1040] as [UInt] {
            XCTAssertEqual(blocks.lastBlock(of: 7), address)
            blocks.remove(address)
        }
        XCTAssertNil(blocks.lastBlock(of: 7))
    }

    func testABlockKeepsItsExtent() {
        let extent = OwnedBlocks.Extent(byteCount: 5, room: 32, tag: 2)
        XCTAssertTrue(blocks.insert(0x1000, owner: 7, extent))
        for address in stride(from: UInt(0x2000), to: 0x20000, by: 16) {
            XCTAssertTrue(blocks.insert(address, owner: OwnedBlocks.nobody))
        }
        XCTAssertEqual(blocks.extent(of: 0x1000), extent)
        XCTAssertEqual(blocks.extent(of: 0x2000), OwnedBlocks.Extent())
        XCTAssertNil(blocks.extent(of: 0x1010))
    }

    func testABlockThatComesAgainHasItsNewOwner() {
        XCTAssertTrue(blocks.insert(0x1010, owner: 7))
        XCTAssertTrue(blocks.insert(0x1010, owner: 8))
        XCTAssertNil(blocks.firstBlock(of: 7))
        XCTAssertEqual(blocks.firstBlock(of: 8), 0x1010)
    }

    /// Beside a dictionary, through several doublings, with owners that come and go.
    func testManyBlocksOfManyOwners() {
        var model: [UInt: UInt] = [:]
        var random = SystemRandomNumberGenerator()
        for _ in 0..<40_000 {
            let address = UInt.random(in: 1..<8000, using: &random) << 4
            if model.removeValue(forKey: address) != nil {
                blocks.remove(address)
            } else {
                // Owners are addresses as well, of something else.
                let owner = UInt.random(in: 0..<20, using: &random) << 32
                model[address] = owner
                XCTAssertTrue(blocks.insert(address, owner: owner))
            }
        }
        for address in stride(from: UInt(16), to: 8000 << 4, by: 16) {
            XCTAssertEqual(blocks.owner(of: address), model[address])
        }
        for owner in stride(from: UInt(1) << 32, to: 20 << 32, by: 1 << 32) {
            var count = 0
            while let block = blocks.firstBlock(of: owner) {
                XCTAssertEqual(model[block], owner)
                blocks.remove(block)
                count += 1
            }
            XCTAssertEqual(count, model.values.count { $0 == owner })
        }
        XCTAssertEqual(
            model.filter { blocks.owner(of: $0.key) != nil }.count,
            model.values.count { $0 == OwnedBlocks.nobody })
    }
}
