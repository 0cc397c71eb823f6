// malloc in the heap's place, for tools that watch it.
//
// malloc takes back whatever it made, so each block of the pair's is noted, as nobody's, and one
// that is not is refused. What is no block at all is left to the tool, which knows what it was.

import MIDLPlatform
import MIDLShim

enum MallocAllocator {
    /// False without memory.
    static func start() -> Bool { unsafe SeparateBlocks.start(midl_malloc, midl_malloc_free) }

    static var table: midl_allocator {
        unsafe midl_allocator(
            allocate: { byteCount, block in
                unsafe block.pointee = SeparateBlocks.allocate(byteCount, for: OwnedBlocks.nobody)
                if unsafe Diagnostics.settings.printsStatistics, let made = unsafe block.pointee {
                    unsafe Counters.add(midl_malloc_size(made), isOfMalloc: true)
                }
                return true
            },
            free: { unsafe MallocAllocator.free($0) },
            size: { unsafe MallocAllocator.byteCount(of: $0) },
            made: nil, freed: nil, requested: nil, period: 1)
    }

    private static let cause: StaticString = """
        no block of midl_user_allocate is here; \
        it came from another allocator, or has been freed
        """

    private static func free(_ block: UnsafeMutableRawPointer) {
        let address = UInt(bitPattern: block)
        let isCounted =
            unsafe Diagnostics.settings.printsStatistics
            && SeparateBlocks.owner(of: address) == OwnedBlocks.nobody
        let byteCount = unsafe isCounted ? midl_malloc_size(block) : 0
        if unsafe SeparateBlocks.free(block, of: OwnedBlocks.nobody) {
            if isCounted { Counters.subtract(byteCount, isOfMalloc: true) }
            return
        }
        SeparateBlocks.refuse(address, "midl_user_free")
        if unsafe midl_malloc_may_have(block) {
            SeparateBlocks.stop("midl_user_free", address, cause)
        }
        unsafe midl_malloc_free(block)
    }

    private static func byteCount(of block: UnsafeRawPointer) -> Int {
        let address = UInt(bitPattern: block)
        SeparateBlocks.refuse(address, "midl_memory_size")
        if SeparateBlocks.owner(of: address) == nil {
            SeparateBlocks.stop("midl_memory_size", address, cause)
        }
        return unsafe midl_malloc_size(block)
    }
}
