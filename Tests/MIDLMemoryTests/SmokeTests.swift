import XCTest
@testable import MIDLMemory
final class SmokeTests: XCTestCase { func testIt() { XCTAssertEqual(SizeClass(holding: 0).index, 1) } }
