// What the C shim calls for the RpcSs package. Swift returns statuses; where the
// documentation wants an exception, C raises it afterwards.

import MIDLPlatform
import MIDLShim

/// The step behind `RpcSmEnableAllocate`.
@_cdecl("midl_environment_enable") @implementation @inline(__always)
public func midl_environment_enable(_ front: UnsafePointer<midl_front>) -> Int32 {
    unsafe PackageCalls.enable(front).rawValue
}

/// The step behind `RpcSmDisableAllocate`.
@_cdecl("midl_environment_disable") @implementation @inline(__always)
public func midl_environment_disable(_ front: UnsafePointer<midl_front>) {
    unsafe PackageCalls.disable(front)
}

/// The usual path of `RpcSmAllocate`; false when it takes the other one.
@_cdecl("midl_environment_bump") @implementation @inline(__always)
public func midl_environment_bump(
    _ byteCount: Int, _ front: UnsafePointer<midl_front>,
    _ block: UnsafeMutablePointer<UnsafeMutableRawPointer?>
) -> Bool {
    unsafe Arena.bump(byteCount: byteCount, front, &block.pointee)
}

/// The other path of `RpcSmAllocate`.
@_cdecl("midl_environment_allocate_slowly") @implementation
public func midl_environment_allocate_slowly(
    _ byteCount: Int, _ front: UnsafePointer<midl_front>
) -> UnsafeMutableRawPointer? {
    unsafe Arena.allocateSlowly(byteCount: byteCount, front)
}

/// The free behind `RpcSmFree`.
@_cdecl("midl_environment_free") @implementation @inline(__always)
public func midl_environment_free(
    _ front: UnsafePointer<midl_front>, _ node: UnsafeMutableRawPointer?
) -> Int32 {
    unsafe Arena.free(front, node).rawValue
}

/// The step behind `RpcSmGetThreadHandle`.
@_cdecl("midl_environment_handle") @implementation @inline(__always)
public func midl_environment_handle(_ front: UnsafePointer<midl_front>) -> UInt {
    unsafe PackageCalls.threadHandle(front)
}

/// The step behind `RpcSmSetThreadHandle`.
@_cdecl("midl_environment_set_handle") @implementation @inline(__always)
public func midl_environment_set_handle(
    _ front: UnsafePointer<midl_front>, _ handle: UInt
) -> Int32 {
    unsafe PackageCalls.setThreadHandle(front, handle).rawValue
}

/// The step behind `NdrRpcSsEnableAllocate`.
@_cdecl("midl_stub_enter") @implementation @inline(__always)
public func midl_stub_enter(
    _ front: UnsafePointer<midl_front>, _ message: UInt, _ pair: midl_pair
) -> Int32 {
    let call = StubCall(message: message, allocate: pair.allocate, free: pair.free)
    return unsafe (Registry.lastingCache(front)?.enterStub(call) ?? .outOfMemory).rawValue
}

/// The step behind `NdrRpcSsDisableAllocate`.
@_cdecl("midl_stub_leave") @implementation @inline(__always)
public func midl_stub_leave(
    _ front: UnsafePointer<midl_front>, _ message: UInt, _ pair: UnsafeMutablePointer<midl_pair>
) -> Bool {
    guard unsafe front.pointee.granule_limit != 0,
        let call = unsafe ThreadCache(of: front).leaveStub(message: message)
    else { return false }
    unsafe pair.pointee = midl_pair(allocate: call.allocate, free: call.free)
    return true
}

/// The pair that was set for sensitive client stubs; zeros for the default pair.
@_cdecl("midl_client_pair") @implementation @inline(__always)
public func midl_client_pair(_ front: UnsafePointer<midl_front>) -> midl_pair {
    guard unsafe front.pointee.granule_limit != 0 else { return midl_pair(allocate: 0, free: 0) }
    let cache = unsafe ThreadCache(of: front)
    return unsafe midl_pair(
        allocate: cache.record.pointee.package.clientAllocate,
        free: cache.record.pointee.package.clientFree)
}

/// The step behind `RpcSmSetClientAllocFree`.
@_cdecl("midl_set_client_pair") @implementation @inline(__always)
public func midl_set_client_pair(_ front: UnsafePointer<midl_front>, _ pair: midl_pair) -> Int32 {
    guard let cache = unsafe Registry.lastingCache(front) else {
        return RPCStatus.outOfMemory.rawValue
    }
    unsafe cache.record.pointee.package.clientAllocate = pair.allocate
    unsafe cache.record.pointee.package.clientFree = pair.free
    return RPCStatus.ok.rawValue
}
