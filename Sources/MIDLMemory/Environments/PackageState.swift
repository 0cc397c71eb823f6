// What the RpcSs package keeps for a thread.

import MIDLPlatform

enum RPCStatus: Int32 {
    case ok = 0
    /// RPC_S_OUT_OF_MEMORY
    case outOfMemory = 14
    /// RPC_S_INVALID_ARG
    case invalidArgument = 87
}

struct PackageState {
    /// The environments that the thread owns, newest first.
    var environments: UInt = 0
    /// Records of environments and of arenas that the thread uses again.
    var spareEnvironments: UInt = 0
    var spareArenas: UInt = 0
    /// Chunks for the next environment, how many, and how many it may be.
    var keptChunks: UInt = 0
    var keptChunkCount = 0
    var chunkGoal = 16
    /// The pair that sensitive client stubs use; 0 for the default pair.
    var clientAllocate: UInt = 0
    var clientFree: UInt = 0
}
