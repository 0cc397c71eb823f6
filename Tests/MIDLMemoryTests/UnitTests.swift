import XCTest

@testable import MIDLMemory

final class UnitTests: XCTestCase {
    func testUnitsThatHoldBytes() {
        XCTAssertEqual(1 << Unit.shift, Unit.byteCount)
        XCTAssertEqual(Unit.granuleCount * 16, Unit.byteCount)
        for (byteCount, unitCount) in [
            (0, 0), (1, 1), (65535, 1), (65536, 1), (65537, 2), (131072, 2), (131073, 3),
        ] {
            XCTAssertEqual(Unit.count(holding: byteCount), unitCount, "\(byteCount)")
        }
    }

    func testPagesAreRoundedUp() {
        for (byteCount, rounded) in [
            (0, 0), (1, 4096), (4095, 4096), (4096, 4096), (4097, 8192), (65537, 69632),
        ] {
            XCTAssertEqual(Page.roundUp(byteCount), rounded, "\(byteCount)")
        }
        XCTAssertEqual(Unit.byteCount % Page.byteCount, 0)
    }

    func testPointerIsTheAddress() {
        XCTAssertEqual(UInt(bitPattern: pointer(0x1230)), 0x1230)
    }
}
