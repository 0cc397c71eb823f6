// Trimming, and the size of a block: what midl_memory.h offers.

import MIDLPlatform

extension Heap {
    /// Gives free memory back to the system; returns the bytes of the units given back.
    @_optimize(size)
    func trim(_ front: UnsafePointer<midl_front>) -> Int {
        let before = withPool { $0.decommittedUnitCount }
        unsafe Registry.withCache(front) { cache in
            cache.returnKeptChunks()
            cache.giveUp()
        }
        Registry.emptyOrphans(self)
        let after = withPool { pool in
            pool.trim()
            return pool.decommittedUnitCount
        }
        return (after - before) * Unit.byteCount
    }

    /// The usable bytes of a live block of the process's heap, 0 for nil; ends the program for any
    /// other pointer.
    @inline(__always)
    static func byteCount(
        of block: UnsafeRawPointer?, _ front: UnsafePointer<midl_front>
    ) -> Int {
        let address = UInt(bitPattern: block)
        // As free does: in the region, and not where an allocator is told of every free.
        if let tag = unsafe ThreadCache.tag(of: address, front),
            SizeClass.isClass(tag), !Block(at: address).seemsSealed
        {
            return SizeClass(index: tag).blockByteCount
        }
        return unsafe byteCountSlowly(of: block)
    }

    @_optimize(size)
    @inline(never)
    private static func byteCountSlowly(of block: UnsafeRawPointer?) -> Int {
        let address = UInt(bitPattern: block)
        if address == 0 { return 0 }
        let heap = Heap.ofProcess
        if let block = unsafe block,
            let count = unsafe Choice.byteCount(of: block, heap, isSizedFree: false)
        {
            return count
        }
        guard let heap else { Misuse.stop(.size, address, .foreign) }
        return heap.byteCount(ofBlockAt: address)
    }

    /// The usable bytes of a live block; ends the program when there is none at the address.
    func byteCount(ofBlockAt address: UInt, for function: Misuse.Function = .size) -> Int {
        let tag = region.tagOfAny(address)
        if SizeClass.isLargeOrWatched(tag) {
            return region.span(atUnit: region.unit(of: address)).largeByteCount
        }
        if !SizeClass.isClassOrWatched(tag) || Block(at: address).isSealed {
            Misuse.stop(function, address, Misuse.cause(address, self))
        }
        return region.slab(of: Block(at: address)).blockByteCount
    }
}
