// The command line.

enum Command {
    case help, version
    case run(Options)

    static let helpText = """
        midl-memory run [OPTION]... [--] PROGRAM [ARGUMENT]...
        midl-memory help | version

        Runs PROGRAM with libmidl_user and writes a report about its memory on standard error: how
        much was live over time, by size, and which calls allocated it.

          --guard[=N]     each block, or one in N, ends at a page without access
          --leaks         list what is live at the end, by the calls that allocated it
          --orphans       list what nothing refers to at the end, by the calls that allocated it
          --html FILE     write the report as a page of HTML instead
          --interval MS   look every so many milliseconds, 1 to 60000; without it every millisecond at
                          first, and less often the longer the program runs
          --library PATH  the library to load, instead of the one beside midl-memory
          --winelib       PROGRAM is of Winelib; assumed for wine, wine64, *.exe and *.exe.so

        It ends as PROGRAM ends: with its exit status, or by the signal that ended it. 127: there is no
        such program; 126: it cannot be run; 2: midl-memory itself cannot do what it is asked to.

        """

    init(parsing arguments: [String]) throws(Failure) {
        switch arguments.first {
        case nil: throw Failure(message: "what to do? midl-memory help says what there is")
        case "help", "--help", "-h": self = .help
        case "version", "--version": self = .version
        case "run": self = .run(try Options(parsing: arguments))
        case let word?:
            throw Failure(message: "\"\(word)\" is no command; midl-memory help says what there is")
        }
    }
}

struct Options {
    /// Of how many blocks one is guarded; 0 for none.
    var guardPeriod = 0
    var listsLeaks = false
    var findsOrphans = false
    var pagePath: String?
    /// Milliseconds; nil to begin with one.
    var interval: Int?
    var library: String?
    var isWinelib = false
    /// The program and its arguments, and where they begin in the tool's own.
    var program: [String] = []
    var programIndex = 0

    private static let intervals = 1...60000

    /// Arguments from "run" on.
    init(parsing arguments: [String]) throws(Failure) {
        var index = 1
        while index < arguments.count {
            let argument = arguments[index]
            if argument == "--" || !argument.hasPrefix("-") { break }
            let parts = argument.split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            var value = parts.count > 1 ? String(parts[1]) : nil
            if value == nil, ["--html", "--interval", "--library"].contains(name) {
                index += 1
                guard index < arguments.count else {
                    throw Failure(message: "\(name): its value is missing; midl-memory help has it")
                }
                value = arguments[index]
            }
            try apply(name, value)
            index += 1
        }
        if index < arguments.count, arguments[index] == "--" { index += 1 }
        program = Array(arguments.dropFirst(index))
        programIndex = index + 1
        guard let path = program.first, !path.isEmpty else {
            throw Failure(
                message: "which program? midl-memory run [OPTION]... -- PROGRAM [ARGUMENT]...")
        }
        if guardPeriod > 0 && findsOrphans {
            throw Failure(
                message: "--orphans looks in the library's own heap, and --guard takes its place; "
                    + "choose one of them")
        }
        isWinelib = isWinelib || Options.isOfWinelib(path)
    }

    private mutating func apply(_ name: String, _ value: String?) throws(Failure) {
        switch (name, value) {
        case ("--guard", nil): guardPeriod = 1
        case ("--guard", let value?):
            guardPeriod = try Options.number(value, 1...Int(Int32.max), name)
        case ("--leaks", nil): listsLeaks = true
        case ("--orphans", nil): findsOrphans = true
        case ("--winelib", nil): isWinelib = true
        case ("--html", let value?) where !value.isEmpty: pagePath = value
        case ("--library", let value?) where !value.isEmpty: library = value
        case ("--interval", let value?):
            interval = try Options.number(value, Options.intervals, name)
        case ("--help", nil), ("-h", nil):
            throw Failure(message: "midl-memory help says what there is")
        case ("--leaks", _?), ("--orphans", _?), ("--winelib", _?):
            throw Failure(message: "\(name) takes no value")
        case ("--html", _), ("--library", _):
            throw Failure(message: "\(name): its value is missing; midl-memory help has it")
        default:
            throw Failure(message: "\"\(name)\" is no option; midl-memory help says what there is")
        }
    }

    private static func number(
        _ text: String, _ range: ClosedRange<Int>, _ name: String
    ) throws(Failure) -> Int {
        guard let number = Int(text), range.contains(number) else {
            throw Failure(
                message: "\(name): \"\(text)\" is no number from \(range.lowerBound) to "
                    + "\(range.upperBound)")
        }
        return number
    }

    private static func isOfWinelib(_ path: String) -> Bool {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return ["wine", "wine64", "wine-stable", "wine64-stable"].contains(name)
            || name.hasSuffix(".exe") || name.hasSuffix(".exe.so")
    }
}
