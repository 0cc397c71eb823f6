// The way to the heap that is diagnosed (midl_core.h), and what was chosen of it.

import MIDLPlatform
import MIDLShim

enum Diagnostics {
    /// Set once, by `midl_diagnostics_start`, before anything else here runs.
    nonisolated(unsafe) private(set) static var core: UnsafePointer<midl_core>?
    nonisolated(unsafe) private(set) static var settings = Settings()
    /// The address of what the library got (midl_diagnostics), with its allocator first.
    nonisolated(unsafe) private static var given: UInt = 0

    static func start(
        _ core: UnsafePointer<midl_core>, _ settings: Settings,
        _ given: UnsafePointer<midl_diagnostics>
    ) {
        unsafe Diagnostics.core = core
        unsafe Diagnostics.settings = settings
        unsafe Diagnostics.given = UInt(bitPattern: given)
    }

    /// Whether the pair's blocks are made by the program's own allocator. False before the choice.
    static var isProgramsAllocatorChosen: Bool {
        guard let choice = unsafe core?.pointee.choice.pointee else { return false }
        return unsafe choice > 1 && choice != given
    }

    /// Tells whoever watches the heap of a free; true when the heap is not to do it.
    fileprivate static func isTold(ofFree block: UnsafeMutableRawPointer) -> Bool {
        guard unsafe core?.pointee.choice.pointee == given else { return false }
        let given = unsafe UnsafePointer<midl_allocator>(bitPattern: given)
        return unsafe given?.pointee.freed?(block) ?? false
    }
}

/// The heap, by the functions of `midl_core`. Each of them says what lock it wants.
enum Core {
    private static var table: UnsafePointer<midl_core> {
        unsafe Diagnostics.core.unsafelyUnwrapped
    }

    /// This is a copy of a process (midl_in_copy): it has one thread, and locks of the others, which
    /// nobody will open, are no reason to wait.
    nonisolated(unsafe) static var isCopy = false

    static func withLock<Result>(_ lock: midl_lock_index, _ body: () -> Result) -> Result {
        if unsafe isCopy { return body() }
        while true {
            unsafe table.pointee.lock(lock)
            // Under the pool's lock blocks are looked at.
            let result =
                lock == MIDL_LOCK_POOL ? SeparateBlocks.withDescribedIfFree(body) : body()
            unsafe table.pointee.unlock(lock)
            if let result { return result }
            midl_wait()
        }
    }

    static func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer? {
        unsafe table.pointee.allocate(byteCount)
    }

    /// As the program frees a block.
    static func free(_ block: UInt) {
        if unsafe !Diagnostics.isTold(ofFree: pointer(block)) { giveBack(block) }
    }

    /// Frees a block of which nobody is told.
    static func giveBack(_ block: UInt) { unsafe table.pointee.free(pointer(block)) }

    static var figures: midl_heap_figures {
        var figures = midl_heap_figures()
        withLock(MIDL_LOCK_POOL) { unsafe table.pointee.figures(&figures) }
        return figures
    }

    /// Of the records of environments, by index from 0 on. Under the registry's lock.
    static func environment(_ index: Int) -> midl_environment_state {
        unsafe table.pointee.environment(index)
    }

    /// The span that an address is in; nil outside of what the heap has used. Under the pool's lock.
    static func span(at address: UInt) -> midl_span? {
        var span = midl_span()
        return unsafe table.pointee.span(address, &span) ? span : nil
    }

    /// What the heap has given for the live block that starts at an address, or 0. Under the pool's
    /// lock. Not of one that may be described: it is looked into.
    static func liveByteCount(at address: UInt) -> Int { unsafe table.pointee.live(address) }

    /// The bytes of a live block that starts at an address, and whose a described one is; nil when none
    /// does. Under the pool's lock, unless the caller owns the block.
    static func liveBlock(at address: UInt) -> (byteCount: Int, owner: UInt?)? {
        if unsafe Described.isOn, let (owner, extent) = SeparateBlocks.known(address) {
            return owner == OwnedBlocks.quarantine ? nil : (extent.byteCount, owner)
        }
        let byteCount = liveByteCount(at: address)
        return byteCount == 0 ? nil : (byteCount, nil)
    }

    static func byteCount(ofBlockAt address: UInt) -> Int? { liveBlock(at: address)?.byteCount }

    /// The cache at an address, the first one for 0. Under the registry's lock.
    static func cache(at address: UInt) -> midl_cache? {
        var cache = unsafe midl_cache()
        return unsafe table.pointee.cache(address, &cache) ? cache : nil
    }
}
