// Misuse: what is wrong with a pointer, and the end of the program.

import MIDLPlatform

enum Misuse {
    /// The function that was called.
    enum Function {
        case allocate, free, freeSized, size, environmentAllocate

        fileprivate var name: StaticString {
            switch self {
            case .allocate: "midl_user_allocate"
            case .free: "midl_user_free"
            case .freeSized: "midl_memory_free_sized"
            case .size: "midl_memory_size"
            case .environmentAllocate: "RpcSmAllocate"
            }
        }
    }

    enum Cause {
        case foreign, interior, freedTwice, neverAllocated, writtenAfterFree, ofEnvironment
        case otherSize

        fileprivate var text: StaticString {
            switch self {
            case .foreign:
                """
                the pointer did not come from this heap; \
                give it back to the allocator that made it
                """
            case .interior:
                """
                the address is inside a block; \
                pass the address that midl_user_allocate returned
                """
            case .freedTwice:
                """
                the block is free already; \
                it was freed twice, or used after it had been freed
                """
            case .neverAllocated:
                """
                no block was allocated at this address yet; \
                pass the address that midl_user_allocate returned
                """
            case .ofEnvironment:
                """
                the block belongs to an RpcSs environment; \
                free it with RpcSsFree or RpcSmFree, or leave it to the environment's end
                """
            case .otherSize:
                """
                the block has another size; \
                pass the bytes that were asked for when it was allocated
                """
            case .writtenAfterFree:
                """
                the free list was overwritten: \
                this block was written to after it had been freed
                """
            }
        }
    }

    static func stop(_ function: Function, _ address: UInt, _ cause: Cause) -> Never {
        unsafe midl_stop(
            UnsafeRawPointer(function.name.utf8Start).assumingMemoryBound(to: CChar.self),
            UnsafeRawPointer(bitPattern: address),
            UnsafeRawPointer(cause.text.utf8Start).assumingMemoryBound(to: CChar.self))
    }

    /// A block of a magazine, or of a slab's list, that is not as the heap left it.
    @inline(never)
    static func writtenAfterFree(_ block: Block, _ function: Function = .allocate) -> Never {
        stop(function, block.address, .writtenAfterFree)
    }

    /// What is wrong with an address that is not that of a live block.
    @_optimize(size)
    static func cause(_ address: UInt, _ heap: Heap) -> Cause {
        let region = heap.region
        guard region.contains(address) else { return .foreign }
        return heap.withPool { pool in
            let unit = region.unit(of: address)
            guard unit < pool.topUnit else { return .foreign }
            var first = unit
            while first > 0 && !region.span(atUnit: first).kind.isFirst { first -= 1 }
            let span = region.span(atUnit: first)
            switch span.kind {
            case .large:
                // At its start there would be a live block, were it not parked.
                return address == region.start(ofBlocksIn: span) ? .freedTwice : .interior
            case .environmentChunk, .environmentBlock:
                return .ofEnvironment
            case .slab:
                let start = region.start(ofBlocksIn: span)
                if address < start { return .neverAllocated }
                let offset = Int(address - start)
                let (index, rest) = offset.quotientAndRemainder(dividingBy: span.blockByteCount)
                if index >= span.capacity || !span.isCarved(index: index) {
                    return .neverAllocated
                }
                return rest == 0 ? .freedTwice : .interior
            default:
                return region.span(atUnit: unit).hadBlocks ? .freedTwice : .foreign
            }
        }
    }
}
