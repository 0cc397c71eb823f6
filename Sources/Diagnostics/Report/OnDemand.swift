// Reports that the program asks for (midl_memory_report).

enum OnDemand {
    private static let invalid: Int32 = 22

    static func report(_ name: Text, to file: Int32) -> Int32 {
        if name == "leaks" { return LeakReport.report(to: file) }
        return invalid
    }
}
