// Blocks at multiples of more than 16 bytes.
//
// Slabs begin at multiples of 64 KiB and their first blocks at multiples of 64 bytes, or
// at the start, if the size of the class is a power of two (SizeClass.swift). So all
// blocks of a class are aligned to 64 bytes, or to that power, as far as their size is.
// Large blocks are aligned to pages anyway, and to more in spans that the pool cuts for
// them.

import MIDLPlatform
import MIDLShim

enum AlignedBlock {
    /// A block at a multiple of `alignment`, a power of two; nil, and ENOMEM, when there is no
    /// memory.
    static func allocate(
        byteCount: Int, alignment: Int, _ front: UnsafePointer<midl_front>
    ) -> UnsafeMutableRawPointer? {
        // The largest power of two arrives as a negative count.
        if byteCount >= 0 && alignment >= 0 {
            let blockByteCount = AlignedBlock.byteCount(byteCount, alignment)
            if blockByteCount <= SizeClass.byteLimit || alignment <= Page.byteCount {
                // Other allocators align to 16.
                return unsafe alignment <= 16 || midl_heap_is_chosen()
                    ? ThreadCache.allocate(front, byteCount: blockByteCount)
                    : ThreadCache.allocateFromHeap(byteCount: blockByteCount, front)
            }
            var block: UnsafeMutableRawPointer?
            unsafe Registry.withCache(front) { cache in
                unsafe block = LargeBlock.allocate(
                    byteCount: byteCount, alignment: alignment, cache.heap)
            }
            if let block = unsafe block { return unsafe block }
        }
        midl_set_out_of_memory()
        return nil
    }

    /// A size, no less than `byteCount`, all of whose blocks are aligned.
    static func byteCount(_ byteCount: Int, _ alignment: Int) -> Int {
        if alignment <= 16 || byteCount > SizeClass.byteLimit { return byteCount }
        // The power of two above both is a class, unless it is large.
        for index in SizeClass(holding: byteCount).index...SizeClass.last.index {
            let blockByteCount = SizeClass(index: index).blockByteCount
            let isAligned = blockByteCount & (alignment - 1) == 0
            let isPower = blockByteCount & (blockByteCount - 1) == 0
            if isAligned && (isPower || alignment <= 64) { return blockByteCount }
        }
        return SizeClass.byteLimit + 1
    }
}
