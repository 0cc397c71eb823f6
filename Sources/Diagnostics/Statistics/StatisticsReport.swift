// Statistics as text: for a person, and as one line of JSON for a program.

import MIDLPlatform
import MIDLShim

enum StatisticsReport {
    /// Has the report made at the end of the process, or on the signal of the settings.
    static func schedule() {
        let signal = unsafe Diagnostics.settings.statisticsSignal
        if signal == 0 { return midl_at_exit { StatisticsReport.print() } }
        // In a copy of the process: the thread may be in the middle of anything, locks held.
        midl_on_signal(Int32(signal)) {
            midl_in_copy {
                unsafe Core.isCopy = true
                StatisticsReport.print()
            }
        }
    }

    static func print() {
        let output = unsafe Diagnostics.settings.statisticsOutput
        _ = output.withFile("stats") { file in
            guard let statistics = Statistics() else {
                return output.complain("stats", "no memory")
            }
            var report = Report(to: file)
            if output.form == .json {
                addJSON(statistics, &report)
            } else {
                add(statistics, &report)
            }
            return 0
        }
    }

    // MARK: For a person

    private static func add(_ statistics: borrowing Statistics, _ report: inout Report) {
        let all = unsafe statistics.all.pointee
        report.add("libmidl_user: statistics of process ")
        report.add(Int(midl_process_number()))
        report.add("\n  live          ")
        addBlocks(all.live_block_count, all.live_byte_count, &report)
        if all.allocation_count > 0 {
            report.add("; at most ")
            addBlocks(all.peak_live_block_count, all.peak_live_byte_count, &report)
            report.add("; ")
            report.add(all.allocation_count, "allocation")
        }
        if all.other_block_count > 0 {
            report.add("\n  of these      ")
            addBlocks(all.other_block_count, all.other_byte_count, &report)
            report.add(unsafe Diagnostics.settings.allocator == .malloc ? " of malloc" : " guarded")
        }
        if Diagnostics.isProgramsAllocatorChosen {
            report.add("\n  not of blocks of the program's own allocator")
        }
        report.add("\n  environments  ")
        report.add(all.environment_count)
        report.add(" (at most ")
        report.add(all.peak_environment_count)
        report.add("), ")
        addBlocks(all.environment_block_count, all.environment_byte_count, &report)
        report.add(" in chunks of ")
        addKiB(all.chunk_byte_count, &report)
        report.add("; kept chunks ")
        addKiB(all.kept_chunk_byte_count, &report)
        report.add("\n  pages         used ")
        addKiB(all.used_byte_count, &report)
        report.add(" (at most ")
        addKiB(all.peak_used_byte_count, &report)
        report.add("), free ")
        addKiB(all.free_byte_count, &report)
        report.add(" of which kept ")
        addKiB(all.dirty_byte_count, &report)
        report.add(", returned so far ")
        addKiB(all.returned_byte_count, &report)
        report.endLine()
        addClasses(statistics, all.class_count, &report)
        addCaches(statistics, all.cache_count, &report)
    }

    private static func addBlocks(_ count: Int, _ byteCount: Int, _ report: inout Report) {
        report.add(count, "block")
        report.add(", ")
        report.add(byteCount, "byte")
    }

    private static func addKiB(_ byteCount: Int, _ report: inout Report) {
        report.add(byteCount >> 10)
        report.add(" KiB")
    }

    private static func addClasses(
        _ statistics: borrowing Statistics, _ count: Int, _ report: inout Report
    ) {
        report.add("  size class    live blocks       bytes   in spans\n")
        var (emptyCount, emptyByteCount) = (0, 0)
        for index in 0..<count {
            let entry = unsafe statistics.sizeClass(index).pointee
            if entry.live_block_count == 0 {
                emptyCount += 1
                emptyByteCount += entry.slab_byte_count
                continue
            }
            if entry.block_byte_count == 0 {
                report.add("       large")
            } else {
                report.add(entry.block_byte_count, width: 12)
            }
            report.add(entry.live_block_count, width: 15)
            report.add(entry.live_byte_count, width: 12)
            report.add(entry.slab_byte_count >> 10, width: 7)
            report.add(" KiB\n")
        }
        if emptyCount == 0 { return }
        report.add(emptyCount, width: 6)
        report.add(" other              0           0")
        report.add(emptyByteCount >> 10, width: 7)
        report.add(" KiB\n")
    }

