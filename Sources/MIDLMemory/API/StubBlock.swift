// A block of the pair with an owner.

#if !hasFeature(Embedded)

import MIDLPlatform

/// Owns a block from `midl_user_allocate` and frees it at the end of its life, unless it was
/// handed over to a stub or to C code.
///
/// Page: "The midl_user_allocate Function".
@safe public struct StubBlock: ~Copyable {
    private let start: UnsafeMutableRawPointer

    /// Allocates a block of `byteCount` bytes, not zeroed, aligned to 16. Throws `.outOfMemory`.
    public init(byteCount: Int) throws(RPCError) {
        let block = unsafe ThreadCache.allocate(midl_current_front(), byteCount: byteCount)
        guard let block = unsafe block else { throw .outOfMemory }
        unsafe start = block
    }

    /// Takes over a block that a client stub returned.
    public init(takingOver block: UnsafeMutableRawPointer) { unsafe start = block }

    deinit { unsafe ThreadCache.free(midl_current_front(), start) }

    /// The usable bytes.
    public var byteCount: Int { unsafe Heap.byteCount(of: start, midl_current_front()) }

    /// Runs `body` with the block's bytes.
    public func withBytes<Result, Failure: Error>(
        _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        unsafe try body(UnsafeMutableRawBufferPointer(start: start, count: byteCount))
    }

    /// Hands the block over: whoever gets the address frees it with `midl_user_free`.
    public consuming func handOver() -> UnsafeMutableRawPointer {
        let block = unsafe start
        discard self
        return unsafe block
    }
}

#endif
