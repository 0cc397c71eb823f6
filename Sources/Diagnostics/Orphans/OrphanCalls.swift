// The functions of midl_memory.h about orphans, as midl_core.h has them.

import MIDLPlatform
import MIDLShim
import Synchronization

enum OrphanCalls {
    private static let outOfMemory: Int32 = 12
    private static let invalid: Int32 = 22
    /// MIDL_ORPHANS_UNLESS_BLOCK.
    private static let unlessBlock: UInt32 = 1

    static func add(to diagnostics: inout midl_diagnostics) {
        unsafe diagnostics.orphans_watch = { roots, count in
            guard LiveBlocks.areKnown else { return unsafe OrphanCalls.refuse() }
            let watch = unsafe Watch.begin(roots: roots, count: count)
            if watch == nil { midl_set_out_of_memory() }
            return unsafe OpaquePointer(bitPattern: watch?.address ?? 0)
        }
        unsafe diagnostics.orphans_find = { pointer, unless, found in
            unsafe found?.pointee = midl_orphans_found()
            guard let watch = unsafe Watch(pointer), unless <= OrphanCalls.unlessBlock else {
                return OrphanCalls.invalid
            }
            if !watch.find(unlessBlock: unless == OrphanCalls.unlessBlock) {
                return OrphanCalls.outOfMemory
            }
            unsafe found?.pointee = watch.found
            return 0
        }
        unsafe diagnostics.orphans_release = { unsafe Watch($0)?.releaseFound() ?? 0 }
        unsafe diagnostics.orphans_end = { unsafe Watch($0)?.end() }
    }

    private static let hasRefused = Atomic<Bool>(false)

    /// No watch, and the first time a line that says why.
    private static func refuse() -> OpaquePointer? {
        if !hasRefused.exchange(true, ordering: .relaxed) {
            LiveBlocks.complain("orphans", to: .standardError)
        }
        midl_set_no_function()
        return nil
    }
}

extension Watch {
    fileprivate init?(_ pointer: OpaquePointer?) {
        guard let pointer = unsafe pointer else { return nil }
        self.init(address: UInt(bitPattern: pointer))
    }
}
