// A run of a program, from its start to the report.

import Glibc

struct Run {
    private let options: Options

    init(_ options: Options) { self.options = options }

    /// Ends the process as the program ended.
    func perform() throws(Failure) {
        // Before the program has run for hours.
        let page = try options.pagePath.map { path throws(Failure) in try OutputFile(path) }
        let scratch = try ScratchDirectory()
        let findings: Findings
        let versions: Set<Int>
        do throws(Failure) {
            (findings, versions) = try watch(scratch)
        } catch {
            scratch.remove()
            page?.leave()
            throw error
        }
        scratch.remove()
        if findings.main == nil {
            System.print(NoRecord(findings, versions).text, to: STDERR_FILENO)
        }
        write(findings, page)
        Child.end(like: findings.ending)
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

    private func write(_ findings: Findings, _ page: OutputFile?) {
        if let page {
            let error = page.write(HTMLPage(findings).text)
            let outcome = error.map { "\(page.path): \($0)" } ?? "the report is \(page.path)"
            System.print("midl-memory: \(outcome)\n", to: STDERR_FILENO)
        } else if let main = findings.main {
            System.print(TerminalReport(findings, main).text, to: STDERR_FILENO)
        }
    }
}
