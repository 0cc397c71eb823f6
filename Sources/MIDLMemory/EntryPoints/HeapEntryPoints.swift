// What the C shim calls. `@implementation` has the compiler check each signature
// against midl_heap.h. `midl_heap_trim` reads the thread's front itself, being in no
// hurry.

import MIDLPlatform
import MIDLShim

/// The usual path of `midl_user_allocate`; false when it takes the other one.
@_cdecl("midl_heap_pop") @implementation @inline(__always)
public func midl_heap_pop(
    _ byteCount: Int, _ front: UnsafePointer<midl_front>,
    _ block: UnsafeMutablePointer<UnsafeMutableRawPointer?>
) -> Bool {
    unsafe ThreadCache.pop(byteCount: byteCount, front, &block.pointee)
}

/// The other path of `midl_user_allocate`.
@_cdecl("midl_heap_allocate_slowly") @implementation
public func midl_heap_allocate_slowly(
    _ byteCount: Int, _ front: UnsafePointer<midl_front>
) -> UnsafeMutableRawPointer? {
    unsafe ThreadCache.allocateSlowly(byteCount: byteCount, front)
}

/// The free behind `midl_user_free`.
@_cdecl("midl_heap_free") @implementation @inline(__always)
public func midl_heap_free(
    _ block: UnsafeMutableRawPointer?, _ front: UnsafePointer<midl_front>
) {
    unsafe ThreadCache.free(front, block)
}

/// Whether an address is in the region of the process's heap.
@_cdecl("midl_heap_contains") @implementation @inline(__always)
public func midl_heap_contains(_ address: UnsafeRawPointer?) -> Bool {
    Heap.ofProcess?.region.contains(UInt(bitPattern: address)) ?? false
}

/// The size behind `midl_memory_size`.
@_cdecl("midl_heap_size") @implementation @inline(__always)
public func midl_heap_size(
    _ block: UnsafeRawPointer?, _ front: UnsafePointer<midl_front>
) -> Int {
    unsafe Heap.byteCount(of: block, front)
}

/// The free behind `midl_memory_free_sized`. It takes the slow path, so that the fast one has one
/// caller, in which it is inlined.
@_cdecl("midl_heap_free_sized") @implementation
public func midl_heap_free_sized(
    _ block: UnsafeMutableRawPointer?, _ byteCount: Int, _ front: UnsafePointer<midl_front>
) {
    unsafe Heap.checkSize(of: block, byteCount: byteCount)
    unsafe ThreadCache.freeSlowly(block, front)
}

/// The trim behind `midl_memory_trim`.
@_cdecl("midl_heap_trim") @implementation @inline(__always)
public func midl_heap_trim() -> Int {
    guard let heap = Heap.ofProcess else { return 0 }
    return unsafe heap.trim(midl_current_front())
}
