// A private heap with caches that one thread drives in turn, so that what several
// threads do to one another happens in a known order.

import MIDLPlatform
import XCTest

@testable import MIDLMemory

final class HeapFixture {
    let region: Region
    let heap: Heap
    private(set) var caches: [ThreadCache] = []

    init(byteCount: Int = 64 << 20, cacheCount: Int = 1) throws {
        region = try XCTUnwrap(Region.reserve(byteCount: byteCount))
        heap = try XCTUnwrap(Heap(region: region))
        // However slow the machine.
        heap.withPool { $0.hugePages.quickMilliseconds = .max }
        for _ in 0..<cacheCount { try makeCache() }
    }

    func makeCache() throws { caches.append(try XCTUnwrap(Registry.make(heap))) }

    deinit { region.release() }

    // MARK: Use

    func tryAllocate(_ byteCount: Int, on cache: Int = 0) -> UnsafeMutableRawPointer? {
        ThreadCache.allocate(caches[cache].front, byteCount: byteCount)
    }

    func allocate(
        _ byteCount: Int, on cache: Int = 0, file: StaticString = #filePath, line: UInt = #line
    ) throws -> UnsafeMutableRawPointer {
        try XCTUnwrap(tryAllocate(byteCount, on: cache), file: file, line: line)
    }

    func allocate(
        _ count: Int, of sizeClass: SizeClass, on cache: Int = 0
    ) throws -> [UnsafeMutableRawPointer] {
        try (0..<count).map { _ in try allocate(sizeClass.blockByteCount, on: cache) }
    }

    func free(_ block: UnsafeMutableRawPointer, on cache: Int = 0) {
        ThreadCache.free(caches[cache].front, block)
    }

    func free(_ blocks: [UnsafeMutableRawPointer], on cache: Int = 0) {
        for block in blocks { free(block, on: cache) }
    }

    /// The thread of a cache ends.
    func orphan(_ cache: Int) { Registry.orphan(caches[cache]) }

    /// A new thread takes the cache over, which gives up what it has when that ends: as if it were
    /// the first. `ThreadCache.adopt` is what `Registry.adopt` does for the process's heap.
    func adopt(_ cache: Int) -> Bool {
        guard caches[cache].adopt() else { return false }
        caches[cache].record.pointee.wasAdopted = false
        return true
    }

    func trim(on cache: Int = 0) -> Int { heap.trim(caches[cache].front) }

    /// A span of its own, which the caller makes something of.
    func takeSpan(_ unitCount: Int) throws -> Span {
        try XCTUnwrap(heap.withPool { $0.take(unitCount: unitCount) })
    }

    /// A slab that a cache owns but does not list; it is carved from the block `random` on.
    func makeSlab(
        of sizeClass: SizeClass, on cache: Int = 0, random: UInt = 0, isFirst: Bool = true
    ) throws -> Span {
        let slab = try takeSpan(sizeClass.slabUnitCount)
        slab.becomeSlab(
            of: sizeClass, owner: caches[cache].address, in: region, random: random,
            isFirst: isFirst)
        caches[cache].record.pointee.slabUnitCounts[sizeClass.index] += slab.unitCount
        return slab
    }

    /// The next block of a slab that `makeSlab` made, live but sealed.
    func carve(_ slab: Span) -> Block {
        ThreadCache(at: slab.owner).record.pointee.usedBlockCounts[slab.sizeClass.index] += 1
        return slab.carve(heap)
    }

    func carve(_ count: Int, _ slab: Span) -> [Block] { (0..<count).map { _ in carve(slab) } }

    // MARK: Checks

