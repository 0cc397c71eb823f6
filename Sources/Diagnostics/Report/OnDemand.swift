// Reports that the program asks for (midl_memory_report).

enum OnDemand {
    private static let outOfMemory: Int32 = 12
    private static let invalid: Int32 = 22

    static func report(_ name: Text, to file: Int32) -> Int32 {
        let output = ReportOutput(to: file)
        if name == "leaks" { return LeakReport.print(to: output) < 0 ? outOfMemory : 0 }
        if name == "orphans" { return ProgramOrphans.print(to: output) < 0 ? outOfMemory : 0 }
        return invalid
    }
}
