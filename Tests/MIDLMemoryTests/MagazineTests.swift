import XCTest

@testable import MIDLMemory

final class MagazineTests: XCTestCase {
    private func makeMagazine() throws -> Magazine {
        try XCTUnwrap(Registry.magazine(HeapFixture().heap))
    }

    func testNoMagazineIsFullAndEmpty() {
        let top = Magazine.noneTop
        XCTAssertTrue(Magazine.isFull(top: top))
        XCTAssertEqual(Magazine.slot(top - 8), Magazine.sentinel)
        for key in [1, .max, 1 << 63 | 1] as [UInt] {
            XCTAssertFalse(Block(at: Magazine.sentinel).isSealed(key))
        }
    }

    func testMagazineIsFoundFromEveryTop() throws {
        let magazine = try makeMagazine()
        XCTAssertEqual(magazine.address % Magazine.byteCount, 0)
        XCTAssertEqual(Magazine.slotLimit, 126)
        for sizeClass in SizeClass.all {
            magazine.setSentinel(capacity: sizeClass.magazineBlockCount)
            var top = magazine.firstSlot(capacity: sizeClass.magazineBlockCount)
            XCTAssertEqual(Magazine.slot(top - 8), Magazine.sentinel)
            for _ in 0..<sizeClass.magazineBlockCount {
                XCTAssertFalse(Magazine.isFull(top: top))
                XCTAssertEqual(Magazine.holding(top: top).address, magazine.address)
                top += 8
            }
            XCTAssertTrue(Magazine.isFull(top: top))
            XCTAssertEqual(top, magazine.end)
            XCTAssertEqual(Magazine.holding(top: top).address, magazine.address)
        }
    }

    /// The slot that links magazines is below the sentinel, even in the class of 126 blocks.
    func testLinkIsApartFromSentinelAndBlocks() throws {
        let magazine = try makeMagazine()
        magazine.setSentinel(capacity: 126)
        let top = magazine.firstSlot(capacity: 126)
        XCTAssertGreaterThan(top - 8, magazine.address)
        for slot in stride(from: top, to: magazine.end, by: 8) { Magazine.setSlot(slot, slot) }
        magazine.next = 0x5000
        XCTAssertEqual(Magazine.slot(top - 8), Magazine.sentinel)
        XCTAssertEqual(Magazine.slot(top), top)
        XCTAssertEqual(magazine.next, 0x5000)
    }

    // MARK: Full and empty, of every class

    /// What the magazines of one class hold: the loaded one and the full ones below it.
    private struct Shelf {
        let sizeClass: SizeClass
        var loaded: [UInt]?
        /// Of the class's first magazine.
        let firstCapacity: Int
        var capacity = 0
        var full: [[UInt]] = []

        mutating func push(_ block: UInt) {
            let limit = sizeClass.magazineBlockCount
            var blocks = loaded ?? []
            if blocks.count == capacity {
                if capacity < limit {
                    capacity = capacity == 0 ? firstCapacity : min(limit, capacity * 2)
                } else if full.count < sizeClass.keptMagazineCount {
                    full.append(blocks)
                    blocks = []
                } else {
                    blocks.removeFirst((capacity + 1) / 2)
                }
            }
            loaded = blocks + [block]
        }

        /// nil when the slabs must help.
        mutating func pop() -> UInt? {
            if loaded?.isEmpty ?? true, let next = full.popLast() { loaded = next }
            return loaded?.popLast()
        }
    }

    private func firstCapacity(of sizeClass: SizeClass) throws -> Int {
        let fixture = try HeapFixture(byteCount: 4 << 20, cacheCount: 2)
        fixture.free(try fixture.allocate(1, of: sizeClass), on: 1)
        let capacity = fixture.caches[1].capacity(sizeClass)
        XCTAssertTrue((1...min(4, sizeClass.magazineBlockCount)).contains(capacity))
        return capacity
    }

