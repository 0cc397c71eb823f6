// What a whole malloc needs besides the pair: for Tests/Bench/malloc. The shipped
// libraries do not call these, and their links leave them out.

import MIDLPlatform
import MIDLShim

/// A block of zeros.
@_cdecl("midl_heap_allocate_zeroed") @implementation
public func midl_heap_allocate_zeroed(
    _ byteCount: Int, _ front: UnsafePointer<midl_front>
) -> UnsafeMutableRawPointer? {
    unsafe ZeroedBlock.allocate(byteCount: byteCount, front)
}

/// A block at a multiple of `alignment`.
@_cdecl("midl_heap_allocate_aligned") @implementation
public func midl_heap_allocate_aligned(
    _ alignment: Int, _ byteCount: Int, _ front: UnsafePointer<midl_front>
) -> UnsafeMutableRawPointer? {
    unsafe AlignedBlock.allocate(byteCount: byteCount, alignment: alignment, front)
}

/// Whether a block, where it is, now serves another size.
@_cdecl("midl_heap_resize") @implementation
public func midl_heap_resize(_ block: UnsafeMutableRawPointer, _ byteCount: Int) -> Bool {
    unsafe Resizing.resizeInPlace(block, to: byteCount)
}