    private static func addCaches(
        _ statistics: borrowing Statistics, _ count: Int, _ report: inout Report
    ) {
        report.add("  thread cache   free blocks    slabs   kept chunks\n")
        for index in 0..<min(count, Int(MIDL_MEMORY_CACHE_LIMIT)) {
            let cache = unsafe statistics.cache(index).pointee
            report.add(index + 1, width: 8)
            report.add(cache.has_thread != 0 ? "        " : " (idle) ")
            report.add(cache.cached_block_count, width: 11)
            report.add(cache.slab_byte_count >> 10, width: 7)
            report.add(" KiB")
            report.add(cache.kept_chunk_byte_count >> 10, width: 8)
            report.add(" KiB\n")
        }
        if count > Int(MIDL_MEMORY_CACHE_LIMIT) {
            report.add("  ... of ")
            report.add(count, "cache")
            report.endLine()
        }
    }

    // MARK: For a program

    private static func addJSON(_ statistics: borrowing Statistics, _ report: inout Report) {
        let all = unsafe statistics.all.pointee
        report.add("{")
        var isFirst = true
        func add(_ name: StaticString, _ value: Int) {
            if !isFirst { report.add(", ") }
            isFirst = false
            report.add("\"")
            report.add(name)
            report.add("\": ")
            report.add(value)
        }
        add("version", all.version)
        add("process", Int(midl_process_number()))
        add("live_block_count", all.live_block_count)
        add("live_byte_count", all.live_byte_count)
        add("peak_live_block_count", all.peak_live_block_count)
        add("peak_live_byte_count", all.peak_live_byte_count)
        add("allocation_count", all.allocation_count)
        add("other_block_count", all.other_block_count)
        add("other_byte_count", all.other_byte_count)
        add("environment_count", all.environment_count)
        add("peak_environment_count", all.peak_environment_count)
        add("environment_block_count", all.environment_block_count)
        add("environment_byte_count", all.environment_byte_count)
        add("chunk_byte_count", all.chunk_byte_count)
        add("kept_chunk_byte_count", all.kept_chunk_byte_count)
        add("used_byte_count", all.used_byte_count)
        add("peak_used_byte_count", all.peak_used_byte_count)
        add("free_byte_count", all.free_byte_count)
        add("dirty_byte_count", all.dirty_byte_count)
        add("returned_byte_count", all.returned_byte_count)
        add("cache_count", all.cache_count)
        report.add(", \"classes\": [")
        for index in 0..<all.class_count {
            let entry = unsafe statistics.sizeClass(index).pointee
            report.add(index == 0 ? "{" : ", {")
            isFirst = true
            add("block_byte_count", entry.block_byte_count)
            add("live_block_count", entry.live_block_count)
            add("live_byte_count", entry.live_byte_count)
            add("slab_byte_count", entry.slab_byte_count)
            report.add("}")
        }
        report.add("], \"caches\": [")
        for index in 0..<min(all.cache_count, Int(MIDL_MEMORY_CACHE_LIMIT)) {
            let cache = unsafe statistics.cache(index).pointee
            report.add(index == 0 ? "{" : ", {")
            isFirst = true
            add("has_thread", cache.has_thread)
            add("cached_block_count", cache.cached_block_count)
            add("slab_byte_count", cache.slab_byte_count)
            add("kept_chunk_byte_count", cache.kept_chunk_byte_count)
            report.add("}")
        }
        report.add("]}\n")
    }
}