    /// Blocks come back in the reverse order, whatever magazines they are in; of more than the
    /// magazines hold, the oldest half of one goes home.
    func testMagazinesOfEveryClassFillAndEmptyAtTheirBoundaries() throws {
        for sizeClass in SizeClass.all {
            let fixture = try HeapFixture(byteCount: 16 << 20, cacheCount: 2)
            let other = fixture.caches[1]
            let magazines = sizeClass.keptMagazineCount + 1
            let count = sizeClass.magazineBlockCount * (magazines + 2) + 3
            var shelf = Shelf(
                sizeClass: sizeClass, firstCapacity: try firstCapacity(of: sizeClass))
            for block in try fixture.allocate(count, of: sizeClass) {
                fixture.free(block, on: 1)
                shelf.push(UInt(bitPattern: block))
                XCTAssertEqual(other.loadedBlockCount(of: sizeClass), shelf.loaded?.count)
                XCTAssertEqual(other.fullMagazineCount(of: sizeClass), shelf.full.count)
                XCTAssertEqual(other.capacity(sizeClass), shelf.capacity)
            }
            try fixture.expectLive(small: 0)
            var taken: [UnsafeMutableRawPointer] = []
            while let expected = shelf.pop() {
                let block = try fixture.allocate(sizeClass.blockByteCount, on: 1)
                XCTAssertEqual(UInt(bitPattern: block), expected)
                XCTAssertEqual(other.loadedBlockCount(of: sizeClass), shelf.loaded?.count)
                XCTAssertEqual(other.fullMagazineCount(of: sizeClass), shelf.full.count)
                taken.append(block)
            }
            XCTAssertGreaterThan(taken.count, sizeClass.magazineBlockCount)
            try fixture.expectLive(small: taken.count)
            fixture.free(taken)
            try fixture.expectEmptyAtEnd()
        }
    }

    /// A class that is used once keeps next to nothing; one that runs empty grows as well.
    func testCapacityDoublesWhenTheMagazineRunsEmpty() throws {
        for sizeClass in SizeClass.all {
            let fixture = try HeapFixture(byteCount: 8 << 20)
            let (cache, limit) = (fixture.caches[0], sizeClass.magazineBlockCount)
            XCTAssertEqual(cache.capacity(sizeClass), 0)
            var capacities: [Int] = []
            for _ in 0..<limit * 4 {
                _ = try fixture.allocate(1, of: sizeClass)
                let capacity = cache.capacity(sizeClass)
                if capacities.last != capacity { capacities.append(capacity) }
            }
            let first = try XCTUnwrap(capacities.first)
            XCTAssertLessThanOrEqual(first, 8)
            let doublings = sequence(first: first) { $0 * 2 }.prefix { $0 < limit }
            XCTAssertEqual(capacities, doublings + [limit])
            cache.flush()
            XCTAssertEqual(cache.capacity(sizeClass), 0)
            try fixture.expectLive(small: limit * 4)
        }
    }

    /// A magazine that grows keeps its blocks in their order.
    func testGrowingMovesTheBlocks() throws {
        let fixture = try HeapFixture(cacheCount: 2)
        let blocks = try fixture.allocate(4, of: .first)
        fixture.free(blocks, on: 1)
        for _ in 0..<8 {
            let capacity = fixture.caches[1].capacity(.first)
            fixture.caches[1].grow(.first)
            XCTAssertEqual(fixture.caches[1].capacity(.first), min(126, capacity * 2))
            XCTAssertEqual(fixture.caches[1].loadedBlockCount(of: .first), 4)
            try fixture.expectLive(small: 0)
        }
        XCTAssertEqual(fixture.caches[1].capacity(.first), 126)
        XCTAssertEqual(try fixture.allocate(4, of: .first, on: 1), blocks.reversed())
    }

    /// After a peak the cached blocks would keep nearly every slab.
    func testPeakIsGivenBack() throws {
        let fixture = try HeapFixture()
        var generator = SeededGenerator(seed: 5)
        let blocks = try SizeClass.all.flatMap {
            try fixture.allocate($0.slabBlockCount * 4, of: $0)
        }
        let peak = fixture.slabs.map(\.unitCount).reduce(0, +)
        fixture.free(blocks.shuffled(using: &generator))
        let rest = fixture.slabs.map(\.unitCount).reduce(0, +)
        XCTAssertGreaterThan(peak, 256)
        XCTAssertLessThan(rest, peak / 2)
        try fixture.expectLive(small: 0)
        try fixture.expectEmptyAtEnd()
    }

    /// A magazine that was emptied serves the next that is needed, of any class.
    func testEmptiedMagazineIsUsedAgain() throws {
        let fixture = try HeapFixture()
        var known: Set<UInt> = []
        for round in 0..<3 {
            for index in 1...8 {
                let sizeClass = SizeClass(index: index)
                let blocks = try fixture.allocate(300, of: sizeClass)
                fixture.free(blocks)
                let top = fixture.caches[0].top(sizeClass)
                let isNew = known.insert(Magazine.holding(top: top).address).inserted
                XCTAssertTrue(round == 0 || !isNew)
                fixture.caches[0].flush()
                try fixture.expectLive(small: 0)
            }
        }
    }
}
