// Environments in Swift: a scope in which values, arrays and strings are allocated
// for a call, and at whose end they all go.

#if !hasFeature(Embedded)

import MIDLPlatform

/// Names an environment to other threads; see `RPCEnvironment.join`.
public struct RPCThreadHandle: Equatable, Sendable {
    let value: UInt
}

/// The calling thread's environment, for as long as the closure that it is passed to runs.
///
/// What it allocates is aligned to 16 bytes, belongs to the environment, and lives until it is
/// freed or the environment ends: when `withEnvironment` returns, or, in a manager routine,
/// when the server stub has sent the reply. Keep no pointer longer than that.
///
/// Pages: "RpcSmEnableAllocate function" and its family (rpcndr.h).
public struct RPCEnvironment: ~Copyable {
    private init() {}

    // MARK: Scopes

    /// Runs `body` in an environment, which ends with it, also when it throws. In a thread that
    /// has an environment of its own already, that one is entered once more, and what `body`
    /// allocates lives as long as it.
    ///
    /// Throws what `body` throws, and `.outOfMemory` when no environment can be made.
    public static func withEnvironment<Result>(
        _ body: (borrowing RPCEnvironment) throws(RPCError) -> Result
    ) throws(RPCError) -> Result {
        try RPCError.check(unsafe PackageCalls.enable(midl_current_front()))
        defer { unsafe PackageCalls.disable(midl_current_front()) }
        return try body(RPCEnvironment())
    }

    /// Runs `body` in the environment that the thread is in: of a manager routine whose stub made
    /// one, or of C code that called `RpcSmEnableAllocate`. Nil, without running it, when there
    /// is none.
    public static func withCurrent<Result>(
        _ body: (borrowing RPCEnvironment) throws(RPCError) -> Result
    ) throws(RPCError) -> Result? {
        guard unsafe PackageCalls.threadHandle(midl_current_front()) != 0 else { return nil }
        return try body(RPCEnvironment())
    }

    /// Runs `body` in the environment of another thread, which goes on afterwards.
    ///
    /// Throws `.invalidArgument` when that environment is gone. If it goes while `body` runs,
    /// allocations throw `.outOfMemory` from then on.
    public static func join<Result>(
        _ handle: RPCThreadHandle,
        _ body: (borrowing RPCEnvironment) throws(RPCError) -> Result
    ) throws(RPCError) -> Result {
        let front = unsafe midl_current_front()
        let before = unsafe PackageCalls.threadHandle(front)
        try RPCError.check(unsafe PackageCalls.setThreadHandle(front, handle.value))
        // The environment from before may have ended meanwhile: then there is none.
        defer {
            let current = unsafe midl_current_front()
            if unsafe PackageCalls.setThreadHandle(current, before) != .ok {
                _ = unsafe PackageCalls.setThreadHandle(current, 0)
            }
        }
        return try body(RPCEnvironment())
    }

    /// The handle by which other threads join.
    public var handle: RPCThreadHandle {
        RPCThreadHandle(value: unsafe PackageCalls.threadHandle(midl_current_front()))
    }

    // MARK: Allocation

    /// Allocates `byteCount` bytes, not zeroed. 0 gives a block of its own; a negative count is
    /// one too large.
    public func allocate(byteCount: Int) throws(RPCError) -> UnsafeMutableRawPointer {
        let block = unsafe Arena.allocate(midl_current_front(), byteCount: byteCount)
        guard let block = unsafe block else { throw .outOfMemory }
        return unsafe block
    }

    /// Allocates a value.
    public func allocate<Value: BitwiseCopyable>(
        _ value: Value
    ) throws(RPCError) -> UnsafeMutablePointer<Value> {
        let array = unsafe try uninitializedArray(of: Value.self, count: 1)
        let pointer = unsafe array.baseAddress.unsafelyUnwrapped
        unsafe pointer.initialize(to: value)
        return unsafe pointer
    }

    /// Allocates an array of `count` equal elements.
    public func allocateArray<Element: BitwiseCopyable>(
        repeating element: Element, count: Int
    ) throws(RPCError) -> UnsafeMutableBufferPointer<Element> {
        let array = unsafe try uninitializedArray(of: Element.self, count: count)
        unsafe array.initialize(repeating: element)
        return unsafe array
    }

    /// Allocates an array with the elements of a collection.
    public func allocateArray<Elements: Collection>(
        _ elements: Elements
    ) throws(RPCError) -> UnsafeMutableBufferPointer<Elements.Element>
    where Elements.Element: BitwiseCopyable {
        let array = unsafe try uninitializedArray(
            of: Elements.Element.self, count: elements.count)
        _ = unsafe array.initialize(fromContentsOf: elements)
        return unsafe array
    }

    /// Allocates a string of UTF-8 that ends with a zero byte.
    public func allocateCString(
        _ string: String
    ) throws(RPCError) -> UnsafeMutablePointer<CChar> {
        let array = unsafe try allocateArray(string.utf8CString)
        return unsafe array.baseAddress.unsafelyUnwrapped
    }

    /// Allocates a string of UTF-16 (`wchar_t` of IDL) that ends with a zero unit.
    public func allocateUTF16String(
        _ string: String
    ) throws(RPCError) -> UnsafeMutablePointer<UInt16> {
        let units = string.utf16
        let array = unsafe try uninitializedArray(of: UInt16.self, count: units.count + 1)
        var end = unsafe array.initialize(fromContentsOf: units)
        unsafe array.initializeElement(at: end, to: 0)
        end += 1
        return unsafe array.baseAddress.unsafelyUnwrapped
    }

    private func uninitializedArray<Element>(
        of type: Element.Type, count: Int
    ) throws(RPCError) -> UnsafeMutableBufferPointer<Element> {
        let (byteCount, overflow) =
            MemoryLayout<Element>.stride.multipliedReportingOverflow(by: count)
        guard count >= 0, !overflow, MemoryLayout<Element>.alignment <= 16 else {
            throw .outOfMemory
        }
        let start = unsafe try allocate(byteCount: byteCount)
        return unsafe UnsafeMutableBufferPointer(
            start: start.bindMemory(to: Element.self, capacity: count), count: count)
    }

    // MARK: Free

    /// Frees a block before the environment ends. Throws `.invalidArgument`, and changes nothing,
    /// for a pointer that is not a live block of this environment.
    public func free(_ block: UnsafeMutableRawPointer) throws(RPCError) {
        try RPCError.check(unsafe Arena.free(midl_current_front(), block))
    }
}

#endif
