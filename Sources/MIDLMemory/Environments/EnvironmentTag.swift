// The tags of blocks of environments. They say how large the block is and whether
// it is free, so a block needs no header: one byte in the table of tags is all its
// overhead.
//
//     64 ... 127     live, 1 to 64 granules       128 ... 191   free
//     192 ... 207    live, a class above 1 KiB    208 ... 223   free
//     224            live, a span of its own
//
// None of them is a size class of the heap's slabs, so `midl_user_free` does not
// take such a block for one of its own.

struct EnvironmentTag: Equatable {
    let value: Int

    @inline(__always)
    init(_ value: Int) { self.value = value }

    static let large = EnvironmentTag(224)

    var isLive: Bool { isSmallLive || value >= 192 && value < 208 || self == .large }

    private var isSmallLive: Bool { value >= 64 && value < 128 }

    /// The tag of a live block of this one's size that has been freed.
    var freed: EnvironmentTag { EnvironmentTag(value + (isSmallLive ? 64 : 16)) }
    var isFreed: Bool { value >= 128 && value < 192 || value >= 208 && value < 224 }
    /// The tag of a freed block before it was freed.
    var live: EnvironmentTag { EnvironmentTag(value - (value < 192 ? 64 : 16)) }
    /// The free list for live blocks of this size.
    var bin: Bin { Bin(index: isSmallLive ? value - 64 : value - 128) }
}

/// A size of block in an environment: every granule count up to 1 KiB, then the heap's classes.
struct Bin: Equatable {
    let index: Int

    static let count = 80
    static let tableByteLimit = 1024
    /// The largest block that is cut from a chunk.
    static let byteLimit = 16384

    @inline(__always)
    init(index: Int) { self.index = index }

    /// For a request of at most `byteLimit` bytes; 0 counts as 1.
    init(holding byteCount: Int) {
        index =
            byteCount <= Bin.tableByteLimit
            ? max(0, (byteCount - 1) >> 4)
            : 64 + SizeClass(holding: byteCount).index - Bin.firstClass
    }

    /// The first size class above 1 KiB.
    private static let firstClass = 33

    var byteCount: Int {
        index < 64
            ? (index + 1) << 4 : SizeClass(index: index - 64 + Bin.firstClass).blockByteCount
    }

    var liveTag: EnvironmentTag { EnvironmentTag(index < 64 ? 64 + index : 128 + index) }
}
