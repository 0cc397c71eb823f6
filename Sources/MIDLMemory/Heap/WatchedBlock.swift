// A watched block: one of which the diagnostics can tell later that it was freed
// meanwhile, even if its address has a new block.
//
//     tag of its class   -- watch -->   watched tag   -- free -->   tag of its class
//
// They change its tag themselves, to one that no size class has, so that its free takes
// the slow path, which puts the tag of the class back. The block that comes next is not
// watched. Which class it is the slab knows.

import MIDLPlatform

extension SizeClass {
    /// The tag of a watched block of a slab: one above the classes.
    static let watched = SizeClass(index: Int(MIDL_WATCHED_TAG))
    /// The tag of a watched large block: that of a large one without this bit.
    static let watchedBit = Int(MIDL_LARGE_TAG ^ MIDL_WATCHED_LARGE_TAG)

    /// Whether a tag is that of a block of a slab, watched or not.
    static func isClassOrWatched(_ tag: Int) -> Bool {
        tag >= first.index && tag <= watched.index
    }

    /// Whether a tag is that of a large block, watched or not.
    static func isLargeOrWatched(_ tag: Int) -> Bool { tag | watchedBit == large.index }
}

extension Region {
    /// Puts the tag of its class back to a block that is about to be freed.
    @inline(__always)
    func unwatch(_ block: Block, _ tag: Int, _ sizeClass: SizeClass) {
        if tag != sizeClass.index { setTag(sizeClass.index, at: block.address) }
    }
}
