// The report as a page: one file that refers to no other.

struct HTMLPage {
    private(set) var text = ""
    private let findings: Findings

    private static let siteLimit = 100
    /// Stacks that are open from the start.
    private static let openLimit = 3

    init(_ findings: Findings) {
        self.findings = findings
        let command = Format.command(findings.command).escaped
        text = """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"/>
            <meta name="viewport" content="width=device-width, initial-scale=1"/>
            <meta http-equiv="Content-Security-Policy"
             content="default-src 'none'; style-src 'unsafe-inline'"/>
            <meta name="generator" content="midl-memory \(Version.text)"/>
            <title>\(command) - midl-memory</title>
            <style>\(HTMLStyle.text)</style></head><body>
            <h1><code>\(command)</code></h1>\n
            """
        addSummary()
        if let main = findings.main {
            addRun(main, Sections(findings, main))
        } else {
            text += "<p>The program made no allocation through midl_user_allocate "
            text += "of libmidl_user.</p>\n"
        }
        text += "</body></html>\n"
    }

    private mutating func addSummary() {
        var isBad = true
        if case .exit(0) = findings.ending { isBad = false }
        text += "<p><span\(isBad ? " class=\"bad\"" : "")>Ended with "
        text +=
            "\(findings.ending.text.escaped)</span> after \(Format.time(findings.milliseconds)). "
        text += "<span class=\"soft\">"
        if let main = findings.main {
            text += "<code>\(main.program.escaped)</code>, process \(main.process); "
        }
        text += "midl-memory \(Version.text)</span></p>\n"
    }

    private mutating func addRun(_ main: ProcessFindings, _ sections: Sections) {
        text += "<dl>"
        for (name, figure) in sections.figures {
            text += "<div><dt>\(name.escaped)</dt><dd>\(figure.escaped)</dd></div>"
        }
        text += "</dl>\n"
        addFaults(main)
        addChart(main, sections)
        addClasses(main)
        addSites(
            "Largest sites",
            "By the most bytes that each had live at a time; two of them need not have been at one.",
            sections.sites, Sections.history)
        if findings.options.listsLeaks {
            addSites(
                "Live at the end", "By the calls that allocated it.", sections.leaks, Sections.live)
        }
        if findings.options.findsOrphans { addOrphans(sections) }
        addOthers(sections)
    }

    // MARK: Parts

    private mutating func addOrphans(_ sections: Sections) {
        if let missing = sections.orphansAreMissing {
            text += "<h2>Orphans</h2>\n<p>\(missing.escaped).</p>\n"
        } else {
            addSites(
                "Orphans", "What no global, stack or other block refers to at the end.",
                sections.orphans, Sections.orphaned)
        }
    }

    private mutating func addFaults(_ main: ProcessFindings) {
        if let misuse = main.misuse {
            text += "<h2 class=\"bad\">Free of what is no live block</h2>\n"
            text += "<p><code>\(Sections.pointer(misuse.pointer))</code> was passed to free "
            text += "at</p>\n"
            addStack(misuse.frames)
        }
        if !main.text.isEmpty {
            text += "<h2>What the library printed</h2>\n<pre>\(main.text.escaped)</pre>\n"
        }
    }

    private mutating func addChart(_ main: ProcessFindings, _ sections: Sections) {
        text +=
            "<h2>Over time</h2>\n<p class=\"soft\"><span class=\"key key-live\"></span>live bytes"
        text +=
            "<span class=\"key key-used\"></span>pages in use, as of an allocation or free before; "
        text += "dashed: the most live at any time. \(sections.sampling).</p>\n"
        text += HTMLChart(main.samples, most: main.all.peakByteCount).text
    }

    private mutating func addClasses(_ main: ProcessFindings) {
        text += "<h2>Sizes</h2>\n<table><thead>"
        text += HTML.row(
            [
                "bytes of a block", "allocations", "live, at most", "live at the end",
                "bytes, at most",
            ], "th")
        text += "</thead><tbody>\n"
        let most = max(1, main.classes.map(\.counts.peakByteCount).max() ?? 0)
        for entry in main.classes {
            let counts = entry.counts
            let width = counts.peakByteCount * 100 / most
            let bar = "<div class=\"bar\" style=\"width:\(width)%\"></div>"
            text += HTML.row([
                Sections.name(entry), Format.count(counts.allocationCount),
                Format.count(counts.peakBlockCount), Format.count(counts.liveBlockCount),
                Format.bytes(counts.peakByteCount) + bar,
            ])
        }
        text += "</tbody></table>\n"
    }

    private mutating func addSites(
        _ title: String, _ explanation: String, _ sites: [Site], _ figures: (Site) -> String
    ) {
        text += "<h2>\(title.escaped)</h2>\n<p class=\"soft\">\(explanation.escaped)</p>\n"
        if sites.isEmpty { text += "<p>None.</p>\n" }
        for (index, site) in sites.prefix(HTMLPage.siteLimit).enumerated() {
            let calls = findings.symbols.stack(site.frames)
            text += "<details\(index < HTMLPage.openLimit ? " open=\"open\"" : "")><summary>"
            text += figures(site).escaped
            if let call = calls.first { text += " <code>\(HTMLPage.name(call).escaped)</code>" }
            text += "</summary>\n"
            addStack(site.frames)
            text += "</details>\n"
        }
        if sites.count > HTMLPage.siteLimit {
            let rest = Format.count(sites.count - HTMLPage.siteLimit, "smaller site")
            text += "<p>And \(rest).</p>\n"
        }
    }

    private static func name(_ call: Call) -> String {
        call.function.isEmpty ? call.text : call.function
    }

    private mutating func addStack(_ frames: [UInt]) {
        let calls = findings.symbols.stack(frames)
        if calls.isEmpty {
            text += "<p class=\"soft\">The stack is not known.</p>\n"
            return
        }
        text += "<ol start=\"0\">"
        for call in calls {
            if call.function.isEmpty {
                text += "<li>\(call.text.escaped)</li>"
            } else {
                let place = call.source.isEmpty ? "in \(call.module)" : "at \(call.source)"
                text += "<li>\(call.function.escaped) <span>\(place.escaped)</span></li>"
            }
        }
        text += "</ol>\n"
    }

    private mutating func addOthers(_ sections: Sections) {
        if sections.others.isEmpty { return }
        text += "<h2>Other processes</h2>\n<ul>"
        for other in sections.others { text += "<li>\(other.escaped)</li>" }
        text += "</ul>\n"
    }
}
