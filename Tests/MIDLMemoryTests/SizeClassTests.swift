import MIDLPlatform
import XCTest

@testable import MIDLMemory

final class SizeClassTests: XCTestCase {
    func testEverySizeHasTheSmallestClassThatHoldsIt() {
        for byteCount in 0...SizeClass.byteLimit {
            let sizeClass = SizeClass(holding: byteCount)
            guard sizeClass.blockByteCount >= max(1, byteCount), sizeClass.index >= 1,
                SizeClass(index: sizeClass.index - 1).blockByteCount < max(1, byteCount),
                sizeClass.index <= SizeClass.last.index
            else { return XCTFail("\(byteCount) has class \(sizeClass.index)") }
        }
    }

    func testSlackIsWithinTheStatedBounds() {
        for byteCount in 1...SizeClass.byteLimit {
            let slack = SizeClass(holding: byteCount).blockByteCount - byteCount
            let limit = byteCount <= 128 ? 15 : byteCount <= 8192 ? byteCount / 8 : byteCount / 4
            if slack > limit { return XCTFail("\(byteCount) has a slack of \(slack)") }
        }
    }

    func testClassesAreThoseOfTheTable() {
        XCTAssertEqual(
            (1...8).map { SizeClass(index: $0).blockByteCount },
            [
                16, 32, 48, 64, 80, 96, 112, 128,
            ])
        XCTAssertEqual(
            (9...16).map { SizeClass(index: $0).blockByteCount },
            [
                144, 160, 176, 192, 208, 224, 240, 256,
            ])
        XCTAssertEqual(SizeClass(index: 32).blockByteCount, 1024)
        XCTAssertEqual(
            (33...36).map { SizeClass(index: $0).blockByteCount },
            [
                1152, 1280, 1408, 1536,
            ])
        XCTAssertEqual(
            (56...64).map { SizeClass(index: $0).blockByteCount },
            [
                8192, 10_240, 12_288, 14_336, 16_384, 20_480, 24_576, 28_672, 32_768,
            ])
        XCTAssertEqual(SizeClass.last.blockByteCount, SizeClass.byteLimit)
        XCTAssertLessThan(SizeClass.last.index, SizeClass.large.index)
        XCTAssertLessThan(SizeClass.last.index, Int(MIDL_CLASS_LIMIT))
        XCTAssertLessThan(SizeClass.large.index, EnvironmentTag.first.value)
        XCTAssertLessThan(SizeClass.watched.index, EnvironmentTag.first.value)
        XCTAssertEqual(SizeClass.none.blockByteCount, 0)
    }

    func testBlocksGrowAndAreAligned() {
        for (smaller, larger) in zip(SizeClass.all, SizeClass.all.dropFirst()) {
            XCTAssertLessThan(smaller.blockByteCount, larger.blockByteCount)
        }
        for sizeClass in SizeClass.all {
            XCTAssertEqual(sizeClass.blockByteCount % 16, 0)
            XCTAssertEqual(SizeClass(holding: sizeClass.blockByteCount), sizeClass)
        }
    }

    func testSlabsHoldEightBlocksAndWasteLessThanOneGroup() {
        for sizeClass in SizeClass.all {
            let room = sizeClass.slabUnitCount * Unit.byteCount
            let used = sizeClass.slabBlockCount * sizeClass.blockByteCount
            XCTAssertGreaterThanOrEqual(sizeClass.slabBlockCount, 8)
            XCTAssertLessThanOrEqual(used, room)
            let group = sizeClass.shuffledBlockCount
            XCTAssertEqual(sizeClass.slabBlockCount % group, 0)
            XCTAssertLessThan(room - used, group * sizeClass.blockByteCount)
            XCTAssertLessThanOrEqual(sizeClass.slabUnitCount, 4)
        }
    }

    func testMagazinesStayWithinTheirBounds() {
        for sizeClass in SizeClass.all {
            let count = sizeClass.magazineBlockCount
            XCTAssertTrue((16...Magazine.slotLimit).contains(count))
            XCTAssertTrue(count == 16 || count * sizeClass.blockByteCount <= 65536)
            let carved = sizeClass.carveBlockCount
            XCTAssertTrue(carved == 1 || carved * sizeClass.blockByteCount <= 4096)
            XCTAssertGreaterThanOrEqual(carved, 1)
        }
        XCTAssertEqual(SizeClass.first.magazineBlockCount, 125)
        XCTAssertEqual(SizeClass.last.magazineBlockCount, 16)
    }

    func testTablesOfTheFrontAgree() throws {
        let fixture = try HeapFixture()
        let steps = UnsafeRawPointer(fixture.caches[0].front) + Int(MIDL_FRONT_STEPS_OFFSET)
        for byteCount in SizeClass.tableByteLimit + 1...SizeClass.byteLimit {
            let step = (byteCount - 1) / Int(MIDL_MEDIUM_STEP)
            XCTAssertEqual(
                Int(steps.load(fromByteOffset: step, as: UInt8.self)),
                SizeClass(holding: byteCount).index)
        }
        let table = UnsafeRawPointer(fixture.caches[0].front) + Int(MIDL_FRONT_CLASSES_OFFSET)
        for byteCount in 0...SizeClass.tableByteLimit {
            XCTAssertEqual(
                Int(table.load(fromByteOffset: byteCount, as: UInt8.self)),
                SizeClass(holding: byteCount).index)
        }
    }
}
