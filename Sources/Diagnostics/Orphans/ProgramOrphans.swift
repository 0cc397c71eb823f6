// The orphans of a whole program: live blocks of the pair that no global, thread-local,
// stack or register leads to, directly or by way of other blocks.
//
//     locks of the walk taken  ->  other threads parked  ->  walk  ->  threads go on  ->  report
//
// The locks come first, so that no parked thread holds them. Whoever allocates or frees
// a block at that moment has it in a register. Blocks of environments lead on, and are
// never orphans: they go with their environment.

import MIDLPlatform
import MIDLShim

struct ProgramWalk: ~Copyable {
    private let bounds: BlockBounds
    private var reach: Reach
    private var memory: ProcessMemory
    let groups: StackGroups
    private(set) var isComplete = false

    /// Nil without memory.
    init?(_ bounds: BlockBounds) {
        guard let reach = Reach(bounds), let groups = StackGroups(),
            var memory = ProcessMemory(bounds)
        else { return nil }
        // They are full of addresses of blocks.
        memory.exclude(from: reach.blocks.start, byteCount: reach.blocks.byteCount)
        let recording = Recording.memory
        memory.exclude(from: recording.start, byteCount: recording.byteCount)
        Core.withLock(MIDL_LOCK_REGISTRY) {
            Watch.forEach { watch in
                watch.forEachTable { memory.exclude(from: $0, byteCount: $1) }
            }
        }
        self.bounds = bounds
        self.reach = reach
        self.memory = memory
        self.groups = groups
    }

    /// While the other threads are parked, and the locks of the heap are taken.
    mutating func run(_ stackPointers: UnsafePointer<UInt>, _ count: Int) {
        let isRead = unsafe memory.forEachAddress(stackPointers, count) { reach.add(blockOf: $0) }
        guard isRead else { return }
        LiveBlocks.forEach(in: bounds) { block in
            if block.is_of_environment { reach.add(blockOf: block.start) }
        }
        reach.close()
        if reach.isShort { return }
        LiveBlocks.forEach(in: bounds) { block in
            if block.is_of_environment || reach.blocks.contains(block.start) { return }
            groups.add(LiveBlocks.stack(ofBlockAt: block.start), byteCount: block.byte_count)
        }
        isComplete = true
    }
}

enum ProgramOrphans {
    /// The walk that is going on; under the registry's lock.
    private nonisolated(unsafe) static var current: UnsafeMutablePointer<ProgramWalk>?

    /// Has the report made when the process ends, or the record completed.
    static func schedule() {
        midl_at_exit {
            let output =
                unsafe Diagnostics.settings.records ? .record : Diagnostics.settings.orphansOutput
            if !LiveBlocks.areKnown { return LiveBlocks.complain("orphans", to: output) }
            if output.form == .record, unsafe Record.current == nil { return }
            _ = ProgramOrphans.print(to: output)
        }
    }

    /// Prints the report; the blocks that are not suppressed, -1 when it cannot be made.
    static func print(to output: ReportOutput) -> Int {
        var call = Call(output: output)
        unsafe withUnsafeMutablePointer(to: &call) { call in
            unsafe midl_with_registers_saved(
                { context, stackPointer in
                    let call = unsafe context.assumingMemoryBound(to: Call.self)
                    unsafe call.pointee.result = ProgramOrphans.print(
                        to: call.pointee.output, stackPointer)
                }, call)
        }
        return call.result
    }

    /// From here on the stack is the report's own, and no root.
    private struct Call {
        let output: ReportOutput
        var result = 0
    }

    private static func print(to output: ReportOutput, _ stackPointer: UInt) -> Int {
        guard var walk = ProgramWalk(BlockBounds()) else {
            return output.complain("orphans", "no memory for the report")
        }
        let stackPointer = max(stackPointer, midl_stack_pointer_after_main())
        let isParked = unsafe withUnsafeMutablePointer(to: &walk) { unsafe run($0, stackPointer) }
        if !isParked { return output.complain("orphans", "a thread cannot be stopped") }
        if !walk.isComplete {
            return output.complain("orphans", "no memory, or /proc is not there")
        }
        if output.form == .record { return Record.keepOrphans(walk.groups) }
        return GroupReport.print("orphans", walk.groups, to: output)
    }

    private static func run(
        _ walk: UnsafeMutablePointer<ProgramWalk>, _ stackPointer: UInt
    ) -> Bool {
        LiveBlocks.withWalk {
            Core.withLock(MIDL_LOCK_POOL) {
                unsafe current = walk
                return unsafe midl_with_threads_parked(stackPointer) { stackPointers, count in
                    // The locks are this thread's.
                    unsafe Core.isCopy = true
                    unsafe ProgramOrphans.current?.pointee.run(stackPointers, count)
                    unsafe Core.isCopy = false
                }
            }
        }
    }
}
