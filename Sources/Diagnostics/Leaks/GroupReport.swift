// Blocks by the stack that allocated them, printed: the largest sum first, without those
// of functions that are suppressed.

import MIDLPlatform

enum GroupReport {
    private static let printedGroupLimit = 50

    /// Prints a line instead of a report; -1.
    static func complain(_ title: StaticString, _ cause: StaticString, to file: Int32) -> Int {
        var report = Report(to: file)
        report.add("libmidl_user: ")
        report.add(title)
        report.add(": ")
        report.add(cause)
        report.endLine()
        return -1
    }

    /// Prints the report; the blocks that are not suppressed, -1 without memory.
    static func print(
        _ title: StaticString, _ found: borrowing StackGroups, to file: Int32
    ) -> Int {
        guard var symbols = Symbols(), let groups = StackGroups() else {
            return complain(title, "no memory for the report", to: file)
        }
        found.forEach { symbols.add(StackTable.stack(StackID(number: $0.stack))) }
        symbols.lookUp()
        // The library has several ways to a block; the program has called it in one place.
        found.forEach { group in
            let stack = StackTable.stack(StackID(number: group.stack))
            let called = StackTable.intern(stack.without(symbols.ownFrameCount(stack)))
            groups.add(
                called == .none ? StackID(number: group.stack) : called,
                blockCount: group.blockCount, byteCount: group.byteCount)
        }
        let sums = suppress(groups, symbols)
        var report = Report(to: file)
        addHead(title, sums, &report)
        var printedCount = 0
        while printedCount < printedGroupLimit, let group = groups.nextLargest() {
            report.add("  ")
            addBlocks(group.blockCount, group.byteCount, &report)
            report.add(" allocated at\n")
            symbols.print(StackTable.stack(StackID(number: group.stack)), &report)
            printedCount += 1
        }
        if sums.groupCount > printedCount {
            report.add("  and ")
            report.add(sums.groupCount - printedCount, "smaller group")
            report.endLine()
        }
        return sums.blockCount
    }

    private struct Sums {
        var groupCount = 0
        var blockCount = 0
        var byteCount = 0
        var suppressedBlockCount = 0
    }

    /// Marks the groups that are suppressed.
    private static func suppress(
        _ groups: borrowing StackGroups, _ symbols: borrowing Symbols
    ) -> Sums {
        var sums = Sums()
        groups.forEach { group in
            if isSuppressed(StackTable.stack(StackID(number: group.stack)), symbols) {
                group.mark = 1
                sums.suppressedBlockCount += group.blockCount
            } else {
                sums.groupCount += 1
                sums.blockCount += group.blockCount
                sums.byteCount += group.byteCount
            }
        }
        return sums
    }

    private static func isSuppressed(_ stack: Stack, _ symbols: borrowing Symbols) -> Bool {
        var rest: Text? = unsafe Diagnostics.settings.suppressedFunctions
        while let names = rest {
            let (name, following) = names.split(at: 0x2B)
            rest = following
            if name.isEmpty { continue }
            for index in 0..<stack.count {
                // "name(int)" of C++ is "name", too.
                let function = symbols.function(callAt: stack[index] &- 1)
                if function == name || function.split(at: 0x28).0 == name { return true }
            }
        }
        return false
    }

    private static func addHead(_ title: StaticString, _ sums: Sums, _ report: inout Report) {
        report.add("libmidl_user: ")
        report.add(title)
        report.add(" of process ")
        report.add(Int(midl_process_number()))
        report.add(": ")
        if sums.blockCount == 0 { report.add("none") }
        if sums.blockCount > 0 {
            addBlocks(sums.blockCount, sums.byteCount, &report)
            report.add(" from ")
            report.add(sums.groupCount, "place")
        }
        if sums.suppressedBlockCount > 0 {
            report.add("; suppressed: ")
            report.add(sums.suppressedBlockCount, "block")
        }
        report.endLine()
    }

    private static func addBlocks(_ blockCount: Int, _ byteCount: Int, _ report: inout Report) {
        report.add(blockCount, "block")
        report.add(", ")
        report.add(byteCount, "byte")
    }
}
