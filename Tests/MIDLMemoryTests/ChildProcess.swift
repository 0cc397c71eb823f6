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
        let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path
        let test = "MIDLMemoryTests." + name.replacingOccurrences(of: ".", with: "/")
        let (status, output) = run(
            [program, test], environment: environment.map { "\($0)=\($1)" })
        XCTAssertEqual(status, 0, output)
        XCTAssertTrue(output.contains("Executed 1 test, with 0 failures"), output)
    }

    /// The status as of `waitpid`, and what was printed. Not by Foundation's `Process`, which closes
    /// descriptors that valgrind has for itself.
    private func run(
        _ arguments: [String], environment: [String]
    ) -> (status: Int32, output: String) {
        var ends: [Int32] = [0, 0]
        XCTAssertEqual(pipe(&ends), 0)
        let output = FileHandle(fileDescriptor: ends[0], closeOnDealloc: true)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO)
        for end in ends { posix_spawn_file_actions_addclose(&actions, end) }
        let words = arguments.map { strdup($0) } + [nil]
        let variables = environment.map { strdup($0) } + [nil]
        defer { (words + variables).forEach { free($0) } }
        var (child, status) = (pid_t(0), Int32(-1))
        XCTAssertEqual(posix_spawn(&child, arguments[0], &actions, nil, words, variables), 0)
        close(ends[1])
        let bytes = output.readDataToEndOfFile()
        while waitpid(child, &status, 0) < 0 && errno == EINTR {}
        return (status, String(decoding: bytes, as: UTF8.self))
    }
}
