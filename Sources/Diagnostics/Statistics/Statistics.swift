// Statistics: a walk over the heap that fills in struct midl_memory_statistics.
//
// Whose fields are all of one word, so that its parts are reached by counting.

import MIDLPlatform
import MIDLShim

@safe struct Statistics: ~Copyable {
    /// Too large for a stack of a thread or a signal.
    private let memory: Mapping

    private(set) var all: UnsafeMutablePointer<midl_memory_statistics>

    /// Nil when there is no memory.
    init?() {
        guard
            let memory = Mapping(byteCount: MemoryLayout<midl_memory_statistics>.size)
        else { return nil }
        unsafe all = pointer(memory.start).bindMemory(to: midl_memory_statistics.self, capacity: 1)
        self.memory = memory
        unsafe all.pointee.byte_count = MemoryLayout<midl_memory_statistics>.size
        unsafe all.pointee.version = Int(MIDL_MEMORY_VERSION)
        addFigures()
        addEnvironments()
        addSpans()
        addOthers()
        addCaches()
    }

    // MARK: Parts

    func sizeClass(_ index: Int) -> UnsafeMutablePointer<midl_memory_class_statistics> {
        unsafe withUnsafeMutablePointer(to: &all.pointee.classes) {
            unsafe UnsafeMutableRawPointer($0)
                .assumingMemoryBound(to: midl_memory_class_statistics.self) + index
        }
    }

    func cache(_ index: Int) -> UnsafeMutablePointer<midl_memory_cache_statistics> {
        unsafe withUnsafeMutablePointer(to: &all.pointee.caches) {
            unsafe UnsafeMutableRawPointer($0)
                .assumingMemoryBound(to: midl_memory_cache_statistics.self) + index
        }
    }

    // MARK: Filling in

    private func addFigures() {
        let figures = Core.figures
        unsafe all.pointee.used_byte_count = figures.used_byte_count
        unsafe all.pointee.peak_used_byte_count = figures.peak_used_byte_count
        unsafe all.pointee.free_byte_count = figures.mapped_byte_count - figures.used_byte_count
        unsafe all.pointee.dirty_byte_count = figures.dirty_byte_count
        unsafe all.pointee.returned_byte_count = figures.returned_byte_count
        unsafe all.pointee.peak_live_block_count = Counters.peakBlockCount
        unsafe all.pointee.peak_live_byte_count = Counters.peakByteCount
        unsafe all.pointee.allocation_count = Counters.allocationCount
    }

    private func addEnvironments() {
        Core.withLock(MIDL_LOCK_REGISTRY) {
            var index = 0
            while case let state = Core.environment(index), state != MIDL_ENVIRONMENT_NONE {
                unsafe all.pointee.peak_environment_count += 1
                if state == MIDL_ENVIRONMENT_IN_USE {
                    unsafe all.pointee.environment_count += 1
                }
                index += 1
            }
        }
    }

    private func addSpans() {
        HeapBlocks.forEachSpan { span in
            let byteCount = span.byte_count
            switch span.kind {
            case MIDL_SPAN_SLAB, MIDL_SPAN_LARGE:
                let isLarge = span.kind == MIDL_SPAN_LARGE
                let entry = unsafe classEntry(isLarge ? 0 : span.block_byte_count)
                unsafe entry.pointee.slab_byte_count += byteCount
                HeapBlocks.forEach(in: span) { block in
                    if block.is_of_environment {
                        unsafe all.pointee.environment_block_count += 1
                        unsafe all.pointee.environment_byte_count += block.byte_count
                        return
                    }
                    unsafe entry.pointee.live_block_count += 1
                    unsafe entry.pointee.live_byte_count += block.byte_count
                    unsafe all.pointee.live_block_count += 1
                    unsafe all.pointee.live_byte_count += block.byte_count
                }
            case MIDL_SPAN_CHUNK where span.owner == 0:
                unsafe all.pointee.kept_chunk_byte_count += byteCount
            case MIDL_SPAN_CHUNK, MIDL_SPAN_ENVIRONMENT_BLOCK:
                unsafe all.pointee.chunk_byte_count += byteCount
                HeapBlocks.forEach(in: span) { block in
                    unsafe all.pointee.environment_block_count += 1
                    unsafe all.pointee.environment_byte_count += block.byte_count
                }
            default: break
            }
        }
    }

