// The choice of allocator: the heap, or what MIDL_MEMORY or the program puts in its
// place (diagnostics.c).
//
// It is made once. Only slow paths look at it: with an allocator that is asked for
// every block, the tables of size classes in a thread's front are empty, so that each
// allocation goes on in a slow path; for one that is asked for a sample of them see
// Sampling.swift.
//
// A block goes back to the allocator that made it: to the heap if its address is in
// the heap's region, else to the chosen one.

import MIDLPlatform
import MIDLShim

enum Choice {
    /// What an allocation that is off the fast path does, the choice not being the heap.
    @_optimize(size)
    @inline(never)
    static func allocate(
        byteCount: Int, _ front: UnsafePointer<midl_front>
    ) -> UnsafeMutableRawPointer? {
        let allocator = unsafe midl_chosen_allocator() ?? chosenNow()
        var block: UnsafeMutableRawPointer?
        if let allocator = unsafe allocator, unsafe allocator.pointee.period > 1 {
            if unsafe Sampling.allocate(byteCount: byteCount, front, allocator, &block) {
                return unsafe block
            }
        } else if unsafe allocator?.pointee.allocate?(byteCount, &block) == true {
            if unsafe block == nil { midl_set_out_of_memory() }
            return unsafe block
        }
        unsafe block = ThreadCache.allocateFromHeap(byteCount: byteCount, front)
        if let block = unsafe block { unsafe allocator?.pointee.made?(block) }
        return unsafe block
    }

    @inline(never)
    private static func chosenNow() -> UnsafePointer<midl_allocator>? {
        midl_make_choice()
        return unsafe midl_chosen_allocator()
    }

    /// Adapts the front of a thread with a cache to an allocator in the heap's place.
    @_optimize(size)
    static func prepare(_ front: UnsafePointer<midl_front>) {
        guard unsafe front.pointee.granule_limit != 0,
            let allocator = unsafe midl_chosen_allocator()
        else { return }
        if unsafe allocator.pointee.freed != nil {
            let record = unsafe ThreadCache(of: front).record
            // No address of a program is this one: each free goes on in the slow path.
            unsafe record.pointee.front.first_granule = 1 << 63
            unsafe record.pointee.front.granule_limit = 1
        }
        unsafe ThreadCache(of: front).clearTables()
    }

    /// The allocator of what is not in the heap's region; nil when there is none.
    private static func allocator(
        of pointer: UnsafeRawPointer, _ heap: Heap?
    ) -> UnsafePointer<midl_allocator>? {
        if heap?.region.contains(UInt(bitPattern: pointer)) == true { return nil }
        return unsafe midl_chosen_allocator() ?? chosenNow()
    }

    /// Before the heap frees a pointer, the choice not being the heap; true when it is not to.
    @inline(never)
    static func willFree(_ pointer: UnsafeMutableRawPointer) -> Bool {
        unsafe midl_chosen_allocator()?.pointee.freed?(pointer) ?? false
    }

    /// Frees a pointer that is not in the heap's region; false when there is no other allocator.
    static func free(_ pointer: UnsafeMutableRawPointer, _ heap: Heap?) -> Bool {
        guard let free = unsafe allocator(of: pointer, heap)?.pointee.free else { return false }
        unsafe free(pointer)
        return true
    }

    /// The size of a block of another allocator, also one that has its blocks of the heap; nil when it
    /// is for the heap to say.
    @_optimize(size)
    @inline(never)
    static func byteCount(
        of pointer: UnsafeRawPointer, _ heap: Heap?, isSizedFree: Bool
    ) -> Int? {
        if let allocator = unsafe allocator(of: pointer, heap) {
            return unsafe allocator.pointee.size?(pointer)
        }
        let byteCount = unsafe midl_chosen_allocator()?.pointee.requested?(
            pointer, isSizedFree)
        return byteCount ?? -1 < 0 ? nil : byteCount
    }
}
