// What the guard has found: one line that says what happened to which block, then the
// stacks of the access, the allocation and the free.

import MIDLPlatform
import Synchronization

enum GuardReport {
    enum Misuse { case foreign, interior, freedTwice, overwritten, sizeAfterFree }

    /// One report at a time; the process ends after the first.
    private static let isReporting = Atomic<Bool>(false)
    private static let hasComplained = Atomic<Bool>(false)
    private static let hasToldOfHandler = Atomic<Bool>(false)

    private static func begin() {
        while isReporting.exchange(true, ordering: .acquiring) { midl_wait() }
    }

    // MARK: Faults

    static func report(_ fault: midl_fault, _ block: GuardRecord?) {
        begin()
        var report = Report()
        report.add("libmidl_user: ")
        addKind(fault, block, &report)
        report.add(": ")
        switch fault.access {
        case MIDL_READ: report.add("read")
        case MIDL_WRITE: report.add("write")
        default: report.add("access")
        }
        report.add(" at ")
        report.add(address: fault.address)
        addPlace(of: fault.address, block, &report)
        printStacks("access", stack(of: fault), block, &report)
    }

    private static func addKind(
        _ fault: midl_fault, _ block: GuardRecord?, _ report: inout Report
    ) {
        guard let block else { return report.add("access to no block") }
        if block.state == .freed {
            report.add("use after free")
        } else {
            report.add(fault.address < block.start ? "underflow" : "overflow")
        }
    }

    /// The stack of the thread from the faulting instruction on.
    private static func stack(of fault: midl_fault) -> Stack {
        let all = Stack.capture()
        var stack = Stack()
        // Symbols looks at the byte before: that is for return addresses.
        stack[0] = fault.program_counter + 1
        var index = 0
        while index < all.count && all[index] != fault.program_counter { index += 1 }
        while index + 1 < all.count {
            index += 1
            stack[stack.count] = all[index]
        }
        return stack
    }

    // MARK: Misuse

    /// Reports a pointer that was passed, or an address that was written to, and ends the program.
    static func stop(_ misuse: Misuse, _ address: UInt, _ block: GuardRecord?) -> Never {
        begin()
        var report = Report()
        report.add("libmidl_user: ")
        switch misuse {
        case .foreign: report.add("foreign pointer: ")
        case .interior: report.add("pointer inside a block: ")
        case .freedTwice: report.add("freed twice: ")
        case .overwritten:
            report.add(address < block?.start ?? 0 ? "underflow" : "overflow")
            report.add(", seen at the free: write at ")
        case .sizeAfterFree: report.add("size after free: ")
        }
        report.add(address: address)
        if misuse == .foreign {
            report.add(" did not come from midl_user_allocate; ")
            report.add("give it back to the allocator that made it")
        }
        addPlace(of: address, block, &report)
        printStacks("call", Stack.capture(), block, &report)
        report.write()
        midl_abort()
    }

    /// Says once that no more blocks are guarded, and why.
    static func isShort(_ what: StaticString) {
        if hasComplained.exchange(true, ordering: .relaxed) { return }
        var report = Report()
        report.add("libmidl_user: guard: short ")
        report.add(what)
        report.add("; blocks of the heap take the place of guarded ones\n")
    }

    /// Says once that the program has set a handler in the guard's place.
    static func hasLostFaults() {
        if hasToldOfHandler.exchange(true, ordering: .relaxed) { return }
        var report = Report()
        report.add("libmidl_user: guard: the program has a handler of SIGSEGV of its own; ")
        report.add("faults are reported only where it passes them on\n")
    }

    // MARK: Parts

    /// Where an address is, seen from a block.
    private static func addPlace(
        of address: UInt, _ block: GuardRecord?, _ report: inout Report
    ) {
        guard let block else { return report.endLine() }
        report.add(", ")
        if address < block.start {
            report.add(Int(block.start - address), "byte")
            report.add(" before the start of")
        } else if address >= block.end {
            report.add(Int(address - block.end), "byte")
            report.add(" behind the end of")
        } else {
            report.add(Int(address - block.start), "byte")
            report.add(" into")
        }
        report.add(" a block of ")
        report.add(block.byteCount, "byte")
        report.add(" at ")
        report.add(address: block.start)
        report.endLine()
        // What follows takes time.
        report.write()
    }

    private static func printStacks(
        _ name: StaticString, _ stack: Stack, _ block: GuardRecord?, _ report: inout Report
    ) {
        guard var symbols = Symbols() else {
            return report.add("  (no memory for its stacks)\n")
        }
        symbols.add(stack)
        let allocation = StackTable.stack(block?.allocationStack ?? .none)
        let free = StackTable.stack(block?.freeStack ?? .none)
        symbols.add(allocation)
        symbols.add(free)
        symbols.lookUp()
        addHeading(name, midl_thread_number(), &report)
        symbols.print(stack, &report)
        guard let block else { return }
        addHeading("allocation", block.allocationThread, &report)
        symbols.print(allocation, &report)
        if block.state != .freed { return }
        addHeading("free", block.freeThread, &report)
        symbols.print(free, &report)
    }

    private static func addHeading(
        _ name: StaticString, _ thread: UInt32, _ report: inout Report
    ) {
        report.add("  ")
        report.add(name)
        report.add(", thread ")
        report.add(Int(thread))
        report.add(":\n")
    }
}
