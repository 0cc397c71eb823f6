// What both forms of the report say: the tables, in the words of each.

struct Sections {
    private let findings: Findings
    private let main: ProcessFindings

    init(_ findings: Findings, _ main: ProcessFindings) {
        self.findings = findings
        self.main = main
    }

    /// Name and text of each figure.
    var figures: [(name: String, text: String)] {
        let all = main.all
        var figures = [
            (
                "allocations",
                "\(Format.count(all.allocationCount)), \(Format.bytes(all.allocatedByteCount))"
            ),
            ("live, at most", Sections.blocks(all.peakBlockCount, all.peakByteCount)),
            ("live at the end", Sections.blocks(all.liveBlockCount, all.liveByteCount)),
        ]
        // Guarded blocks take none of these.
        if main.peakUsedByteCount > 0 {
            figures.append(
                ("pages in use, at most", Format.bytes(main.peakUsedByteCount)))
            figures.append(("pages returned so far", Format.bytes(main.returnedByteCount)))
        }
        return figures
    }

    static func blocks(_ blockCount: Int, _ byteCount: Int) -> String {
        if blockCount == 0 { return "none" }
        return "\(Format.count(blockCount, "block")), \(Format.bytes(byteCount))"
    }

    // MARK: Figures of a site

    static func history(_ site: Site) -> String {
        let counts = site.counts
        return "at most \(blocks(counts.peakBlockCount, counts.peakByteCount)); at the end "
            + "\(live(site)); in all "
            + blocks(counts.allocationCount, counts.allocatedByteCount)
    }

    static func live(_ site: Site) -> String {
        blocks(site.counts.liveBlockCount, site.counts.liveByteCount)
    }

    static func orphaned(_ site: Site) -> String {
        blocks(site.orphanBlockCount, site.orphanByteCount)
    }

    // MARK: Names

    static func name(_ sizeClass: SizeClass) -> String {
        sizeClass.isLarge ? "above 32 KiB" : Format.count(sizeClass.blockByteCount)
    }

    /// The largest sites: by the most bytes that each had live at a time.
    var sites: [Site] { findings.sites { $0.counts.peakByteCount } }
    var leaks: [Site] { findings.sites { $0.counts.liveByteCount } }
    var orphans: [Site] { findings.sites { $0.orphanByteCount } }

    /// What there is instead of orphans; nil when they were looked for.
    var orphansAreMissing: String? {
        switch main.orphans {
        case .counted: return nil
        case .failed: return "they could not be looked for"
        case .notCounted:
            return "not looked for, since the program did not end by exit"
        }
    }

    var sampling: String {
        "\(Format.count(main.samples.lookCount, "look")) in \(Format.time(main.samples.milliseconds))"
    }

    /// Names of other processes that have records.
    var others: [String] {
        findings.others.map { other in
            "\(other.program), process \(other.process): "
                + "\(Format.count(other.all.allocationCount, "allocation")), at most "
                + Sections.blocks(other.all.peakBlockCount, other.all.peakByteCount)
        }
    }

    static func pointer(_ address: UInt) -> String { "0x" + String(address, radix: 16) }
}
