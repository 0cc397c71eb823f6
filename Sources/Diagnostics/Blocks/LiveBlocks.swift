// The live blocks: of the heap, of its environments, and guarded ones. Those of malloc
// and of the program's own allocator are not known.
//
// Blocks of the heap that other threads allocate or free during a walk are seen or not.
// `body` must not allocate or free.

import MIDLPlatform
import MIDLShim

enum LiveBlocks {
    /// Who makes the pair's blocks, when they are not known.
    private static var stranger: StaticString? {
        if Diagnostics.isProgramsAllocatorChosen { return "the program's own allocator" }
        return unsafe Diagnostics.settings.allocator == .malloc ? "malloc" : nil
    }

    static var areKnown: Bool { stranger == nil }

    /// Prints that there is no report.
    static func complain(_ title: StaticString, to file: Int32) {
        var report = Report(to: file)
        report.add("libmidl_user: ")
        report.add(title)
        report.add(": not of blocks of ")
        report.add(stranger ?? "")
        report.endLine()
    }

    /// Runs `body`, a walk: under the registry's lock and the guard's. Fork takes these two in
    /// either order, so that whoever has the one does not wait for the other.
    static func withWalk<Result>(_ body: () -> Result) -> Result {
        while true {
            let result: Result? = Core.withLock(MIDL_LOCK_REGISTRY) {
                Guard.withLockIfFree(body)
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
