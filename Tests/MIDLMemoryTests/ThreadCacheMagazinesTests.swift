import XCTest

@testable import MIDLMemory

/// How much a thread keeps for itself, and in what order it comes back.
final class ThreadCacheMagazinesTests: XCTestCase {
    // MARK: Full and empty, of every class

    /// What the magazines of one class hold: the loaded one, the previous one, the full ones below.
    private struct Shelf {
        let sizeClass: SizeClass
        let keptLimit: Int
        var capacity = 0
        var loaded: [UInt]?
        var previous: [UInt]?
        var full: [[UInt]] = []
        var loadedCapacity = 0
        var previousCapacity = 0

        mutating func push(_ block: UInt) {
            if loaded == nil {
                capacity = min(4, sizeClass.magazineBlockCount)
                (loaded, loadedCapacity) = ([], capacity)
            } else if loaded?.count == loadedCapacity {
                makeRoom()
            }
            loaded?.append(block)
        }

        private mutating func makeRoom() {
            let limit = sizeClass.magazineBlockCount
            capacity = min(limit, capacity * 2)
            if capacity > loadedCapacity {
                loadedCapacity = capacity
            } else if let count = previous?.count, count < previousCapacity {
                if count == 0 { previousCapacity = limit }
                let moved = count == 0 ? limit / 2 : previousCapacity - count
                previous? += loaded?.prefix(moved) ?? []
                loaded?.removeFirst(moved)
            } else {
                if let previous, full.count < keptLimit { full.append(previous) }
                (previous, previousCapacity) = (loaded, loadedCapacity)
                (loaded, loadedCapacity) = ([], capacity)
            }
        }

        /// nil when the slabs must help.
        mutating func pop() -> UInt? {
            if loaded?.isEmpty ?? true {
                if previous?.isEmpty ?? true {
                    guard let next = full.popLast() else { return nil }
                    (loaded, loadedCapacity) = (next, next.count)
                } else {
                    swap(&loaded, &previous)
                    swap(&loadedCapacity, &previousCapacity)
                }
            }
            return loaded?.popLast()
        }
    }

    private func expect(
        _ shelf: Shelf, _ cache: ThreadCache, file: StaticString = #filePath, line: UInt = #line
    ) {
        let sizeClass = shelf.sizeClass
        let (loaded, previous) = (
            cache.loadedBlockCount(of: sizeClass), cache.previousBlockCount(of: sizeClass)
        )
        XCTAssertEqual(loaded, shelf.loaded?.count, "loaded", file: file, line: line)
        XCTAssertEqual(previous, shelf.previous?.count, "previous", file: file, line: line)
        let count = cache.fullMagazineCount(of: sizeClass)
        XCTAssertEqual(count, shelf.full.count, "full", file: file, line: line)
    }

    /// Blocks come back in the reverse order, whatever magazines they are in; of more than the
    /// magazines hold, the previous one goes home.
    func testMagazinesOfEveryClassFillAndEmptyAtTheirBoundaries() throws {
        for sizeClass in SizeClass.all {
            let fixture = try HeapFixture(byteCount: 64 << 20)
            let cache = fixture.caches[0]
            let limit = 65536 / (sizeClass.magazineBlockCount * sizeClass.blockByteCount)
            XCTAssertEqual(cache.keptLimit(of: sizeClass), limit)
            let count = sizeClass.magazineBlockCount * (limit + 5) + 3
            // As many again stay live, and more than a magazine at the end: no peak.
            let blocks = try fixture.allocate(2 * count + 500, of: sizeClass)
            cache.flush()
            var shelf = Shelf(sizeClass: sizeClass, keptLimit: limit)
            for block in blocks[..<count] {
                fixture.free(block)
                shelf.push(UInt(bitPattern: block))
                expect(shelf, cache)
                XCTAssertEqual(cache.nextCapacity(of: sizeClass), shelf.capacity)
            }
            XCTAssertEqual(shelf.full.count, limit)
            try fixture.expectLive(small: count + 500)
            var taken: [UnsafeMutableRawPointer] = []
            while let expected = shelf.pop() {
                let block = try fixture.allocate(sizeClass.blockByteCount)
                XCTAssertEqual(UInt(bitPattern: block), expected)
                expect(shelf, cache)
                taken.append(block)
            }
            XCTAssertGreaterThan(taken.count, sizeClass.magazineBlockCount)
            try fixture.expectLive(small: taken.count + count + 500)
        }
    }

    /// The same for random walks across the boundaries, which need no slab.
    func testMagazinesOfEveryClassAreOneStack() throws {
        var generator = SeededGenerator(seed: 11)
        for sizeClass in SizeClass.all {
            let fixture = try HeapFixture(byteCount: 64 << 20)
            let (cache, limit) = (fixture.caches[0], sizeClass.magazineBlockCount)
            var blocks = try fixture.allocate(12 * limit, of: sizeClass)
            cache.flush()
            var shelf = Shelf(sizeClass: sizeClass, keptLimit: cache.keptLimit(of: sizeClass))
            let carved = fixture.slabs.map { [$0.carvedCount, $0.freeCount] }
            var count = 0
            // Few steps from where magazines are full, and long ways between; none goes home.
            let most = (2 + min(1, shelf.keptLimit)) * limit
            for goal in [limit, most - 4, limit, 2 * limit - 4, limit / 2] {
                for step in 0..<6 * limit {
                    let wanted = goal + Int.random(in: -3...3, using: &generator)
                    let frees = step % 3 == 0 && count < most || count < wanted
                    if frees {
                        let block = blocks.removeLast()
                        fixture.free(block)
                        shelf.push(UInt(bitPattern: block))
                    } else {
                        let block = try fixture.allocate(sizeClass.blockByteCount)
                        XCTAssertEqual(UInt(bitPattern: block), shelf.pop())
                        blocks.append(block)
                    }
                    count += frees ? 1 : -1
                    expect(shelf, cache)
                }
            }
            try fixture.expectLive(small: blocks.count)
            XCTAssertEqual(carved, fixture.slabs.map { [$0.carvedCount, $0.freeCount] })
        }
    }

