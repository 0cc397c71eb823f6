// The functions of midl_memory.h about orphans, as midl_core.h has them.

import MIDLShim

enum OrphanCalls {
    private static let outOfMemory: Int32 = 12
    private static let invalid: Int32 = 22
    /// MIDL_ORPHANS_UNLESS_BLOCK.
    private static let unlessBlock: UInt32 = 1

    static func add(to diagnostics: inout midl_diagnostics) {
        unsafe diagnostics.watch_orphans = { roots, count in
            unsafe Watch.begin(roots: roots, count: count)?.address ?? 0
        }
        unsafe diagnostics.find_orphans = { watch, unless, found in
            if unless > OrphanCalls.unlessBlock { return OrphanCalls.invalid }
            let watch = Watch(address: watch)
            let isDone = watch.find(unlessBlock: unless == OrphanCalls.unlessBlock)
            if isDone { unsafe found.pointee = watch.found }
            return isDone ? 0 : OrphanCalls.outOfMemory
        }
        diagnostics.release_orphans = { Watch(address: $0).releaseFound() }
        diagnostics.end_orphans = { Watch(address: $0).end() }
    }
}
