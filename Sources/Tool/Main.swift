// midl-memory: runs a program with libmidl_user and its diagnostics, and reports on its
// memory.
//
//     Options --> Launch --> Child ---------------- runs ----------------> end
//                               Watch: records of its processes, samples     |
//     Findings <-- Symbolizer <----------------------------------------------+
//        |
//        +--> TerminalReport or HTMLPage

import Glibc

@main
enum Main {
    static func main() {
        do throws(Failure) {
            switch try Command(parsing: Array(CommandLine.arguments.dropFirst())) {
            case .help: System.print(Command.helpText, to: STDOUT_FILENO)
            case .version: System.print("midl-memory \(Version.text)\n", to: STDOUT_FILENO)
            case .run(let options): try Run(options).perform()
            }
        } catch {
            System.print("midl-memory: \(error.message)\n", to: STDERR_FILENO)
            exit(error.status)
        }
    }
}

/// What ends the tool itself, with the status for it.
struct Failure: Error {
    /// Of a shell for a command that is not found, and for one that cannot be run.
    static let notFound: Int32 = 127
    static let notRunnable: Int32 = 126
    static let other: Int32 = 2

    let message: String
    var status = Failure.other
}