    /// Where a full magazine stands beside an empty one, a thread comes to a slow path once, and
    /// then not before half of one is freed or allocated.
    func testABoundaryIsLeftBehind() throws {
        for sizeClass in SizeClass.all {
            let fixture = try HeapFixture(byteCount: 64 << 20)
            let (cache, limit) = (fixture.caches[0], sizeClass.magazineBlockCount)
            let blocks = try fixture.allocate(5 * limit, of: sizeClass)
            cache.flush()
            fixture.free(Array(blocks[...limit]))
            XCTAssertEqual(cache.previousBlockCount(of: sizeClass), limit)
            let two = try fixture.allocate(2, of: sizeClass)
            XCTAssertEqual(cache.previousBlockCount(of: sizeClass), 0)
            fixture.free(two)
            let previous = cache.previousTop(sizeClass)
            XCTAssertEqual(cache.previousBlockCount(of: sizeClass), limit / 2)
            for width in 1..<limit / 2 {
                fixture.free(try fixture.allocate(width, of: sizeClass))
                XCTAssertEqual(cache.previousTop(sizeClass), previous)
            }
            let next = limit + 1
            fixture.free(Array(blocks[next..<next + limit / 2 - 1]))
            XCTAssertEqual(cache.previousTop(sizeClass), previous)
            fixture.free(blocks[next + limit])
            XCTAssertEqual(cache.previousBlockCount(of: sizeClass), limit)
            XCTAssertEqual(cache.loadedBlockCount(of: sizeClass), limit / 2 + 1)
        }
    }

    // MARK: Capacity

    /// A class that is used once keeps next to nothing; one that runs empty grows as well.
    func testCapacityDoublesWhenTheMagazineRunsEmpty() throws {
        for sizeClass in SizeClass.all {
            let fixture = try HeapFixture(byteCount: 16 << 20)
            let (cache, limit) = (fixture.caches[0], sizeClass.magazineBlockCount)
            XCTAssertEqual(cache.nextCapacity(of: sizeClass), 0)
            var capacities: [Int] = []
            for _ in 0..<limit * 4 {
                _ = try fixture.allocate(1, of: sizeClass)
                let capacity = cache.nextCapacity(of: sizeClass)
                if capacities.last != capacity { capacities.append(capacity) }
            }
            let first = try XCTUnwrap(capacities.first)
            XCTAssertLessThanOrEqual(first, 8)
            let doublings = sequence(first: first) { $0 * 2 }.prefix { $0 < limit }
            XCTAssertEqual(capacities, doublings + [limit])
            cache.flush()
            XCTAssertEqual(cache.nextCapacity(of: sizeClass), 0)
            try fixture.expectLive(small: limit * 4)
        }
    }

    /// Where a peak may be on its way back, a magazine holds no more than a quarter of what is live,
    /// so that the next look at it comes soon.
    func testCapacityIsBoundedByWhatIsLive() throws {
        let fixture = try HeapFixture()
        let (cache, sizeClass) = (fixture.caches[0], SizeClass(holding: 256))
        // Two slabs of 256 blocks: more than one unit.
        let blocks = try fixture.allocate(512, of: sizeClass)
        cache.flush()
        for (index, block) in blocks.enumerated() {
            let capacity = cache.nextCapacity(of: sizeClass)
            fixture.free(block)
            let (next, live) = (cache.nextCapacity(of: sizeClass), 511 - index)
            guard next > capacity, cache.slabUnitCount(of: sizeClass) > 1 else { continue }
            XCTAssertLessThanOrEqual(next, max(4, (live + 1) / 4))
        }
        try fixture.expectLive(small: 0)
        try fixture.expectEmptyAtEnd()
    }

    // MARK: Peaks

    /// After a peak the cached blocks would keep nearly every slab.
    func testPeakIsGivenBack() throws {
        let fixture = try HeapFixture(byteCount: 128 << 20)
        var generator = SeededGenerator(seed: 5)
        let blocks = try SizeClass.all.flatMap {
            try fixture.allocate($0.slabBlockCount * 16, of: $0)
        }
        let peak = fixture.slabs.map(\.unitCount).reduce(0, +)
        fixture.free(blocks.shuffled(using: &generator))
        let rest = fixture.slabs.map(\.unitCount).reduce(0, +)
        XCTAssertGreaterThan(peak, 1024)
        XCTAssertLessThan(rest, peak / 4)
        try fixture.expectLive(small: 0)
        try fixture.expectEmptyAtEnd()
    }

    /// The same within one class, however high the peak was.
    func testPeakOfOneClassLeavesFewSlabs() throws {
        for byteCount in [16, 64, 512, 4096, 32768] {
            let fixture = try HeapFixture(byteCount: 256 << 20)
            let sizeClass = SizeClass(holding: byteCount)
            let blocks = try fixture.allocate(40 * sizeClass.slabBlockCount, of: sizeClass)
            fixture.free(blocks)
            XCTAssertLessThanOrEqual(fixture.slabCount, 2)
            try fixture.expectLive(small: 0)
        }
    }

    // MARK: Empty magazines

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
