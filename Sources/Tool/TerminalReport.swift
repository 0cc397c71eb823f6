// The report for a terminal.

struct TerminalReport {
    private(set) var text = ""
    private let findings: Findings
    private let sections: Sections

    private static let siteLimit = 10
    private static let listLimit = 50
    private static let leastLookCount = 8

    init(_ findings: Findings, _ main: ProcessFindings) {
        self.findings = findings
        sections = Sections(findings, main)
        line(
            "midl-memory: \(Format.command(findings.command)): \(findings.ending.text), "
                + "after \(Format.time(findings.milliseconds))")
        if !sections.others.isEmpty {
            line("  \(Format.left("process", 22)) \(main.program), \(main.process)")
        }
        for (name, text) in sections.figures {
            line("  \(Format.left(name, 22)) \(text)")
        }
        addMisuse(main)
        addChart(main)
        addClasses(main)
        addSites()
        if findings.options.listsLeaks {
            addList("live at the end", sections.leaks, Sections.live)
        }
        if findings.options.findsOrphans { addOrphans() }
        if !sections.others.isEmpty {
            line("")
            line("  other processes")
            for other in sections.others { line("    \(other)") }
        }
    }

    /// What comes from the program may have characters that a terminal obeys.
    private mutating func line(_ text: String) {
        for scalar in text.unicodeScalars {
            let isControl = scalar.value < 0x20 || scalar.value >= 0x7F && scalar.value < 0xA0
            self.text.unicodeScalars.append(isControl ? "?" : scalar)
        }
        self.text += "\n"
    }

    private mutating func addChart(_ main: ProcessFindings) {
        line("")
        if main.samples.lookCount < TerminalReport.leastLookCount {
            return line("  live bytes over time: \(sections.sampling), too few for a chart")
        }
        line("  live bytes over time (\(sections.sampling))")
        for row in TerminalChart(main.samples, most: main.all.peakByteCount).lines { line(row) }
    }

    private mutating func addMisuse(_ main: ProcessFindings) {
        guard let misuse = main.misuse else { return }
        line("")
        line("  free of \(Sections.pointer(misuse.pointer)), which was no live block, at")
        addStack(misuse.frames)
    }

    private mutating func addClasses(_ main: ProcessFindings) {
        line("")
        line(
            "  " + Format.right("block bytes", 12) + Format.right("allocations", 14)
                + Format.right("live, at most", 16) + Format.right("live at the end", 18))
        for entry in main.classes {
            line(
                "  " + Format.right(Sections.name(entry), 12)
                    + Format.right(Format.count(entry.counts.allocationCount), 14)
                    + Format.right(Format.count(entry.counts.peakBlockCount), 16)
                    + Format.right(Format.count(entry.counts.liveBlockCount), 18))
        }
    }

    private mutating func addSites() {
        let sites = sections.sites
        line("")
        line("  the largest sites, by the most bytes that each had live at a time")
        for site in sites.prefix(TerminalReport.siteLimit) {
            line("    \(Sections.history(site))")
            addStack(site.frames)
        }
        addRest(sites.count - TerminalReport.siteLimit)
    }

    private mutating func addOrphans() {
        guard let missing = sections.orphansAreMissing else {
            return addList("orphans, which nothing refers to", sections.orphans, Sections.orphaned)
        }
        line("")
        line("  orphans: \(missing)")
    }

    private mutating func addList(_ title: String, _ sites: [Site], _ figures: (Site) -> String) {
        line("")
        line("  \(title): \(sites.isEmpty ? "none" : Format.count(sites.count, "site"))")
        for site in sites.prefix(TerminalReport.listLimit) {
            line("    \(figures(site)) allocated at")
            addStack(site.frames)
        }
        addRest(sites.count - TerminalReport.listLimit)
    }

    private mutating func addRest(_ count: Int) {
        if count > 0 { line("    and \(Format.count(count, "smaller site"))") }
    }

    private mutating func addStack(_ frames: [UInt]) {
        let calls = findings.symbols.stack(frames)
        if calls.isEmpty { line("      (no stack)") }
        for (index, call) in calls.enumerated() { line("      #\(index) \(call.text)") }
    }
}
