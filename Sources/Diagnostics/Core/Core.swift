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
        unsafe table.pointee.lock(lock)
        defer { unsafe table.pointee.unlock(lock) }
        return body()
    }

    static func free(_ block: UInt) {
        guard let block = unsafe UnsafeMutableRawPointer(bitPattern: block) else { return }
        unsafe table.pointee.free(block)
    }

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

    /// The usable bytes of the live block that starts at an address, or 0. Under the pool's lock.
    static func liveByteCount(at address: UInt) -> Int { unsafe table.pointee.live(address) }

    /// The cache at an address, the first one for 0. Under the registry's lock.
    static func cache(at address: UInt) -> midl_cache? {
        var cache = unsafe midl_cache()
        return unsafe table.pointee.cache(address, &cache) ? cache : nil
    }
}
