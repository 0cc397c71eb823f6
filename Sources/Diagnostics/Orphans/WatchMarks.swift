// The marks of watched blocks: one that has lost its mark was freed since it was
// watched.
//
//     of the heap   the tag is another (WatchedBlock.swift); a free puts its own back
//     guarded       the record says so; an allocation in the slot begins without
//
// Tags are read and written relaxed: a tag is all there is to agree on.

import MIDLShim
import Synchronization

struct WatchMarks {
    private let tags: UInt
    private let base: UInt

    /// Not under a lock of the heap.
    init() {
        let figures = Core.figures
        tags = UInt(figures.tags)
        base = UInt(figures.start)
    }

    private func tag(_ address: UInt) -> UnsafeMutablePointer<Atomic<UInt8>> {
        unsafe UnsafeMutablePointer(bitPattern: tags + (address - base) >> 4).unsafelyUnwrapped
    }

    private static let small = UInt8(MIDL_WATCHED_TAG)
    private static let large = UInt8(MIDL_WATCHED_LARGE_TAG)

    /// Of a block that starts at an address.
    func isWatched(_ address: UInt) -> Bool {
        if Guard.contains(address) {
            return unsafe Guard.liveRecord(at: address)?.pointee.isWatched ?? false
        }
        let tag = unsafe tag(address).pointee.load(ordering: .relaxed)
        return tag == WatchMarks.small || tag == WatchMarks.large
    }

    /// Watches a live block, which is not watched yet; returns its own tag, 0 of a guarded one.
    func watch(_ address: UInt) -> UInt8 {
        if Guard.contains(address) {
            unsafe Guard.liveRecord(at: address)?.pointee.isWatched = true
            return 0
        }
        let own = unsafe tag(address).pointee.load(ordering: .relaxed)
        let isLarge = own == UInt8(MIDL_LARGE_TAG)
        unsafe tag(address).pointee.store(
            isLarge ? WatchMarks.large : WatchMarks.small, ordering: .relaxed)
        return own
    }

    /// Gives a block its own tag back, unless its free has done that.
    func endWatching(_ address: UInt, ownTag: UInt8) {
        if !isWatched(address) { return }
        if Guard.contains(address) {
            unsafe Guard.liveRecord(at: address)?.pointee.isWatched = false
        } else {
            unsafe tag(address).pointee.store(ownTag, ordering: .relaxed)
        }
    }
}
