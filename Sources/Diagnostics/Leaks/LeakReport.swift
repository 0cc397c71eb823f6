// Leaks: the blocks of the pair that are live, by the stack that allocated them, the
// largest first. Blocks of environments are none: they go with their environment.

import MIDLPlatform
import MIDLShim

enum LeakReport {
    /// What an exit is changed to by `leaks=status`, as LeakSanitizer does.
    private static let statusOfLeaks: Int32 = 23

    /// Has the report made when the process ends.
    static func schedule() {
        midl_at_exit {
            let output = unsafe Diagnostics.settings.leaksOutput
            if !LiveBlocks.areKnown { return LiveBlocks.complain("leaks", to: output) }
            let leaks = LeakReport.print(to: output)
            if leaks > 0, unsafe Diagnostics.settings.leaksChangeStatus {
                midl_end_now(LeakReport.statusOfLeaks)
            }
        }
    }

    /// Prints the report; the blocks that are not suppressed, -1 without memory.
    static func print(to output: ReportOutput) -> Int {
        guard let groups = StackGroups() else {
            return output.complain("leaks", "no memory for the report")
        }
        let bounds = BlockBounds()
        LiveBlocks.withWalk {
            LiveBlocks.forEach(in: bounds) { block in
                if block.is_of_environment { return }
                groups.add(LiveBlocks.stack(ofBlockAt: block.start), byteCount: block.byte_count)
            }
        }
        return GroupReport.print("leaks", groups, to: output)
    }
}
