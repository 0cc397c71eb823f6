// Blocks of environments that are made one by one (midl_core.h), for tools that are to see where each
// of them begins and ends, and when it is freed. An arena then has no chunk, so that every
// allocation comes here.

import MIDLPlatform
import MIDLShim

extension Arena {
    /// Nil when the heap is to make the block, or the environment is gone.
    func allocateSeparately(byteCount: Int) -> UInt? {
        guard let blocks = unsafe midl_environment_blocks() else { return nil }
        let environment = environment
        environment.lock()
        defer { environment.unlock() }
        if !isAlive { return nil }
        noteIsNotPlain()
        let block = unsafe blocks.pointee.allocate?(environment.address, byteCount)
        return unsafe block.map { UInt(bitPattern: $0) }
    }
}

extension Environment {
    /// Frees a block that was made separately; false when there is none. Under the lock.
    func freeSeparate(_ block: Block) -> Bool {
        unsafe midl_environment_blocks()?.pointee.free?(address, block.start) ?? false
    }

    /// At the end, when no other thread comes any more.
    func freeSeparateBlocks() { unsafe midl_environment_blocks()?.pointee.end?(address) }
}
