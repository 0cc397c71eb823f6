// What the choices want to be told of the blocks that the heap makes and frees.

import MIDLShim

enum Observer {
    /// Nil when no choice wants anything.
    static func table(_ settings: Settings) -> midl_allocator? {
        guard settings.observesBlocks else { return nil }
        if settings.recordsStacks { Recording.start() }
        return unsafe midl_allocator(
            allocate: nil, free: nil, size: nil,
            made: { unsafe Observer.made($0) },
            freed: {
                unsafe Observer.freed($0)
                return false
            }, requested: nil, period: 1)
    }

    /// Any block of the heap, after it was made.
    static func made(_ block: UnsafeMutableRawPointer) {
        if unsafe Diagnostics.settings.printsStatistics { unsafe Counters.made(block) }
        if unsafe Diagnostics.settings.recordsStacks { unsafe Recording.made(block) }
        if unsafe Diagnostics.settings.records { unsafe Record.made(block) }
    }

    /// Any pointer, before the heap frees it, or ends the program for it.
    static func freed(_ pointer: UnsafeMutableRawPointer) {
        if unsafe Diagnostics.settings.records {
            // It keeps misuse, too.
            unsafe Record.freed(pointer)
        } else if unsafe Diagnostics.settings.recordsStacks {
            unsafe WrongFree.check(pointer)
        }
        if unsafe Diagnostics.settings.printsStatistics { unsafe Counters.freed(pointer) }
    }
}
