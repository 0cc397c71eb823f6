// Reports that the program asks for (midl_memory_report).

enum OnDemand {
    private static let outOfMemory: Int32 = 12
    private static let invalid: Int32 = 22
    private static let impossible: Int32 = 38

    static func report(_ name: Text, to file: Int32) -> Int32 {
        if name == "leaks" { return report("leaks", LeakReport.print, to: file) }
        if name == "orphans" { return report("orphans", ProgramOrphans.print, to: file) }
        return invalid
    }

    private static func report(
        _ title: StaticString, _ print: (ReportOutput) -> Int, to file: Int32
    ) -> Int32 {
        let output = ReportOutput(to: file)
        if LiveBlocks.areKnown { return print(output) < 0 ? outOfMemory : 0 }
        LiveBlocks.complain(title, to: output)
        return impossible
    }
}
