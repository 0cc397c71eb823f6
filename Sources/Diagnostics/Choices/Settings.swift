// What MIDL_MEMORY asks for.

struct Settings {
    enum Allocator { case unnamed, heap, malloc, `guard` }

    var allocator = Allocator.unnamed
    /// The heap's blocks are described to a tool that watches the program.
    var describesBlocks = true
    /// Of how many blocks one is guarded.
    var guardPeriod = 1
    /// Guarded blocks start after a page without access, instead of ending before one.
    var guardsUnder = false
    var quarantineBlockLimit = 1 << 16

    /// Statistics are counted and printed: on a signal, or at the end for 0.
    var printsStatistics = false
    var statisticsSignal = 0
    var statisticsOutput = ReportOutput.standardError

    /// Live blocks are printed at the end.
    var printsLeaks = false
    /// The exit status tells of them.
    var leaksChangeStatus = false
    /// Names of functions, joined with "+": blocks that these allocate are no leaks.
    var suppressedFunctions = Text.empty
    var leaksOutput = ReportOutput.standardError

    /// Live blocks that nothing refers to are printed at the end.
    var printsOrphans = false
    var orphansOutput = ReportOutput.standardError

    /// The path of a directory, in which blocks are counted in a file; empty for no record.
    var recordDirectory = Text.empty

    var records: Bool { !recordDirectory.isEmpty }
    /// Each block's stack is recorded.
    var recordsStacks: Bool { printsLeaks || printsOrphans || records }
    /// Each block is told of when it is made.
    var observesBlocks: Bool { recordsStacks || printsStatistics }
}
