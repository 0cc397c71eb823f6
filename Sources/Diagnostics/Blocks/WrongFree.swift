// The stacks of a free that the heap is about to refuse: of the call, and of the
// allocation. The heap then ends the program with a line that says what is wrong.

import MIDLPlatform
import MIDLShim

enum WrongFree {
    /// Before a pointer is freed, with stacks recorded.
    static func check(_ pointer: UnsafeMutableRawPointer) {
        let address = UInt(bitPattern: pointer)
        if Core.byteCount(ofBlockAt: address) != nil { return }
        if isTheHeaps(address) { report(address, isInHeap(address)) }
    }

    /// Whether the heap reports the free of an address where no block starts; else the guard does.
    static func isTheHeaps(_ address: UInt) -> Bool {
        Guard.bounds.byteCount == 0 || isInHeap(address)
    }

    private static func isInHeap(_ address: UInt) -> Bool {
        let figures = Core.figures
        return address &- UInt(figures.start) < UInt(figures.region_byte_count)
    }

    private static func report(_ address: UInt, _ isOfHeap: Bool) {
        guard var symbols = Symbols() else { return }
        let call = Stack.capture()
        let block = Core.withLock(MIDL_LOCK_POOL) { HeapBlocks.holding(address) }
        let allocation =
            isOfHeap
            ? StackTable.stack(Recording.stack(ofBlockAt: block?.start ?? address)) : Stack()
        symbols.add(call)
        symbols.add(allocation)
        symbols.lookUp()
        var report = Report()
        report.add("libmidl_user: free of ")
        report.add(address: address)
        report.add(", where no block starts\n  call, thread ")
        report.add(Int(midl_thread_number()))
        report.add(":\n")
        symbols.print(call, &report)
        if allocation.count == 0 { return }
        report.add(block == nil ? "  last allocation there:\n" : "  allocation:\n")
        symbols.print(allocation, &report)
    }
}
