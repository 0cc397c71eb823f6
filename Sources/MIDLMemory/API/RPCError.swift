// What goes wrong, in Swift's manner: thrown, where C has statuses and exceptions.

#if !hasFeature(Embedded)

/// A failure of the RpcSs package, with the status that C code would see.
public struct RPCError: Error, Equatable, Sendable {
    /// The status; see `rpcss.h`.
    public let status: Int32

    /// Makes an error of a status other than 0.
    public init(status: Int32) { self.status = status }

    /// RPC_S_OUT_OF_MEMORY (14): no memory, or no environment any more.
    public static let outOfMemory = RPCError(status: RPCStatus.outOfMemory.rawValue)
    /// RPC_S_INVALID_ARG (87): not a live block of the environment, or a stale handle.
    public static let invalidArgument = RPCError(status: RPCStatus.invalidArgument.rawValue)

    /// Throws unless a status is RPC_S_OK.
    static func check(_ status: RPCStatus) throws(RPCError) {
        if status != .ok { throw RPCError(status: status.rawValue) }
    }
}

#endif
