// The words of MIDL_MEMORY. A new one is a case with its line of help and what it sets.

import MIDLPlatform

enum ChoiceWord: Int {
    case help, heap, malloc, `guard`, quarantine, stats, leaks, orphans, record

    var name: StaticString {
        switch self {
        case .help: "help"
        case .heap: "heap"
        case .malloc: "malloc"
        case .guard: "guard"
        case .quarantine: "quarantine"
        case .stats: "stats"
        case .leaks: "leaks"
        case .orphans: "orphans"
        case .record: "record"
        }
    }

    /// What may follow the name, as help shows it.
    var argument: StaticString {
        switch self {
        case .heap: "[=plain]"
        case .guard: "[=N|=under]"
        case .quarantine: "=N"
        case .stats: "[=SIGNAL|=json[:FILE]]"
        case .leaks: "[=status|=suppress:NAME+NAME|=json[:FILE]]"
        case .orphans: "[=json[:FILE]]"
        case .record: "=DIRECTORY"
        default: ""
        }
    }

    var explanation: StaticString {
        switch self {
        case .help: "print this"
        case .heap:
            "blocks of the library's own heap, whatever the program sets; plain: not described to a tool"
        case .malloc:
            "each block one of malloc; the default under memcheck and the address sanitizer"
        case .guard:
            "each block, or one in N, ends at (under: starts after) a page without access"
        case .quarantine:
            "of guard, of heap under a tool: how many blocks that were freed stay without access (65536)"
        case .stats:
            "statistics at the end, or on USR1, USR2, HUP or QUIT; as JSON, to the end of FILE"
        case .leaks:
            "at the end live blocks by the calls that allocated them; exit with 23 for any; not of NAME; as JSON"
        case .orphans: "at the end live blocks that nothing refers to, by the same; as JSON"
        case .record: "count blocks by size and stack in a file there, for midl-memory"
        }
    }

    /// Sets what the word stands for; false when its argument is not one.
    func apply(_ argument: Text?, _ settings: inout Settings) -> Bool {
        switch self {
        case .help: ChoiceWord.printHelp()
        case .heap:
            settings.allocator = .heap
            guard let argument else { return true }
            settings.describesBlocks = false
            return argument == "plain"
        case .malloc: settings.allocator = .malloc
        case .guard:
            settings.allocator = .guard
            return argument.map { applyGuard($0, &settings) } ?? true
        case .quarantine:
            guard let count = argument?.number else { return false }
            settings.quarantineBlockLimit = count
            return true
        case .stats:
            settings.printsStatistics = true
            return argument.map { applyStatistics($0, &settings) } ?? true
        case .orphans:
            settings.printsOrphans = true
            guard let argument else { return true }
            guard let output = ReportOutput(json: argument) else { return false }
            settings.orphansOutput = output
            return true
        case .record:
            settings.recordDirectory = argument ?? .empty
            return settings.records
        case .leaks:
            settings.printsLeaks = true
            return argument.map { applyLeaks($0, &settings) } ?? true
        }
        return argument == nil
    }

    private func applyGuard(_ argument: Text, _ settings: inout Settings) -> Bool {
        if argument == "under" {
            settings.guardsUnder = true
            return true
        }
        guard let period = argument.number, period > 0 else { return false }
        settings.guardPeriod = period
        return true
    }

    private func applyStatistics(_ argument: Text, _ settings: inout Settings) -> Bool {
        if let output = ReportOutput(json: argument) {
            settings.statisticsOutput = output
            return true
        }
        settings.statisticsSignal = unsafe Int(
            midl_signal_number(
                UnsafePointer(pointer(argument.start).assumingMemoryBound(to: CChar.self)),
                argument.byteCount))
        return settings.statisticsSignal != 0
    }

    private func applyLeaks(_ argument: Text, _ settings: inout Settings) -> Bool {
        if let output = ReportOutput(json: argument) {
            settings.leaksOutput = output
            return true
        }
        let (word, names) = argument.split(at: 0x3A)
        if word == "status" && names == nil {
            settings.leaksChangeStatus = true
            return true
        }
        guard word == "suppress", let names, !names.isEmpty else { return false }
        settings.suppressedFunctions = names
        return true
    }

    // MARK: All of them

    static func forEach(_ body: (ChoiceWord) -> Void) {
        var index = 0
        while let word = ChoiceWord(rawValue: index) {
            body(word)
            index += 1
        }
    }

    init?(named text: Text) {
        var index = 0
        while let word = ChoiceWord(rawValue: index) {
            if text == word.name {
                self = word
                return
            }
            index += 1
        }
        return nil
    }

    private static let column = 18

    static func printHelp() {
        var report = Report()
        report.add("MIDL_MEMORY: one of these, or several joined with commas\n")
        forEach { word in
            report.add("  ")
            report.add(word.name)
            report.add(word.argument)
            var width = word.name.utf8CodeUnitCount + word.argument.utf8CodeUnitCount
            if width >= column {
                report.add("\n  ")
                width = 0
            }
            for _ in width..<column { report.add(" ") }
            report.add(word.explanation)
            report.endLine()
        }
    }

    /// One line about a word that is none, or has a wrong argument.
    static func complain(about text: Text) {
        var report = Report()
        report.add("libmidl_user: MIDL_MEMORY: \"")
        report.add(text)
        report.add("\" is no choice; going on without any; choices are ")
        forEach { word in
            if word.rawValue > 0 { report.add(", ") }
            report.add(word.name)
            report.add(word.argument)
        }
        report.endLine()
    }
}
