// What is in the heap, as a value.

#if !hasFeature(Embedded)

import MIDLPlatform
import MIDLShim

/// Figures of the heap at a moment; see `struct midl_memory_statistics` in `midl_memory.h`.
///
/// The program links the product `MIDLDiagnostics`, or has `libmidl_diagnostics.so.1` beside it.
public struct MemoryStatistics: Sendable {
    /// Blocks of one size class.
    public struct SizeClass: Sendable {
        /// Bytes of each block; nil for large blocks, which are of any size.
        public let blockByteCount: Int?
        /// Blocks in use.
        public let liveBlockCount: Int
        /// Their bytes.
        public let liveByteCount: Int
        /// Bytes of the spans that hold them, live or free.
        public let slabByteCount: Int
    }

    /// What a thread keeps for itself.
    public struct Cache: Sendable {
        /// The thread has not ended.
        public let hasThread: Bool
        /// Free blocks.
        public let cachedBlockCount: Int
        /// Bytes of the slabs whose blocks the thread hands out.
        public let slabByteCount: Int
        /// Bytes of chunks for its next environment.
        public let keptChunkByteCount: Int
    }

    /// Blocks of the pair in use.
    public let liveBlockCount: Int
    /// Their bytes.
    public let liveByteCount: Int
    /// Most blocks in use at any time; 0 unless `MIDL_MEMORY` has `stats`.
    public let peakLiveBlockCount: Int
    /// Most bytes in use at any time; 0 unless `MIDL_MEMORY` has `stats`.
    public let peakLiveByteCount: Int
    /// Allocations so far; 0 unless `MIDL_MEMORY` has `stats`.
    public let allocationCount: Int
    /// Of the blocks in use those that are not in the heap: guarded, or with `stats` malloc's.
    public let otherBlockCount: Int
    /// Their bytes.
    public let otherByteCount: Int
    /// Environments of RpcSs in use.
    public let environmentCount: Int
    /// Blocks in them.
    public let environmentBlockCount: Int
    /// Bytes of these blocks.
    public let environmentByteCount: Int
    /// Bytes of the chunks from which they are cut.
    public let chunkByteCount: Int
    /// Bytes of slabs, large blocks and chunks.
    public let usedByteCount: Int
    /// Most of these at any time.
    public let peakUsedByteCount: Int
    /// Bytes of free pages that the heap keeps.
    public let dirtyByteCount: Int
    /// Bytes given back to the system so far, in sum.
    public let returnedByteCount: Int
    /// The size classes that have slabs, ascending; large blocks last.
    public let sizeClasses: [SizeClass]
    /// The caches of threads, the newest first, at most 64.
    public let caches: [Cache]

    /// The figures of this moment; nil when the diagnostics are not there, or without memory.
    public static func current() -> MemoryStatistics? {
        guard let diagnostics = unsafe midl_use_diagnostics() else { return nil }
        let result = UnsafeMutablePointer<midl_memory_statistics>.allocate(capacity: 1)
        defer { unsafe result.deallocate() }
        unsafe result.initialize(to: midl_memory_statistics())
        unsafe result.pointee.byte_count = MemoryLayout<midl_memory_statistics>.size
        guard unsafe diagnostics.pointee.statistics?(result) == 0 else { return nil }
        return unsafe MemoryStatistics(result)
    }

    private init(_ all: UnsafeMutablePointer<midl_memory_statistics>) {
        unsafe liveBlockCount = all.pointee.live_block_count
        unsafe liveByteCount = all.pointee.live_byte_count
        unsafe peakLiveBlockCount = all.pointee.peak_live_block_count
        unsafe peakLiveByteCount = all.pointee.peak_live_byte_count
        unsafe allocationCount = all.pointee.allocation_count
        unsafe otherBlockCount = all.pointee.other_block_count
        unsafe otherByteCount = all.pointee.other_byte_count
        unsafe environmentCount = all.pointee.environment_count
        unsafe environmentBlockCount = all.pointee.environment_block_count
        unsafe environmentByteCount = all.pointee.environment_byte_count
        unsafe chunkByteCount = all.pointee.chunk_byte_count
        unsafe usedByteCount = all.pointee.used_byte_count
        unsafe peakUsedByteCount = all.pointee.peak_used_byte_count
        unsafe dirtyByteCount = all.pointee.dirty_byte_count
        unsafe returnedByteCount = all.pointee.returned_byte_count
        unsafe sizeClasses = withUnsafeBytes(of: &all.pointee.classes) { bytes in
            let entries = unsafe bytes.bindMemory(to: midl_memory_class_statistics.self)
            return unsafe entries.prefix(all.pointee.class_count).map { entry in
                SizeClass(
                    blockByteCount: entry.block_byte_count == 0 ? nil : entry.block_byte_count,
                    liveBlockCount: entry.live_block_count, liveByteCount: entry.live_byte_count,
                    slabByteCount: entry.slab_byte_count)
            }
        }
        unsafe caches = withUnsafeBytes(of: &all.pointee.caches) { bytes in
            let entries = unsafe bytes.bindMemory(to: midl_memory_cache_statistics.self)
            return unsafe entries.prefix(all.pointee.cache_count).map { entry in
                Cache(
                    hasThread: entry.has_thread != 0, cachedBlockCount: entry.cached_block_count,
                    slabByteCount: entry.slab_byte_count,
                    keptChunkByteCount: entry.kept_chunk_byte_count)
            }
        }
    }
}

#endif
