import CMIDL
import MIDLPlatform
import MIDLShim
import Synchronization
import XCTest

@testable import MIDLMemory

/// What the allocator of the tests was asked for and told.
private let allocateCount = Atomic<Int>(0)
private let freeCount = Atomic<Int>(0)
private let madeCount = Atomic<Int>(0)
private let freedCount = Atomic<Int>(0)

private let toldByteCount = 7

/// The choice of allocator and sampling; each test in a process that has made no block.
final class ChoiceTests: XCTestCase {
    /// Chooses an allocator with blocks of malloc, or one that watches the heap's.
    private func choose(period: UInt32, watches: Bool = false) -> Bool {
        let table = UnsafeMutablePointer<midl_allocator>.allocate(capacity: 1)
        table.initialize(
            to: midl_allocator(
                allocate: { byteCount, block in
                    allocateCount.add(1, ordering: .relaxed)
                    block.pointee = malloc(byteCount)
                    return true
                },
                free: { block in
                    freeCount.add(1, ordering: .relaxed)
                    free(block)
                },
                size: { _ in toldByteCount }, made: nil, freed: nil, requested: nil,
                period: period))
        if watches {
            table.pointee = midl_allocator(
                allocate: nil, free: nil, size: nil,
                made: { _ in madeCount.add(1, ordering: .relaxed) },
                freed: { _ in
                    freedCount.add(1, ordering: .relaxed)
                    return false
                }, requested: nil, period: 1)
        }
        return midl_make_own_choice(table)
    }

    private func isOfHeap(_ block: UnsafeMutableRawPointer?) -> Bool {
        Heap.ofProcess?.region.contains(UInt(bitPattern: block)) ?? false
    }

    /// But where a tool watches malloc.
    func testTheHeapIsTheDefault() throws {
        try inChild {
            XCTAssertFalse(midl_heap_is_chosen(), "before the first allocation")
            let isDefault = midl_watching_tool() == MIDL_NO_TOOL
            let block = midl_user_allocate(10)
            XCTAssertEqual(midl_heap_is_chosen(), isDefault)
            XCTAssertEqual(isOfHeap(block), isDefault)
            midl_user_free(block)
        }
    }

    /// On all paths: small, medium and large, at first and again, on every thread.
    func testAnAllocatorMakesEveryBlock() throws {
        try inChild {
            XCTAssertTrue(choose(period: 1))
            XCTAssertFalse(choose(period: 1), "a second time")
            onThreads(3) { _ in
                for _ in 0..<3 {
                    for byteCount in [0, 1, 48, 1024, 1025, 32768, 32769, 1 << 20] {
                        let block = midl_user_allocate(byteCount)
                        XCTAssertEqual(midl_memory_size(block), toldByteCount)
                        midl_user_free(block)
                    }
                }
            }
            XCTAssertEqual(allocateCount.load(ordering: .relaxed), 72)
            XCTAssertEqual(freeCount.load(ordering: .relaxed), 72)
        }
    }

    /// Each block once, though the fast paths do not ask.
    func testAWatcherIsToldOfEveryBlockOfTheHeap() throws {
        try inChild {
            XCTAssertTrue(choose(period: 1, watches: true))
            onThreads(3) { _ in
                for _ in 0..<300 {
                    let blocks = [0, 48, 1024, 1025, 32769].map { midl_user_allocate($0) }
                    for block in blocks { midl_user_free(block) }
                }
            }
            XCTAssertEqual(madeCount.load(ordering: .relaxed), 4500)
            XCTAssertEqual(freedCount.load(ordering: .relaxed), 4500)
            let block = midl_user_allocate(48)
            XCTAssertTrue(isOfHeap(block))
            midl_user_free(block)
        }
    }

    /// About one block in so many comes from the allocator, of all sizes, and every block goes back
    /// to who made it.
    func testSampling() throws {
        try inChild {
            let period = 1000
            XCTAssertTrue(choose(period: UInt32(period)))
            var generator = SeededGenerator(seed: 9)
            var blocks: [UnsafeMutableRawPointer?] = Array(repeating: nil, count: 500)
            var live: Set<UInt> = []
            var (sampledCount, largeCount) = (0, 0)
            let count = 400_000
            for step in 0..<count {
                // Time for a turn of each size.
                if step % 1000 == 0 { usleep(1000) }
                let index = Int.random(in: 0..<500, using: &generator)
                if let block = blocks[index] {
                    live.remove(UInt(bitPattern: block))
                    midl_user_free(block)
                }
                let byteCount = Int.random(in: 0...1500, using: &generator)
                let block = try XCTUnwrap(midl_user_allocate(byteCount))
                XCTAssertTrue(live.insert(UInt(bitPattern: block)).inserted)
                if !isOfHeap(block) {
                    sampledCount += 1
                    largeCount += byteCount > 1024 ? 1 : 0
                }
                blocks[index] = block
            }
            for block in blocks { midl_user_free(block) }
            XCTAssertEqual(sampledCount, allocateCount.load(ordering: .relaxed))
            XCTAssertEqual(sampledCount, freeCount.load(ordering: .relaxed))
            // A thread counts what it is about to hand out, a magazine at a time.
            XCTAssertTrue(
                (count / period / 2...count / period * 5 / 4).contains(sampledCount),
                "\(sampledCount)")
            XCTAssertGreaterThan(largeCount, 10)
            XCTAssertGreaterThan(sampledCount - largeCount, 10)
        }
    }

