// Blocks by the stack that allocated them, printed: the largest sum first, without those
// of functions that are suppressed.

import MIDLPlatform
import MIDLShim

enum GroupReport {
    private static let printedGroupLimit = 50

    /// Prints the report; the blocks that are not suppressed, -1 without memory.
    static func print(
        _ title: StaticString, _ groups: borrowing StackGroups, to output: ReportOutput
    ) -> Int {
        guard var symbols = Symbols() else {
            return output.complain(title, "no memory for the report")
        }
        groups.forEach { symbols.add(StackTable.stack(StackID(number: $0.stack))) }
        symbols.lookUp()
        guard let groups = join(groups, symbols) else {
            return output.complain(title, "no memory for the report")
        }
        let sums = suppress(groups, symbols)
        let result = output.withFile(title) { file in
            var report = Report(to: file)
            if output.form == .json {
                addJSON(title, sums, groups, symbols, &report)
            } else {
                addText(title, sums, groups, symbols, &report)
            }
            return 0
        }
        return result < 0 ? result : sums.blockCount
    }

    /// Groups by the calls of the program: the first block of a thread takes another way through the
    /// library. Nil without memory.
    private static func join(
        _ groups: borrowing StackGroups, _ symbols: borrowing Symbols
    ) -> StackGroups? {
        guard let joined = StackGroups() else { return nil }
        groups.forEach { group in
            let stack = StackID(number: group.stack)
            let outside = StackTable.intern(symbols.withoutLibrary(StackTable.stack(stack)))
            joined.add(
                outside == .none ? stack : outside, blockCount: group.blockCount,
                byteCount: group.byteCount)
        }
        return joined
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

    // MARK: For a person

    private static func addText(
        _ title: StaticString, _ sums: Sums, _ groups: borrowing StackGroups,
        _ symbols: borrowing Symbols, _ report: inout Report
    ) {
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

    // MARK: For a program

    private static func addJSON(
        _ title: StaticString, _ sums: Sums, _ groups: borrowing StackGroups,
        _ symbols: borrowing Symbols, _ report: inout Report
    ) {
        report.add("{\"report\": \"")
        report.add(title)
        report.add("\", \"version\": ")
        report.add(Int(MIDL_MEMORY_VERSION))
        report.add(", \"process\": ")
        report.add(Int(midl_process_number()))
        addCounts(sums.blockCount, sums.byteCount, &report)
        report.add(", \"suppressed_block_count\": ")
        report.add(sums.suppressedBlockCount)
        report.add(", \"groups\": [")
        var isFirst = true
        while let group = groups.nextLargest() {
            report.add(isFirst ? "{\"stack\": " : ", {\"stack\": ")
            isFirst = false
            symbols.printJSON(StackTable.stack(StackID(number: group.stack)), &report)
            addCounts(group.blockCount, group.byteCount, &report)
            report.add("}")
        }
        report.add("]}\n")
    }

    private static func addCounts(_ blockCount: Int, _ byteCount: Int, _ report: inout Report) {
        report.add(", \"block_count\": ")
        report.add(blockCount)
        report.add(", \"byte_count\": ")
        report.add(byteCount)
    }
}
