// A run of a program, from its start to the report.

import Glibc

struct Run {
    private let options: Options

    init(_ options: Options) { self.options = options }

    /// Ends the process as the program ended.
    func perform() throws(Failure) {
        // Before the program has run for hours.
        let page = try openPage()
        let scratch = try ScratchDirectory()
        let findings: Findings
        let versions: Set<Int>
        do throws(Failure) {
            (findings, versions) = try watch(scratch)
        } catch {
            scratch.remove()
            throw error
        }
        scratch.remove()
        if findings.main == nil {
            System.print(NoRecord(findings, versions).text, to: STDERR_FILENO)
        }
        write(findings, page)
        Child.end(like: findings.ending)
    }

    private func openPage() throws(Failure) -> Int32? {
        guard let path = options.pagePath else { return nil }
        let file = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard file >= 0 else { throw Failure(message: "\(path): \(System.errorText)") }
        return file
    }

    private func watch(_ scratch: ScratchDirectory) throws(Failure) -> (Findings, Set<Int>) {
        try Launch.prepare(options, scratch)
        var watch = Watch(scratch.path, interval: options.interval)
        let start = System.milliseconds
        let child = try Child(options.program[0], argumentIndex: options.programIndex)
        var ending: Ending?
        while ending == nil {
            ending = child.wait(milliseconds: watch.interval)
            watch.look()
        }
        let milliseconds = System.milliseconds - start
        let findings = Findings(
            options, ending ?? .exit(0), milliseconds: milliseconds, watch.findings)
        return (findings, watch.otherVersions)
    }

    private func write(_ findings: Findings, _ page: Int32?) {
        guard let page else {
            if let main = findings.main {
                System.print(TerminalReport(findings, main).text, to: STDERR_FILENO)
            }
            return
        }
        let path = options.pagePath ?? ""
        if System.write(HTMLPage(findings).text, to: page) && close(page) == 0 {
            System.print("midl-memory: the report is \(path)\n", to: STDERR_FILENO)
        } else {
            System.print("midl-memory: \(path): \(System.errorText)\n", to: STDERR_FILENO)
        }
    }
}