    /// The census, after everything that the census leaves out was checked as well.
    @discardableResult
    func census(file: StaticString = #filePath, line: UInt = #line) throws -> Census {
        let census = try XCTUnwrap(heap.census(), "broken invariant", file: file, line: line)
        for cache in caches {
            XCTAssertTrue(cache.record.pointee.outbox.isEmpty, "outbox", file: file, line: line)
            let owned = slabs.filter { $0.owner == cache.address }
            for sizeClass in SizeClass.all {
                let (index, slabs) = (sizeClass.index, owned.filter { $0.sizeClass == sizeClass })
                let units = cache.record.pointee.slabUnitCounts[index]
                let used = cache.record.pointee.usedBlockCounts[index]
                if units != slabs.map(\.unitCount).reduce(0, +)
                    || used != slabs.map({ $0.carvedCount - $0.freeCount }).reduce(0, +)
                    || cache.fullMagazineCount(of: sizeClass) > cache.keptLimit(of: sizeClass)
                    || cache.record.pointee.sentHomeCounts[index] < 0
                {
                    XCTFail("counts of class \(index)", file: file, line: line)
                }
            }
        }
        XCTAssertEqual(slabs.filter(\.isListed), listedSlabs, "lists", file: file, line: line)
        let withRemote = slabs.filter { $0.remoteHead != 0 }
        XCTAssertEqual(withRemote, pendingSlabs, "pending", file: file, line: line)
        return census
    }

    /// Checks everything, and the number of live blocks.
    func expectLive(
        small: Int, large: Int = 0, file: StaticString = #filePath, line: UInt = #line
    ) throws {
        let census = try census(file: file, line: line)
        XCTAssertEqual(census.liveSmallBlockCount, small, "small", file: file, line: line)
        XCTAssertEqual(census.liveLargeBlockCount, large, "large", file: file, line: line)
    }

    /// Ends all threads and checks that nothing is lost: no slab, and one free span.
    func expectEmptyAtEnd(file: StaticString = #filePath, line: UInt = #line) throws {
        for (index, cache) in caches.enumerated() where cache.state == CacheState.attached {
            orphan(index)
        }
        XCTAssertEqual(try census(file: file, line: line), Census(), file: file, line: line)
        let top = heap.withPool { $0.topUnit }
        XCTAssertEqual(
            region.freeSpans(below: top), top == 0 ? [] : [0..<top], file: file, line: line)
    }

    var slabs: [Span] {
        region.spans(below: heap.withPool { $0.topUnit }).filter { $0.kind == .slab }
    }

    var slabCount: Int { slabs.count }

    /// The slabs that can be reached from the caches, in the order of their addresses.
    private var listedSlabs: [Span] {
        caches.flatMap { cache in SizeClass.all.flatMap { cache.slabs(of: $0) } }.inOrder
    }

    private var pendingSlabs: [Span] { caches.flatMap(\.pendingSlabs).inOrder }
}

extension [Span] {
    fileprivate var inOrder: [Span] { sorted { $0.address < $1.address } }
}

extension Heap {
    /// Newest first.
    var caches: [ThreadCache] {
        var (caches, cursor): ([ThreadCache], UInt) = ([], registry.pointee.firstCache)
        while cursor != 0 {
            caches.append(ThreadCache(at: cursor))
            cursor = ThreadCache(at: cursor).nextInRegistry
        }
        return caches
    }

    var cacheCount: Int { caches.count }

    /// Magazines that no cache holds.
    var spareMagazineCount: Int {
        var (count, cursor) = (0, registry.pointee.firstMagazine)
        while cursor != 0 {
            count += 1
            cursor = Magazine(at: cursor).next
        }
        return count
    }
}

extension SizeClass {
    /// The classes of blocks in slabs.
    static let all = (first.index...last.index).map { SizeClass(index: $0) }
}

extension Region {
    /// The spans from the base up to a unit, in order.
    func spans(below topUnit: Int) -> [Span] {
        var (spans, unit): ([Span], Int) = ([], 0)
        while unit < topUnit {
            let span = span(atUnit: unit)
            spans.append(span)
            unit += Swift.max(1, span.unitCount)
        }
        return spans
    }

    /// The units of the free spans.
    func freeSpans(below topUnit: Int) -> [Range<Int>] {
        spans(below: topUnit).filter { $0.kind == .free }.map {
            unit(of: $0)..<unit(of: $0) + $0.unitCount
        }
    }

    var byteCount: Int { unitCount * Unit.byteCount }
}

extension Span {
    /// Hands out the next block that was never touched, sealed.
    func carve(_ heap: Heap) -> Block {
        var block = Block(at: 0)
        carve(1, heap) { block = $0 }
        return block
    }
}
