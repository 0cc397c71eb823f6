// Tests in a process of their own: what is chosen once for each process, before its first
// allocation.

import Foundation
import XCTest

extension XCTestCase {
    private static let mark = "MIDL_TEST_CHILD"

    /// Runs the test that calls this once more, in a process with a `MIDL_MEMORY` of its own, where
    /// this calls `body`, which makes the first allocation.
    func inChild(choices: String? = nil, _ body: () throws -> Void) throws {
        var environment = ProcessInfo.processInfo.environment
        if environment[XCTestCase.mark] == name { return try body() }
        environment[XCTestCase.mark] = name
        environment["MIDL_MEMORY"] = choices
        let child = Process()
        child.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        child.arguments = ["MIDLMemoryTests." + name.replacingOccurrences(of: ".", with: "/")]
        child.environment = environment
        let pipe = Pipe()
        child.standardOutput = pipe
        child.standardError = pipe
        try child.run()
        let bytes = pipe.fileHandleForReading.readDataToEndOfFile()
        let output = String(decoding: bytes, as: UTF8.self)
        child.waitUntilExit()
        XCTAssertEqual(child.terminationStatus, 0, output)
        XCTAssertTrue(output.contains("Executed 1 test, with 0 failures"), output)
    }
}
