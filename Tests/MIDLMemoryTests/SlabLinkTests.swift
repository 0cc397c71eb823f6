import XCTest

@testable import MIDLMemory

/// Links of remote lists that were overwritten are found before they are followed.
final class SlabLinkTests: XCTestCase {
    private struct List {
        let fixture: HeapFixture
        let slab: Span
        let blocks: [Block]

        /// A remote list, all of whose slab was carved if `isFull`.
        init(_ sizeClass: SizeClass, isFull: Bool = false) throws {
            fixture = try HeapFixture()
            slab = try fixture.makeSlab(of: sizeClass, random: 3)
            blocks = fixture.carve(isFull ? slab.capacity : 5, slab)
            slab.pushRemote(blocks, fixture.heap)
        }
    }

    private func link(_ block: Block) -> UnsafeMutablePointer<UInt32> {
        (block.start + 12).assumingMemoryBound(to: UInt32.self)
    }

    func testLinksLeadFromBlockToBlock() throws {
        for sizeClass in SizeClass.all {
            let list = try List(sizeClass)
            let (slab, heap) = (list.slab, list.fixture.heap)
            XCTAssertEqual(slab.remoteList(heap), list.blocks.reversed().map(\.address))
            XCTAssertEqual(slab.nextIfSound(list.blocks[0], heap), 0)
            let last = try XCTUnwrap(list.blocks.last)
            XCTAssertEqual(slab.nextIfSound(last, heap), list.blocks[3].address)
        }
    }

    /// Any bit of any link; what it leads to then is a block of the slab, or nothing.
    func testNoFlippedBitIsFollowedOutOfTheSlab() throws {
        for sizeClass in SizeClass.all {
            let list = try List(sizeClass, isFull: true)
            let starts = Set(list.blocks.map(\.address))
            for block in list.blocks.suffix(20) {
                let next = list.slab.next(of: block, list.fixture.heap)
                for bit in 0..<32 as Range<UInt32> {
                    link(block).pointee ^= 1 << bit
                    let other = list.slab.nextIfSound(block, list.fixture.heap)
                    XCTAssertNotEqual(other, next)
                    if let other { XCTAssertTrue(other == 0 || starts.contains(other)) }
                    link(block).pointee ^= 1 << bit
                }
                XCTAssertEqual(list.slab.nextIfSound(block, list.fixture.heap), next)
            }
        }
    }

    /// Of blocks that were never handed out, and of the inside of blocks, no link leads to any.
    func testLinkLeadsToCarvedBlocksOnly() throws {
        let list = try List(SizeClass(holding: 512))
        let code = UInt32(truncatingIfNeeded: list.fixture.heap.linkKey)
        let start = list.fixture.region.start(of: list.slab)
        let (block, starts) = (list.blocks[4], Set(list.blocks.map(\.address)))
        for granule in 0..<UInt32(6000) {
            block.setLink(granule + 1, code)
            let address = start + UInt(granule) * 16
            XCTAssertEqual(
                list.slab.nextIfSound(block, list.fixture.heap),
                starts.contains(address) ? address : nil)
        }
    }

    /// One in 2^17 of what a link decodes to is inside a slab of one unit, and fewer are blocks.
    func testOverwrittenLinksAreFound() throws {
        let list = try List(.first, isFull: true)
        var generator = SeededGenerator(seed: 31)
        var soundCount = 0
        let block = list.blocks[100]
        for _ in 0..<1_000_000 {
            link(block).pointee = UInt32(truncatingIfNeeded: generator.next())
            if list.slab.nextIfSound(block, list.fixture.heap) != nil { soundCount += 1 }
        }
        XCTAssertLessThan(soundCount, 10)
    }

    // MARK: The end of the program

    func testOverwrittenLinkEndsTheProgram() throws {
        for value in [0x5A5A_5A5A, 0x4141_4141, 0x1010_1010] as [UInt32] {
            let list = try List(SizeClass(holding: 512))
            let (slab, heap) = (list.slab, list.fixture.heap)
            let (first, second) = (list.blocks[4], list.blocks[3])
            for block in [first, second] {
                expectStop {
                    _ = slab.collectRemote(heap)
                } after: {
                    self.link(block).pointee = value
                }
            }
            XCTAssertEqual(slab.collectRemote(heap), 5)
            XCTAssertEqual(slab.freeBlocks(heap), list.blocks.map(\.address).sorted())
        }
    }

    /// Links beyond the slab, also by one, and to what is no block of it.
    func testLinkBeyondTheSlabEndsTheProgram() throws {
        let fixture = try HeapFixture()
        let slab = try fixture.makeSlab(of: SizeClass(holding: 512))
        let next = try fixture.makeSlab(of: SizeClass(holding: 512))
        let (heap, code) = (fixture.heap, UInt32(truncatingIfNeeded: fixture.heap.linkKey))
        let block = fixture.carve(slab)
        _ = fixture.carve(next)
        // The inside of a block and one that was never handed out; behind the slab.
        for wrong in [2, 161, 4097, 4098, 1 << 20, .max] as [UInt32] {
            slab.pushRemote([block], heap)
            block.setLink(wrong, code)
            XCTAssertNil(slab.nextIfSound(block, heap))
            expectStop {
                _ = slab.collectRemote(heap)
            } after: {
            }
            block.setLink(0, code)
            XCTAssertEqual(slab.collectRemote(heap), 1)
            XCTAssertEqual(slab.fetch(1, heap), [block])
        }
    }
}
