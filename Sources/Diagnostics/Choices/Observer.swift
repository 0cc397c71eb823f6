// What the choices want to be told of the blocks that the heap makes and frees.

import MIDLShim

enum Observer {
    /// Nil when no choice wants anything.
    static func table(_ settings: Settings) -> midl_allocator? {
        if !settings.recordsStacks { return settings.printsStatistics ? Counters.table : nil }
        Recording.start()
        if !settings.printsStatistics {
            return unsafe midl_allocator(
                allocate: nil, free: nil, size: nil, made: { unsafe Recording.made($0) },
                freed: { unsafe WrongFree.check($0) }, period: 1)
        }
        return unsafe midl_allocator(
            allocate: nil, free: nil, size: nil,
            made: { block in
                unsafe Counters.made(block)
                unsafe Recording.made(block)
            },
            freed: { pointer in
                unsafe WrongFree.check(pointer)
                unsafe Counters.freed(pointer)
            }, period: 1)
    }
}
