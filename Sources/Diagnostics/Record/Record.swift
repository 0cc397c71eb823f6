// The record of a process (midl_record.h): blocks are counted as they are made and freed,
// by size and by the stack that made them, in a file that midl-memory reads meanwhile.
//
//     blocks made, freed --> counts, in the file <-- midl-memory
//
// The child of a fork is not recorded: the file is its parent's.

import MIDLPlatform
import MIDLShim

enum Record {
    /// Holds the record's address; 0 in the child of a fork.
    private nonisolated(unsafe) static var word: UnsafeMutablePointer<UInt>?

    static var current: UnsafeMutablePointer<midl_record>? {
        guard let word = unsafe word else { return nil }
        return unsafe UnsafeMutablePointer(bitPattern: word.pointee)
    }

    /// Makes the record, before the first block; without it the process goes on.
    static func start() {
        let directory = unsafe Diagnostics.settings.recordDirectory
        guard let word = unsafe midl_make_forgotten_word(),
            let record = unsafe midl_make_record(pointer(directory.start), directory.byteCount)
        else {
            _ = ReportOutput.standardError.complain("record", "its file cannot be made")
            return
        }
        unsafe word.pointee = UInt(bitPattern: record)
        unsafe Record.word = word
        midl_at_exit { Record.answer(always: true) }
    }

    // MARK: Blocks

    static func made(byteCount: Int, _ stack: StackID) {
        unsafe count(byteCount, stack) { counts in unsafe midl_count_made(counts, byteCount) }
    }

    static func freed(byteCount: Int, _ stack: StackID) {
        unsafe count(byteCount, stack) { counts in unsafe midl_count_freed(counts, byteCount) }
    }

    /// Changes the counts that a block is in: of all, of its size and of its site.
    private static func count(
        _ byteCount: Int, _ stack: StackID,
        _ change: (UnsafeMutablePointer<midl_record_counts>) -> Void
    ) {
        guard let record = unsafe current else { return }
        unsafe change(&record.pointee.all)
        unsafe change(sizeClass(byteCount, record))
        unsafe change(&RecordSites.site(of: stack, record).pointee.counts)
        answer(always: false)
    }

    /// A block of the heap, whose stack is recorded.
    static func made(_ block: UnsafeMutableRawPointer) {
        let address = UInt(bitPattern: block)
        made(
            byteCount: Core.byteCount(ofBlockAt: address) ?? 0,
            Recording.stack(ofBlockAt: address))
    }

    /// Any pointer, before the heap frees it, or ends the program for it.
    static func freed(_ pointer: UnsafeMutableRawPointer) {
        let address = UInt(bitPattern: pointer)
        guard let byteCount = Core.byteCount(ofBlockAt: address) else {
            if WrongFree.isTheHeaps(address) { misused(address) }
            return
        }
        freed(byteCount: byteCount, Recording.stack(ofBlockAt: address))
    }

    private static func sizeClass(
        _ byteCount: Int, _ record: UnsafeMutablePointer<midl_record>
    ) -> UnsafeMutablePointer<midl_record_counts> {
        let index = max(1, (byteCount + 15) >> 4)
        return unsafe midl_record_class(record, index < Int(MIDL_RECORD_CLASS_LIMIT) ? index : 0)
    }

    private static func misused(_ address: UInt) {
        guard let record = unsafe current, unsafe record.pointee.has_misuse == 0 else { return }
        unsafe record.pointee.misused_pointer = address
        unsafe RecordSites.fill(midl_record_misuse(record), Stack.capture(), record)
        unsafe record.pointee.has_misuse = 1
    }

    // MARK: Figures of the heap, when they are asked for, and at the end

    private static func answer(always: Bool) {
        guard let record = unsafe current else { return }
        let request = unsafe record.pointee.requested
        guard unsafe always || request != record.pointee.answered else { return }
        let figures = Core.figures
        unsafe record.pointee.used_byte_count = figures.used_byte_count
        unsafe record.pointee.peak_used_byte_count = figures.peak_used_byte_count
        unsafe record.pointee.returned_byte_count = figures.returned_byte_count
        unsafe record.pointee.answered = request
    }

    // MARK: Reports

    /// Keeps what the diagnostics print, as far as there is room.
    static func keep(_ bytes: UnsafeRawPointer, byteCount: Int) {
        guard let record = unsafe current else { return }
        let start = unsafe record.pointee.text_byte_count
        let count = min(byteCount, Int(MIDL_RECORD_TEXT_LIMIT) - start)
        guard count > 0 else { return }
        unsafe UnsafeMutableRawPointer(midl_record_text(record)).advanced(by: start)
            .copyMemory(from: bytes, byteCount: count)
        unsafe record.pointee.text_byte_count = start + count
    }

    /// Writes down the orphans that were found.
    static func keepOrphans(_ groups: borrowing StackGroups) -> Int {
        guard let record = unsafe current else { return -1 }
        groups.forEach { group in
            let site = unsafe RecordSites.site(of: StackID(number: group.stack), record)
            unsafe site.pointee.orphan_block_count += group.blockCount
            unsafe site.pointee.orphan_byte_count += group.byteCount
        }
        unsafe record.pointee.orphans = Int(MIDL_ORPHANS_COUNTED.rawValue)
        return 0
    }
}
