// The heap as the diagnostics use it: the functions of midl_core.h.

import MIDLPlatform
import MIDLShim

/// Adapts the front of a thread to the choice.
@_cdecl("midl_core_prepare") @implementation
public func midl_core_prepare(_ front: UnsafePointer<midl_front>) { unsafe Choice.prepare(front) }

/// A block of the heap.
@_cdecl("midl_core_allocate") @implementation
public func midl_core_allocate(_ byteCount: Int) -> UnsafeMutableRawPointer? {
    unsafe ThreadCache.allocateFromHeap(byteCount: byteCount, midl_current_front())
}

/// Frees a block without a word to who watches.
@_cdecl("midl_core_free") @implementation
public func midl_core_free(_ block: UnsafeMutableRawPointer) {
    unsafe ThreadCache.freeUnwatched(block, midl_current_front())
}

/// Describes the span that an address is in.
@_cdecl("midl_core_span") @implementation
public func midl_core_span(_ address: UInt, _ span: UnsafeMutablePointer<midl_span>) -> Bool {
    unsafe Heap.ofProcess?.describe(spanAt: address, &span.pointee) ?? false
}

/// The usable bytes of the live block at an address.
@_cdecl("midl_core_live") @implementation
public func midl_core_live(_ address: UInt) -> Int {
    Heap.ofProcess?.liveByteCount(at: address) ?? 0
}

/// Describes a cache.
@_cdecl("midl_core_cache") @implementation
public func midl_core_cache(_ address: UInt, _ cache: UnsafeMutablePointer<midl_cache>) -> Bool {
    guard let heap = Heap.ofProcess else { return false }
    let found = unsafe address == 0 ? heap.registry.pointee.firstCache : address
    if found == 0 { return false }
    unsafe ThreadCache(at: found).describe(&cache.pointee)
    return true
}

/// What a record of an environment is.
@_cdecl("midl_core_environment") @implementation
public func midl_core_environment(_ index: Int) -> midl_environment_state {
    guard let heap = Heap.ofProcess,
        let environment = unsafe heap.registry.pointee.environments.environment(at: index)
    else { return MIDL_ENVIRONMENT_NONE }
    return environment.isInUse ? MIDL_ENVIRONMENT_IN_USE : MIDL_ENVIRONMENT_SPARE
}

/// The figures of the heap as a whole.
@_cdecl("midl_core_figures") @implementation
public func midl_core_figures(_ figures: UnsafeMutablePointer<midl_heap_figures>) {
    unsafe figures.pointee = midl_heap_figures()
    unsafe Heap.ofProcess?.describe(&figures.pointee)
}
