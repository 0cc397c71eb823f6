// Programs that help with the report.

import Glibc

enum OtherProgram {
    /// What a program of PATH prints; nil when it cannot be run or fails. It does not get the
    /// environment that was made for the program under the tool.
    static func output(of command: [String]) -> String? {
        var ends: [Int32] = [0, 0]
        guard unsafe pipe(&ends) == 0 else { return nil }
        defer { close(ends[0]) }
        guard let process = start(command, output: ends[1]) else { return nil }
        let output = read(ends[0])
        var status: Int32 = 0
        while unsafe waitpid(process, &status, 0) < 0 && errno == EINTR {}
        return status == 0 ? output : nil
    }

    /// Starts it with its output to a file, which is closed here.
    private static func start(_ command: [String], output: Int32) -> pid_t? {
        defer { close(output) }
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        unsafe posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
        let path = "PATH=" + (System.environment("PATH") ?? "/usr/local/bin:/usr/bin:/bin")
        var process: pid_t = 0
        let error = unsafe withCStrings(command) { arguments in
            unsafe withCStrings([path, "LC_ALL=C"]) { variables in
                unsafe posix_spawnp(&process, arguments[0]!, &actions, nil, arguments, variables)
            }
        }
        return error == 0 ? process : nil
    }

    /// Calls `body` with texts as C has them, nil behind the last one.
    private static func withCStrings(
        _ texts: [String],
        _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Int32
    ) -> Int32 {
        var strings = unsafe texts.map { unsafe strdup($0) }
        unsafe strings.append(nil)
        defer { unsafe strings.forEach { unsafe free($0) } }
        return unsafe strings.withUnsafeMutableBufferPointer { unsafe body($0.baseAddress!) }
    }

    private static func read(_ file: Int32) -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe Glibc.read(file, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            if count <= 0 { return String(decoding: bytes, as: UTF8.self) }
            bytes += buffer[..<count]
        }
    }
}
