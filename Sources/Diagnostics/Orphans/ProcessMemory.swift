// The memory of the process in which pointers to blocks may stand, the heap aside:
// globals, thread-locals, stacks, registers, other allocators' memory.
//
//     all writable mappings
//       - the heap's and the guard's regions   blocks are entered when they are reached
//       - the heap's records, and the diagnostics' own tables
//       - of each stack what is below its stack pointer
//       - the slots of magazines       free blocks, and what was free before
//
// Left out is only what is known for certain to be none of the program's.

import MIDLPlatform
import MIDLShim

struct ProcessMemory: ~Copyable {
    private static let mappingLimit = 1 << 16
    private static let bufferByteCount = 64 << 10
    private static let exclusionLimit = 1 << 13

    private var memory: Mapping
    private let bounds: BlockBounds
    private let mappings: UInt
    private let buffer: UInt
    private let exclusions: UInt
    private var exclusionCount = 0

    /// Nil without memory.
    init?(_ bounds: BlockBounds) {
        let mappingBytes = ProcessMemory.mappingLimit * MemoryLayout<midl_mapping>.stride
        let exclusionBytes = ProcessMemory.exclusionLimit * 16
        guard
            var memory = Mapping(
                byteCount: mappingBytes + exclusionBytes + ProcessMemory.bufferByteCount),
            let mappings = memory.cut(byteCount: mappingBytes),
            let exclusions = memory.cut(byteCount: exclusionBytes),
            let buffer = memory.cut(byteCount: ProcessMemory.bufferByteCount)
        else { return nil }
        self.bounds = bounds
        self.mappings = mappings
        self.exclusions = exclusions
        self.buffer = buffer
        self.memory = memory
        exclude(from: self.memory.start, byteCount: self.memory.byteCount)
        let heapEnd = bounds.start + bounds.byteCount
        exclude(from: bounds.tagsStart, byteCount: Int(heapEnd - bounds.tagsStart))
        exclude(from: bounds.recordsStart, byteCount: bounds.recordsByteCount)
        let guarded = Guard.bounds
        exclude(from: guarded.start, byteCount: Int(guarded.byteCount))
        let records = Guard.recordMemory
        exclude(from: records.start, byteCount: records.byteCount)
        let owned = SeparateBlocks.memory
        exclude(from: owned.start, byteCount: owned.byteCount)
    }

    mutating func exclude(from start: UInt, byteCount: Int) {
        if exclusionCount == ProcessMemory.exclusionLimit || byteCount == 0 { return }
        let place = unsafe words(exclusions, exclusionCount * 2)
        unsafe place[0] = start
        unsafe place[1] = start + UInt(byteCount)
        exclusionCount += 1
    }

    private func words(_ start: UInt, _ index: Int) -> UnsafeMutablePointer<UInt> {
        unsafe UnsafeMutablePointer(bitPattern: start + UInt(index) * 8).unsafelyUnwrapped
    }

    private func mapping(_ index: Int) -> midl_mapping {
        unsafe UnsafePointer<midl_mapping>(bitPattern: mappings).unsafelyUnwrapped[index]
    }

    /// Calls `body` with each address that stands there and may be a block's; false when memory cannot be
    /// read. All other threads are parked.
    mutating func forEachAddress(
        _ stackPointers: UnsafePointer<UInt>, _ count: Int, _ body: (UInt) -> Void
    ) -> Bool {
        let mappingCount = unsafe midl_read_mappings(
            UnsafeMutablePointer(bitPattern: mappings).unsafelyUnwrapped,
            ProcessMemory.mappingLimit)
        guard mappingCount > 0, midl_open_memory() else { return false }
        for index in 0..<count {
            unsafe excludeDeadPart(ofStackWith: stackPointers[index], mappingCount)
        }
        for index in 0..<mappingCount where mapping(index).is_writable {
            visit(from: mapping(index).start, to: mapping(index).end, body)
        }
        midl_close_memory()
        return true
    }

    /// What is below the stack pointer: of the main thread's stack, and of one that starts behind a
    /// guard page.
    private mutating func excludeDeadPart(ofStackWith stackPointer: UInt, _ mappingCount: Int) {
        for index in 1..<mappingCount {
            let (stack, below) = (mapping(index), mapping(index - 1))
            if stackPointer < stack.start || stackPointer >= stack.end { continue }
            let isStack = stack.is_main_stack || below.is_closed && below.end == stack.start
            let dead = Int(stackPointer - stack.start)
            if isStack && dead > 0 { exclude(from: stack.start, byteCount: dead) }
        }
    }

    // MARK: A mapping in pieces

    private func visit(from start: UInt, to end: UInt, _ body: (UInt) -> Void) {
        var cursor = start
        while cursor < end {
            let (next, limit) = included(from: cursor, to: end)
            cursor = next
            if cursor >= end { return }
            cursor = midl_next_touched(cursor, limit)
            if cursor >= limit { continue }
            // Up to a whole page, so that a page that is not there costs no others.
            let byteCount = min(
                limit - cursor, UInt(ProcessMemory.bufferByteCount) - (cursor & 4095))
            let got = unsafe midl_read_memory(cursor, pointer(buffer), Int(byteCount))
            if got <= 0 {
                cursor = (cursor & ~4095) + 4096
                continue
            }
            scan(cursor, Int(got), body)
            cursor += UInt(got)
        }
    }

    /// The first address from `start` on that is not excluded, and up to where.
    private func included(from start: UInt, to end: UInt) -> (UInt, UInt) {
        var (cursor, limit, hasMoved) = (start, end, true)
        while hasMoved {
            hasMoved = false
            limit = end
            for index in 0..<exclusionCount {
                let place = unsafe words(exclusions, index * 2)
                let (first, last) = unsafe (place[0], place[1])
                if first <= cursor && cursor < last {
                    cursor = last
                    hasMoved = true
                } else if first > cursor {
                    limit = min(limit, first)
                }
            }
        }
        return (cursor, limit)
    }

    private func scan(_ address: UInt, _ byteCount: Int, _ body: (UInt) -> Void) {
        var offset = 0
        while offset < byteCount {
            // A KiB at a time, as magazines are aligned.
            let step = min(byteCount - offset, 1024 - Int(address + UInt(offset)) & 1023)
            let start = buffer + UInt(offset)
            let isWhole = step == 1024
            let end =
                isWhole
                ? start + UInt(usedByteCount(ofPiece: start, address, offset)) : start + UInt(step)
            bounds.forEachAddress(from: start, to: end, body)
            offset += step
        }
    }

    /// Of a magazine only what is before its slots: its second word is the address of the first
    /// slot, below which stands the address of a thread's cache.
    private func usedByteCount(ofPiece start: UInt, _ address: UInt, _ offset: Int) -> Int {
        let place = address + UInt(offset)
        let first = unsafe words(start, 1).pointee &- place
        if first < 24 || first >= 1024 || first & 7 != 0 { return 1024 }
        let sentinel = unsafe words(start, Int(first) / 8 - 1).pointee
        return bounds.isInCacheArea(sentinel) ? Int(first) : 1024
    }
}
