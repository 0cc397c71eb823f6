// Blocks of environments one by one, each from an allocator that sees where it begins and
// ends and when it is freed; in the heap they are cut from chunks and go all at once.
//
// Whose a block is is kept here, so that one that goes back the wrong way is found. Blocks of
// the heap that are described to a tool (Described.swift) stay here for a while after they
// were freed: in the quarantine, first in first out.

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

    /// Of the blocks in the quarantine: how many, and their room.
    nonisolated(unsafe) private static var freedCount = 0
    nonisolated(unsafe) private static var freedByteCount = 0
    private static let freedByteLimit = 64 << 20

    private static func lock() {
        if unsafe !Core.isCopy { unsafe midl_lock_past_fork(&forkLock) }
    }
    private static func unlock() {
        if unsafe !Core.isCopy { unsafe midl_unlock_past_fork(&forkLock) }
    }

    /// Runs `body`, which may look here, with described blocks as they are; nil at once when they are
    /// about to change. Whoever holds a lock of the heap looks here in this way alone: fork takes that
    /// lock and this one in either order.
    static func withDescribedIfFree<Result>(_ body: () -> Result) -> Result? {
        if unsafe !Described.isOn || Core.isCopy || midl_passes_lock(&forkLock) { return body() }
        guard unsafe midl_try_hold_lock(&forkLock) else { return nil }
        defer { unsafe midl_fork_ends(&forkLock) }
        return body()
    }

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

    /// The owner and extent of a block, live or in the quarantine; nil for any other address.
    static func known(_ address: UInt) -> (owner: UInt, extent: OwnedBlocks.Extent)? {
        lock()
        defer { unlock() }
        return unsafe blocks?.block(at: address)
    }

    /// Opens a block of the heap that is not described.
    static func open(_ address: UInt) {
        lock()
        defer { unlock() }
        midl_describe_open(address, Core.liveByteCount(at: address))
    }

    /// The environment that a block belongs to, or nobody; nil for any other address.
    static func owner(of address: UInt) -> UInt? { known(address)?.owner }

    /// Beyond it the address sanitizer ends the program.
    private static let byteLimit = 1 << 40

    /// Nil without memory.
    @inline(__always)
    static func allocate(_ byteCount: Int, for owner: UInt) -> UnsafeMutableRawPointer? {
        guard byteCount >= 0 && byteCount < byteLimit, let block = unsafe makeBlock?(byteCount)
        else { return nil }
        let address = UInt(bitPattern: block)
        let extent =
            unsafe Described.isOn
            ? Zones.extent(address, byteCount: byteCount) : OwnedBlocks.Extent()
        lock()
        let isKept = unsafe blocks?.insert(address, owner: owner, extent) == true
        if unsafe isKept && Described.isOn { unsafe blocks?.describe(address, extent) }
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
        let isOut = isOwners && takeOut(address)
        unlock()
        if isOut { unsafe takeBack?(block) }
        if isOwners { giveBackOldest() }
        return isOwners
    }

    // MARK: The quarantine

    /// Takes out a block; false when it is in the quarantine then. Under the lock.
    private static func takeOut(_ address: UInt) -> Bool {
        let extent = unsafe blocks?.extent(of: address) ?? OwnedBlocks.Extent()
        unsafe blocks?.remove(address)
        if unsafe !Described.isOn { return true }
        unsafe blocks?.describeFree(address, extent)
        guard unsafe blocks?.insert(address, owner: OwnedBlocks.quarantine, extent) == true else {
            unsafe blocks?.open(address, extent)
            return true
        }
        unsafe freedCount += 1
        unsafe freedByteCount += extent.room
        return false
    }

    private static func giveBackOldest() {
        if unsafe !Described.isOn { return }
        while let oldest = takeFromQuarantine() { unsafe takeBack?(pointer(oldest)) }
    }

    /// The block that has been in the quarantine for longest, if there are too many.
    private static func takeFromQuarantine() -> UInt? {
        lock()
        defer { unlock() }
        guard
            unsafe freedCount > Diagnostics.settings.quarantineBlockLimit
                || freedByteCount > freedByteLimit,
            let oldest = unsafe blocks?.lastBlock(of: OwnedBlocks.quarantine),
            let extent = unsafe blocks?.extent(of: oldest)
        else { return nil }
        unsafe blocks?.remove(oldest)
        unsafe blocks?.open(oldest, extent)
        unsafe freedCount -= 1
        unsafe freedByteCount -= extent.room
        return oldest
    }

    private static func freeAll(of owner: UInt) {
        while true {
            lock()
            let first = unsafe blocks?.firstBlock(of: owner)
            let isOut = first.map { takeOut($0) } ?? false
            unlock()
            guard let first else { return giveBackOldest() }
            if isOut { unsafe takeBack?(pointer(first)) }
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
