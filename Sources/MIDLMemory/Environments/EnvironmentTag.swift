// The tags of blocks of environments. They say how large the block is and whether
// it is free, so a block needs no header: one byte in the table of tags is all its
// overhead.
//
//     68 ... 131     live, 1 to 64 granules           132 ... 195   free
//     196 ... 211    live, a size above 1 KiB         212 ... 227   free
//     228            live, a span of its own
//
// None of them is a size class of the heap's slabs, so `midl_user_free` does not
// take such a block for one of its own.

struct EnvironmentTag: Equatable {
    let value: Int

    @inline(__always)
    init(_ value: Int) { self.value = value }

    /// Above the tags of the heap's own blocks.
    static let first = EnvironmentTag(68)
    static let large = EnvironmentTag(228)

    /// How far behind the first one.
    private var offset: Int { value - EnvironmentTag.first.value }

    var isLive: Bool { isSmallLive || offset >= 128 && offset < 144 || self == .large }

    private var isSmallLive: Bool { offset >= 0 && offset < 64 }

    /// The tag of a live block of this one's size that has been freed.
    var freed: EnvironmentTag { EnvironmentTag(value + (isSmallLive ? 64 : 16)) }
    var isFreed: Bool { offset >= 64 && offset < 128 || offset >= 144 && offset < 160 }
    /// The tag of a freed block before it was freed.
    var live: EnvironmentTag { EnvironmentTag(value - (offset < 128 ? 64 : 16)) }
    /// The free list for live blocks of this size.
    var bin: Bin { Bin(index: isSmallLive ? offset : offset - 64) }
}

/// A size of block in an environment: every granule count up to 1 KiB, then four sizes for each
/// doubling to 16 KiB.
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
        if byteCount <= Bin.tableByteLimit {
            index = max(0, (byteCount - 1) >> 4)
            return
        }
        let last = UInt(byteCount - 1)
        let doubling = UInt.bitWidth - 1 - last.leadingZeroBitCount
        index = 64 + (doubling - 10) * 4 + Int(last >> UInt(doubling - 2)) & 3
    }

    var byteCount: Int {
        if index < 64 { return (index + 1) << 4 }
        let (doubling, step) = (index - 64).quotientAndRemainder(dividingBy: 4)
        return (5 + step) << (doubling + 8)
    }

    var liveTag: EnvironmentTag {
        EnvironmentTag(EnvironmentTag.first.value + (index < 64 ? index : 64 + index))
    }
}
