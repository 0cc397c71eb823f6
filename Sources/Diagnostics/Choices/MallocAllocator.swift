// malloc in the heap's place, for tools that watch it.

import MIDLPlatform
import MIDLShim

enum MallocAllocator {
    static var table: midl_allocator {
        unsafe midl_allocator(
            allocate: { byteCount, block in
                unsafe block.pointee = midl_malloc(byteCount)
                return true
            },
            free: { unsafe midl_malloc_free($0) },
            size: { unsafe midl_malloc_size($0) },
            made: nil, freed: nil, period: 1)
    }
}