    /// Blocks that are not the heap's.
    private func addOthers() {
        var (blockCount, byteCount) = (Counters.mallocBlockCount, Counters.mallocByteCount)
        Guard.withLock {
            Guard.forEachLiveBlock { block in
                if block.is_of_environment {
                    unsafe all.pointee.environment_block_count += 1
                    unsafe all.pointee.environment_byte_count += block.byte_count
                    return
                }
                blockCount += 1
                byteCount += block.byte_count
            }
        }
        unsafe all.pointee.other_block_count = blockCount
        unsafe all.pointee.other_byte_count = byteCount
        unsafe all.pointee.live_block_count += blockCount
        unsafe all.pointee.live_byte_count += byteCount
    }

    /// The entry of the class of a block size, in ascending order, large blocks last. There are
    /// fewer classes than entries.
    private func classEntry(_ byteCount: Int) -> UnsafeMutablePointer<midl_memory_class_statistics>
    {
        let count = unsafe all.pointee.class_count
        let key = byteCount == 0 ? Int.max : byteCount
        var index = count
        while index > 0 {
            let size = unsafe sizeClass(index - 1).pointee.block_byte_count
            if size == byteCount { return unsafe sizeClass(index - 1) }
            if size != 0 && size < key { break }
            index -= 1
        }
        if count == Int(MIDL_MEMORY_CLASS_LIMIT) { return unsafe sizeClass(count - 1) }
        var later = count
        while later > index {
            unsafe sizeClass(later).pointee = sizeClass(later - 1).pointee
            later -= 1
        }
        unsafe all.pointee.class_count = count + 1
        unsafe sizeClass(index).pointee = midl_memory_class_statistics()
        unsafe sizeClass(index).pointee.block_byte_count = byteCount
        return unsafe sizeClass(index)
    }

    private func addCaches() {
        Core.withLock(MIDL_LOCK_REGISTRY) {
            var address: UInt = 0
            while let found = unsafe Core.cache(at: address) {
                let index = unsafe all.pointee.cache_count
                unsafe all.pointee.cache_count = index + 1
                if index < Int(MIDL_MEMORY_CACHE_LIMIT) {
                    unsafe cache(index).pointee = Statistics.describe(found)
                }
                address = unsafe found.next
                if address == 0 { return }
            }
        }
    }

    private static func describe(_ found: midl_cache) -> midl_memory_cache_statistics {
        var result = midl_memory_cache_statistics()
        result.has_thread = unsafe found.state == MIDL_CACHE_OF_THREAD ? 1 : 0
        guard let tops = unsafe found.tops, let previous = unsafe found.previous_tops,
            let full = unsafe found.full_block_counts, let units = unsafe found.slab_unit_counts
        else { return result }
        for index in 1..<Int(MIDL_CLASS_LIMIT) {
            unsafe result.cached_block_count +=
                midl_magazine_block_count(tops[index], found.no_magazine)
                + midl_magazine_block_count(previous[index], found.no_magazine) + full[index]
            unsafe result.slab_byte_count += units[index] << 16
        }
        unsafe result.kept_chunk_byte_count = found.kept_chunk_count << 16
        return result
    }

    // MARK: From C

    /// Fills in what the caller knows of; a status of midl_memory.h.
    static func fill(_ result: UnsafeMutablePointer<midl_memory_statistics>?) -> Int32 {
        guard let result = unsafe result else { return 22 }
        let byteCount = unsafe result.pointee.byte_count
        guard byteCount >= 7 * MemoryLayout<Int>.size else { return 22 }
        guard let statistics = Statistics() else { return 12 }
        unsafe UnsafeMutableRawPointer(result).copyMemory(
            from: statistics.all,
            byteCount: min(byteCount, MemoryLayout<midl_memory_statistics>.size))
        unsafe result.pointee.byte_count = byteCount
        return 0
    }
}
