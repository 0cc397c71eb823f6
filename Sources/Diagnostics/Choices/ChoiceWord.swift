// The words of MIDL_MEMORY. A new one is a case with its line of help and what it sets.

enum ChoiceWord: Int {
    case help, heap, malloc, `guard`, quarantine

    var name: StaticString {
        switch self {
        case .help: "help"
        case .heap: "heap"
        case .malloc: "malloc"
        case .guard: "guard"
        case .quarantine: "quarantine"
        }
    }

    /// What may follow the name, as help shows it.
    var argument: StaticString {
        switch self {
        case .guard: "[=N|=under]"
        case .quarantine: "=N"
        default: ""
        }
    }

    var explanation: StaticString {
        switch self {
        case .help: "print this"
        case .heap:
            "blocks of the library's own heap, also where the program sets another allocator"
        case .malloc: "blocks of malloc, for Valgrind, heaptrack and other tools"
        case .guard:
            "each block, or one in N, ends at (under: starts after) a page without access"
        case .quarantine: "guard: the N blocks that were freed last stay without access"
        }
    }

    /// Sets what the word stands for; false when its argument is not one.
    func apply(_ argument: Text?, _ settings: inout Settings) -> Bool {
        switch self {
        case .help: ChoiceWord.printHelp()
        case .heap: settings.allocator = .heap
        case .malloc: settings.allocator = .malloc
        case .guard:
            settings.allocator = .guard
            return argument.map { applyGuard($0, &settings) } ?? true
        case .quarantine:
            guard let count = argument?.number else { return false }
            settings.quarantineBlockLimit = count
            return true
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

    private static let column = 24

    static func printHelp() {
        var report = Report()
        report.add("MIDL_MEMORY: one of these, or several joined with commas\n")
        forEach { word in
            report.add("  ")
            report.add(word.name)
            report.add(word.argument)
            let width = word.name.utf8CodeUnitCount + word.argument.utf8CodeUnitCount
            for _ in 0..<max(1, column - width) { report.add(" ") }
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
