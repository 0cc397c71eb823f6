// What the C shim calls. `@implementation` has the compiler check each signature
// against midl_heap.h. `midl_heap_size` and `midl_heap_trim` read the thread's
// front themselves, being in no hurry.

import MIDLPlatform
import MIDLShim

/// The allocation behind `midl_user_allocate`.
@_cdecl("midl_heap_allocate") @implementation @inline(__always)
public func midl_heap_allocate(
    _ front: UnsafePointer<midl_front>, _ byteCount: Int
) -> UnsafeMutableRawPointer? {
    unsafe ThreadCache.allocate(front, byteCount: byteCount)
}

/// The free behind `midl_user_free`.
@_cdecl("midl_heap_free") @implementation @inline(__always)
public func midl_heap_free(_ front: UnsafePointer<midl_front>, _ block: UnsafeMutableRawPointer?) {
    unsafe ThreadCache.free(front, block)
}

/// The size behind `midl_memory_size`.
@_cdecl("midl_heap_size") @implementation @inline(__always)
public func midl_heap_size(_ block: UnsafeRawPointer?) -> Int {
    unsafe Heap.byteCount(of: block)
}

/// The trim behind `midl_memory_trim`.
@_cdecl("midl_heap_trim") @implementation @inline(__always)
public func midl_heap_trim() -> Int {
    guard let heap = Heap.ofProcess else { return 0 }
    return unsafe heap.trim(midl_current_front())
}
