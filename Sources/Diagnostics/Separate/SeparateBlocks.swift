// Blocks of environments one by one, each from an allocator that sees where it begins and
// ends and when it is freed; in the heap they are cut from chunks and go all at once.
//
// Whose a block is is kept here, so that one that goes back the wrong way is found.

import MIDLPlatform
import MIDLShim

enum SeparateBlocks {
    /// Where blocks come from and go to. Functions of C, so that the stacks that the allocator
    /// takes are short.
    nonisolated(unsafe) private static var makeBlock:
        (@convention(c) (Int) -> UnsafeMutableRawPointer?)?
    nonisolated(unsafe) private static var takeBack:
        (@convention(c) (UnsafeMutableRawPointer) -> Void)?
    // Under the lock, in which nothing else is called.
    nonisolated(unsafe) private static var blocks: OwnedBlocks?
    nonisolated(unsafe) private static var forkLock = midl_fork_lock()

    private static func lock() { unsafe midl_lock_past_fork(&forkLock) }
    private static func unlock() { unsafe midl_unlock_past_fork(&forkLock) }

    /// Has blocks made and taken back by two functions; false, and nothing has happened, without
    /// memory.
    static func start(
        _ makeBlock: @convention(c) (Int) -> UnsafeMutableRawPointer?,
        _ takeBack: @convention(c) (UnsafeMutableRawPointer) -> Void
    ) -> Bool {
        guard let none = OwnedBlocks() else { return false }
        unsafe blocks = consume none
        unsafe SeparateBlocks.makeBlock = makeBlock
        unsafe SeparateBlocks.takeBack = takeBack
        _ = midl_watch_fork(
            { unsafe midl_fork_begins(&SeparateBlocks.forkLock) },
            { unsafe midl_fork_ends(&SeparateBlocks.forkLock) },
            { unsafe midl_fork_ends(&SeparateBlocks.forkLock) })
        return true
    }

    static var table: midl_environment_blocks {
        unsafe midl_environment_blocks(
            allocate: { environment, byteCount in
                let block = unsafe SeparateBlocks.allocate(byteCount, for: environment)
                if let block = unsafe block { unsafe midl_malloc_hold(block) }
                return unsafe block
            },
            free: { environment, block in unsafe SeparateBlocks.free(block, of: environment) },
            end: { SeparateBlocks.freeAll(of: $0) },
            contains: { SeparateBlocks.owner(of: UInt(bitPattern: $0)) != nil })
    }

    /// Where the table of blocks is, and how many bytes; 0 without one.
    static var memory: (start: UInt, byteCount: Int) {
        lock()
        defer { unlock() }
        return unsafe blocks?.range ?? (0, 0)
    }

    // MARK: Operations

    /// The environment that a block belongs to, or nobody; nil for any other address.
    static func owner(of address: UInt) -> UInt? {
        lock()
        defer { unlock() }
        return unsafe blocks?.owner(of: address)
    }

    /// Beyond it the address sanitizer ends the program.
    private static let byteLimit = 1 << 40

    /// Nil without memory.
    @inline(__always)
    static func allocate(_ byteCount: Int, for owner: UInt) -> UnsafeMutableRawPointer? {
        guard byteCount >= 0 && byteCount < byteLimit, let block = unsafe makeBlock?(byteCount)
        else { return nil }
        lock()
        let isKept = unsafe blocks?.insert(UInt(bitPattern: block), owner: owner) == true
        unlock()
        if isKept { return unsafe block }
        unsafe takeBack?(block)
        return nil
    }

    /// False, and nothing has happened, when it is not a block of the owner's.
    @inline(__always)
    static func free(_ block: UnsafeMutableRawPointer, of owner: UInt) -> Bool {
        let address = UInt(bitPattern: block)
        lock()
        let isOwners = unsafe blocks?.owner(of: address) == owner
        if isOwners { unsafe blocks?.remove(address) }
        unlock()
        if isOwners { unsafe takeBack?(block) }
        return isOwners
    }

    private static func freeAll(of owner: UInt) {
        while true {
            lock()
            let first = unsafe blocks?.firstBlock(of: owner)
            if let first { unsafe blocks?.remove(first) }
            unlock()
            guard let first else { return }
            unsafe takeBack?(pointer(first))
        }
    }

    // MARK: Misuse

    /// Ends the program if a block that is given to a function of the pair is an environment's.
    static func refuse(_ address: UInt, _ function: StaticString) {
        guard let owner = owner(of: address), owner != OwnedBlocks.nobody else { return }
        stop(
            function, address,
            """
            the block belongs to an RpcSs environment; \
            free it with RpcSsFree or RpcSmFree, or leave it to the environment's end
            """)
    }

    static func stop(_ function: StaticString, _ address: UInt, _ cause: StaticString) -> Never {
        unsafe midl_stop(
            UnsafeRawPointer(function.utf8Start).assumingMemoryBound(to: CChar.self),
            UnsafeRawPointer(bitPattern: address),
            UnsafeRawPointer(cause.utf8Start).assumingMemoryBound(to: CChar.self))
    }
}
