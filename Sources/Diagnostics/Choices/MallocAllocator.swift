// malloc in the heap's place, for tools that watch it.

import MIDLPlatform
import MIDLShim

enum MallocAllocator {
    static func table(_ settings: Settings) -> midl_allocator {
        var table = unsafe midl_allocator(
            allocate: { byteCount, block in
                unsafe block.pointee = midl_malloc(byteCount)
                return true
            },
            free: { unsafe midl_malloc_free($0) },
            size: { unsafe midl_malloc_size($0) },
            made: nil, freed: nil, period: 1)
        if settings.printsStatistics {
            unsafe table.allocate = { byteCount, block in
                unsafe block.pointee = midl_malloc(byteCount)
                if let made = unsafe block.pointee {
                    unsafe Counters.add(midl_malloc_size(made), isOfMalloc: true)
                }
                return true
            }
            unsafe table.free = { block in
                unsafe Counters.subtract(midl_malloc_size(block), isOfMalloc: true)
                unsafe midl_malloc_free(block)
            }
        }
        return table
    }
}
