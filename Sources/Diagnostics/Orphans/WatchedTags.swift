// The tags of watched blocks (WatchedBlock.swift): a block whose tag is its own again was
// freed since it was watched.
//
// Tags are read and written relaxed: a tag is all there is to agree on.

import MIDLShim
import Synchronization

struct WatchedTags {
    private let tags: UInt
    private let base: UInt

    init(_ figures: midl_heap_figures) {
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
        let tag = unsafe tag(address).pointee.load(ordering: .relaxed)
        return tag == WatchedTags.small || tag == WatchedTags.large
    }

    /// Watches a live block, which is not watched yet; returns its own tag.
    func watch(_ address: UInt) -> UInt8 {
        let own = unsafe tag(address).pointee.load(ordering: .relaxed)
        let isLarge = own == UInt8(MIDL_LARGE_TAG)
        unsafe tag(address).pointee.store(
            isLarge ? WatchedTags.large : WatchedTags.small, ordering: .relaxed)
        return own
    }

    /// Gives a block its own tag back, unless its free has done that.
    func endWatching(_ address: UInt, ownTag: UInt8) {
        if !isWatched(address) { return }
        unsafe tag(address).pointee.store(ownTag, ordering: .relaxed)
    }
}
