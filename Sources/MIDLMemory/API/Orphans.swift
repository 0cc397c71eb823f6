// What a call has orphaned, given back.

#if !hasFeature(Embedded)

import MIDLPlatform
import MIDLShim

/// What a remote call left of the caller's blocks without a pointer to them, and what was given
/// back to the heap for it; see `midl_orphans_watch` in `midl_memory.h`.
///
///     let orphans = Orphans.watching(&list) { list in cut_list(binding, &list) }
///
/// Page: "Memory Orphaning".
public struct Orphans: Equatable, Sendable {
    /// How many blocks were given back.
    public let blockCount: Int
    /// The usable bytes of these blocks.
    public let byteCount: Int

    /// What else keeps a block, besides the roots of all watches in the process.
    public enum Keepers: UInt32, Sendable {
        /// Nothing.
        case roots = 0
        /// A pointer in any other live block, as of a full pointer's alias.
        case blocks = 1
    }

    /// Runs `body` and frees the blocks of the heap that were reachable from the roots before it
    /// and no longer are, also when it throws.
    ///
    /// The roots are memory with pointers, which stays where it is meanwhile. Nil, and nothing is
    /// freed, when there is no memory for the watch; `body` runs all the same.
    @discardableResult
    public static func watching<Failure: Error>(
        _ roots: [UnsafeRawBufferPointer], unlessKeptBy keepers: Keepers = .roots,
        _ body: () throws(Failure) -> Void
    ) throws(Failure) -> Orphans? {
        let memory = unsafe UnsafeMutablePointer<midl_orphans_root>.allocate(
            capacity: max(1, roots.count))
        for index in unsafe roots.indices {
            let root = unsafe roots[index]
            unsafe (memory + index).initialize(
                to: midl_orphans_root(start: root.baseAddress, byte_count: root.count))
        }
        let diagnostics = unsafe midl_use_diagnostics()
        let watch = unsafe diagnostics?.pointee.orphans_watch?(memory, roots.count)
        let result: Swift.Result<Void, Failure>
        do throws(Failure) {
            try body()
            result = .success(())
        } catch { result = .failure(error) }
        var orphans: Orphans?
        if let watch = unsafe watch {
            orphans = unsafe giveBack(watch, keepers, diagnostics)
        }
        unsafe memory.deallocate()
        try result.get()
        return orphans
    }

    /// The same for one root, a variable: a pointer, or a structure with pointers, that `body`
    /// passes on to the call.
    @discardableResult
    public static func watching<Root, Failure: Error>(
        _ root: inout Root, unlessKeptBy keepers: Keepers = .roots,
        _ body: (inout Root) throws(Failure) -> Void
    ) throws(Failure) -> Orphans? {
        unsafe try withUnsafeMutablePointer(to: &root) { pointer throws(Failure) in
            let bytes = unsafe UnsafeRawBufferPointer(
                start: pointer, count: MemoryLayout<Root>.size)
            return try unsafe watching([bytes], unlessKeptBy: keepers) { () throws(Failure) in
                unsafe try body(&pointer.pointee)
            }
        }
    }

    /// Finds, frees, and ends the watch; nil without memory.
    private static func giveBack(
        _ watch: OpaquePointer, _ keepers: Keepers, _ diagnostics: UnsafePointer<midl_diagnostics>?
    ) -> Orphans? {
        var found = unsafe midl_orphans_found()
        let status = unsafe diagnostics?.pointee.orphans_find?(watch, keepers.rawValue, &found)
        let orphans =
            status == 0
            ? unsafe Orphans(blockCount: found.block_count, byteCount: found.byte_count) : nil
        if status == 0 { _ = unsafe diagnostics?.pointee.orphans_release?(watch) }
        unsafe diagnostics?.pointee.orphans_end?(watch)
        return orphans
    }
}

#endif