    /// Blocks that are freed before the next one of their size is wanted never bring the thread to a
    /// slow path but where they are counted.
    func testEachClassInUseHasItsTurn() throws {
        try inChild {
            let period = 1000
            XCTAssertTrue(choose(period: UInt32(period)))
            let byteCounts = [0, 48, 100, 300, 1024, 1025, 5000, 32768]
            var counts = Array(repeating: 0, count: byteCounts.count)
            var roundCount = 0
            while counts.contains(where: { $0 < 20 }) && roundCount < 3_000_000 {
                roundCount += 1
                for (index, byteCount) in byteCounts.enumerated() {
                    let block = try XCTUnwrap(midl_user_allocate(byteCount))
                    counts[index] += isOfHeap(block) ? 0 : 1
                    midl_user_free(block)
                }
            }
            XCTAssertGreaterThanOrEqual(try XCTUnwrap(counts.min()), 20, "\(counts)")
            let expected = roundCount * byteCounts.count / period
            XCTAssertTrue(
                (expected / 2...expected * 2).contains(counts.reduce(0, +)),
                "\(counts) of \(roundCount)")
            XCTAssertEqual(
                allocateCount.load(ordering: .relaxed), freeCount.load(ordering: .relaxed))
        }
    }

    /// A turn that ends before its supply is empty counts what was handed out alone.
    func testFewAllocationsAreNotCountedAsMany() throws {
        try inChild {
            let period = 20
            XCTAssertTrue(choose(period: UInt32(period)))
            let byteCounts = [16, 48, 300]
            let count = 300
            for index in 0..<count {
                midl_user_free(midl_user_allocate(byteCounts[index % byteCounts.count]))
                usleep(4500)
            }
            XCTAssertTrue(
                (2...count / period * 4).contains(allocateCount.load(ordering: .relaxed)))
        }
    }

    /// A thread that sees few of its classes in each turn is sampled as often as any other.
    func testThreadsThatAllocateSeldomAreSampledAsOften() throws {
        try inChild {
            let period = 32
            XCTAssertTrue(choose(period: UInt32(period)))
            var generator = SeededGenerator(seed: 11)
            let count = 2400
            for index in 0..<count {
                let sizeClass = SizeClass.all[Int.random(in: 10..<42, using: &generator)]
                midl_user_free(midl_user_allocate(sizeClass.blockByteCount))
                // Longer than a turn.
                if index % 4 == 0 { usleep(4500) }
            }
            let sampledCount = allocateCount.load(ordering: .relaxed)
            XCTAssertTrue(
                (count / period / 2...count / period * 3 / 2).contains(sampledCount),
                "\(sampledCount)")
        }
    }

    /// A turn does not stay with a class that the thread has no more use for.
    func testClassesOutOfUseAreForgotten() throws {
        try inChild {
            let period = 1000
            XCTAssertTrue(choose(period: UInt32(period)))
            for byteCount in stride(from: 16, through: 32768, by: 16) {
                midl_user_free(midl_user_allocate(byteCount))
            }
            let started = allocateCount.load(ordering: .relaxed)
            let count = 3_000_000
            for _ in 0..<count { midl_user_free(midl_user_allocate(48)) }
            let sampledCount = allocateCount.load(ordering: .relaxed) - started
            XCTAssertTrue(
                (count / period / 2...count / period * 2).contains(sampledCount),
                "\(sampledCount)")
        }
    }

    /// A thread's end and a trim send the blocks home that wait in a supply.
    func testASupplyGoesHome() throws {
        try inChild {
            XCTAssertTrue(choose(period: 1_000_000))
            onThreads(2) { _ in
                let blocks = (0..<100).map { _ in midl_user_allocate(48) }
                for block in blocks { midl_user_free(block) }
                for _ in 0..<1000 { midl_user_free(midl_user_allocate(48)) }
                if midl_memory_trim() == 0 { return }
                midl_user_free(midl_user_allocate(48))
            }
            _ = midl_memory_trim()
            let heap = try XCTUnwrap(Heap.ofProcess)
            XCTAssertEqual(heap.withPool { $0.usedUnitCount }, 0)
        }
    }

    /// Where the supply has its top no block's tag leads.
    func testTheSupplyIsApartFromTags() {
        XCTAssertFalse(SizeClass.isClassOrWatched(Sampling.supplyIndex))
        XCTAssertFalse(SizeClass.isLargeOrWatched(Sampling.supplyIndex))
        XCTAssertGreaterThan(Sampling.supplyIndex, EnvironmentTag.large.value)
        XCTAssertLessThanOrEqual(Sampling.supplyIndex, Int(UInt8.max))
    }
}
