// The calls of the package, from a thread's front: what the C entry points and the
// Swift API share.

import MIDLPlatform

enum PackageCalls {
    @inline(__always)
    static func enable(_ front: UnsafePointer<midl_front>) -> RPCStatus {
        unsafe Registry.lastingCache(front)?.enable() ?? .outOfMemory
    }

    @inline(__always)
    static func disable(_ front: UnsafePointer<midl_front>) {
        if unsafe front.pointee.arena != 0 { unsafe ThreadCache(of: front).disable() }
    }

    /// The handle of the environment in the slot; 0 when there is none.
    static func threadHandle(_ front: UnsafePointer<midl_front>) -> UInt {
        unsafe front.pointee.arena == 0 ? 0 : ThreadCache(of: front).threadHandle()
    }

    @_optimize(size)
    static func setThreadHandle(
        _ front: UnsafePointer<midl_front>, _ handle: UInt
    ) -> RPCStatus {
        if unsafe handle == 0 && front.pointee.arena == 0 { return .ok }
        return unsafe Registry.lastingCache(front)?.setThreadHandle(handle) ?? .outOfMemory
    }
}
