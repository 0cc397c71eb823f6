// The start of the diagnostics, which the library calls.

import MIDLShim

/// See midl_core.h.
@_cdecl("midl_diagnostics_start") @implementation
public func midl_diagnostics_start(
    _ core: UnsafePointer<midl_core>, _ choices: UnsafePointer<CChar>?,
    _ diagnostics: UnsafeMutablePointer<midl_diagnostics>
) -> Bool {
    guard unsafe core.pointee.version == UInt32(MIDL_CORE_VERSION) else { return false }
    var settings = unsafe Settings(parsing: Text(choices).kept)
    let isWatched = unsafe choices == nil && midl_watching_tool() != MIDL_NO_TOOL
    if isWatched { settings.allocator = .malloc }
    unsafe Diagnostics.start(core, settings, diagnostics)
    unsafe diagnostics.pointee = midl_diagnostics()
    unsafe diagnostics.pointee.has_chosen_allocator = settings.allocator != .unnamed && !isWatched
    unsafe diagnostics.pointee.report = { unsafe OnDemand.report(Text($0), to: $1) }
    unsafe OrphanCalls.add(to: &diagnostics.pointee)
    unsafe diagnostics.pointee.statistics = { unsafe Statistics.fill($0) }
    if settings.printsStatistics { StatisticsReport.schedule() }
    scheduleReportsOfBlocks(settings)
    switch settings.allocator {
    case .unnamed, .heap:
        if settings.describesBlocks && midl_watching_tool() != MIDL_NO_TOOL && Described.start() {
            unsafe diagnostics.pointee.allocator = Described.table
            unsafe diagnostics.pointee.environment_blocks = SeparateBlocks.table
        } else if let table = Observer.table(settings) {
            unsafe diagnostics.pointee.allocator = table
        }
    case .malloc:
        guard MallocAllocator.start() else { return false }
        unsafe diagnostics.pointee.allocator = MallocAllocator.table
        unsafe diagnostics.pointee.environment_blocks = SeparateBlocks.table
    case .guard:
        if Guard.start() {
            unsafe diagnostics.pointee.allocator = Guard.table(settings)
            if settings.guardPeriod == 1 && Guard.startForEnvironments() {
                unsafe diagnostics.pointee.environment_blocks = SeparateBlocks.table
            }
        } else {
            GuardReport.isShort("of address space")
        }
    }
    return true
}

private func scheduleReportsOfBlocks(_ settings: Settings) {
    // What is registered last runs first.
    if settings.printsLeaks || settings.printsOrphans {
        if settings.allocator == .malloc {
            LiveBlocks.complain("leaks, orphans", to: .standardError)
        } else {
            if settings.printsLeaks { LeakReport.schedule() }
            if settings.printsOrphans { ProgramOrphans.schedule() }
        }
    }
    guard settings.records else { return }
    if settings.allocator == .malloc {
        _ = ReportOutput.standardError.complain("record", "not of malloc")
    } else {
        Record.start()
    }
}
