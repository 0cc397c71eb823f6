// The live blocks: of the heap, of its environments, and guarded ones. Those of malloc
// and of the program's own allocator are not known.
//
// Blocks of the heap that other threads allocate or free during a walk are seen or not.
// `body` must not allocate or free.

import MIDLPlatform
import MIDLShim

enum LiveBlocks {
    static var areKnown: Bool {
        unsafe Diagnostics.settings.allocator != .malloc
            && !Diagnostics.isProgramsAllocatorChosen
    }

    /// Prints whose blocks are not known.
    static func complain(_ title: StaticString, to output: ReportOutput) {
        _ = output.complain(
            title,
            Diagnostics.isProgramsAllocatorChosen
                ? "not of blocks of the program's own allocator" : "not of blocks of malloc")
    }

    /// Runs `body`, a walk: under the registry's lock, the guard's, and that of described blocks. Fork
    /// takes them in any order, so that whoever has one does not wait for another. What is read in the
    /// walk may have no value yet, which is no fault.
    static func withWalk<Result>(_ body: () -> Result) -> Result {
        if unsafe Described.isOn { midl_silence_tool(true) }
        defer { if unsafe Described.isOn { midl_silence_tool(false) } }
        while true {
            let result: Result? = Core.withLock(MIDL_LOCK_REGISTRY) {
                Guard.withLockIfFree { SeparateBlocks.withDescribedIfFree(body) } ?? nil
            }
            if let result { return result }
            midl_wait()
        }
    }

    /// Calls `body` with each live block. In a walk.
    static func forEach(in bounds: BlockBounds, _ body: (midl_block) -> Void) {
        HeapBlocks.forEachSpan(from: bounds.start) { HeapBlocks.forEach(in: $0, body) }
        Guard.forEachLiveBlock(body)
    }

    /// The live block that an address is in; nil when it is in none. In a walk, under the pool's
    /// lock.
    static func holding(_ address: UInt) -> midl_block? {
        if !Guard.contains(address) { return HeapBlocks.holding(address) }
        return unsafe Guard.liveRecord(holding: address)?.pointee.block
    }

    /// The stack that has allocated a live block; none when it is not known.
    static func stack(ofBlockAt address: UInt) -> StackID {
        if !Guard.contains(address) { return Recording.stack(ofBlockAt: address) }
        return unsafe Guard.liveRecord(at: address)?.pointee.allocationStack ?? .none
    }
}
