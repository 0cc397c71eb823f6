// An allocator of the program's own in the heap's place.

#if !hasFeature(Embedded)

import MIDLPlatform
import MIDLShim
import Synchronization

/// What makes the blocks of `midl_user_allocate` in the heap's place; see
/// `midl_memory_set_allocator` in `midl_memory.h`.
///
/// The closures are called by any thread, at the same time, and are not to allocate Swift objects
/// by the pair.
@safe public struct MemoryAllocator: Sendable {
    /// A block of at least so many bytes at a multiple of 16; nil without memory.
    public let allocate: @Sendable (_ byteCount: Int) -> UnsafeMutableRawPointer?
    /// Takes back a block of `allocate`.
    public let free: @Sendable (_ block: UnsafeMutableRawPointer) -> Void
    /// The usable bytes of a block of `allocate`.
    public let byteCount: @Sendable (_ block: UnsafeRawPointer) -> Int

    /// Makes an allocator of three closures.
    public init(
        allocate: @escaping @Sendable (_ byteCount: Int) -> UnsafeMutableRawPointer?,
        free: @escaping @Sendable (_ block: UnsafeMutableRawPointer) -> Void,
        byteCount: @escaping @Sendable (_ block: UnsafeRawPointer) -> Int
    ) {
        unsafe self.allocate = allocate
        unsafe self.free = free
        unsafe self.byteCount = byteCount
    }

    /// Has this allocator make every block from now on. False, and nothing has changed, after the
    /// first allocation in the process, or a second time. An allocator that `MIDL_MEMORY` names goes before.
    public func choose() -> Bool {
        // It stays for as long as the process does.
        let table = UnsafeMutablePointer<midl_allocator>.allocate(capacity: 1)
        let box = UnsafeMutablePointer<MemoryAllocator>.allocate(capacity: 1)
        unsafe box.initialize(to: self)
        let isFirst = chosen.compareExchange(
            expected: 0, desired: UInt(bitPattern: box), ordering: .acquiringAndReleasing
        ).exchanged
        guard isFirst else { return false }
        unsafe table.initialize(
            to: midl_allocator(
                allocate: { byteCount, block in
                    unsafe block.pointee = MemoryAllocator.current.allocate(byteCount)
                    return true
                },
                free: { block in unsafe MemoryAllocator.current.free(block) },
                size: { block in unsafe MemoryAllocator.current.byteCount(block) },
                made: nil, freed: nil, requested: nil, period: 1))
        return unsafe midl_make_own_choice(table)
    }

    private static var current: MemoryAllocator {
        unsafe UnsafePointer<MemoryAllocator>(
            bitPattern: chosen.load(ordering: .acquiring)
        ).unsafelyUnwrapped.pointee
    }
}

/// The address of the allocator that was chosen; 0 when none was.
private let chosen = Atomic<UInt>(0)

#endif
