// Size classes: which sizes of small block exist, and which one serves a request.
//
//     index      block bytes                         slack at most
//     1 ... 8    16, 32, ... 128                     15 bytes
//     9 ... 56   8 classes for each doubling to 8192  12.5 %
//     57 ... 64  4 classes for each doubling to 32768 25 %
//
// The index is also the tag of a granule at which a block of the class starts. 0 is
// the tag where no block starts, 67 that of a large block, 65 and 66 those of blocks that
// the diagnostics watch (WatchedBlock.swift); those from 68 on are of the blocks of
// environments (EnvironmentTag.swift).

import MIDLPlatform

struct SizeClass: Equatable {
    let index: Int

    static let none = SizeClass(index: 0)
    static let first = SizeClass(index: 1)
    static let last = SizeClass(index: 64)
    /// The last one that the first table in a thread's front knows.
    static let lastSmall = SizeClass(index: 32)
    /// The tag of a large block, which is not a class of a slab.
    static let large = SizeClass(index: Int(MIDL_LARGE_TAG))

    /// Whether a tag is that of a block of a slab.
    static func isClass(_ tag: Int) -> Bool { tag >= first.index && tag <= last.index }

    /// The largest block of a slab; above it a block is large.
    static let byteLimit = Int(MIDL_MEDIUM_BYTE_LIMIT)
    /// The largest request that the first table in a thread's front answers.
    static let tableByteLimit = Int(MIDL_SMALL_BYTE_LIMIT)

    @inline(__always)
    init(index: Int) { self.index = index }

    /// The smallest class whose blocks hold `byteCount` bytes; 0 counts as 1.
    /// `byteCount` is at most `byteLimit`.
    @inline(__always)
    init(holding byteCount: Int) {
        if byteCount <= 128 {
            index = max(1, (byteCount + 15) >> 4)
            return
        }
        // The highest bit of the last byte's offset names the doubling, the bits below it the
        // step within the doubling.
        let last = UInt(byteCount - 1)
        let doubling = UInt.bitWidth - 1 - last.leadingZeroBitCount
        if byteCount <= 8192 {
            index = 9 + (doubling - 7) * 8 + Int(last >> UInt(doubling - 3)) & 7
        } else {
            index = 57 + (doubling - 13) * 4 + Int(last >> UInt(doubling - 2)) & 3
        }
    }

    /// Bytes in a block of this class.
    var blockByteCount: Int {
        if index <= 8 { return index << 4 }
        if index <= 56 {
            let (doubling, step) = (index - 9).quotientAndRemainder(dividingBy: 8)
            return (9 + step) << (doubling + 4)
        }
        let (doubling, step) = (index - 57).quotientAndRemainder(dividingBy: 4)
        return (5 + step) << (doubling + 11)
    }

    /// Units in a slab of this class: at least eight blocks fit.
    var slabUnitCount: Int {
        blockByteCount <= 8192 ? 1 : blockByteCount <= 16384 ? 2 : 4
    }

    /// Where the first block of a slab begins: as many lines of the processor's cache behind its start
    /// as a random number says, of those that are to spare. None are where the size is a power of
    /// two, so that there are classes whose blocks are aligned.
    func slabOffset(random: UInt) -> UInt {
        let spare = slabUnitCount * Unit.byteCount - slabBlockCount * blockByteCount
        return random % UInt(spare / 64 + 1) * 64
    }

    /// Blocks in a slab of this class: whole groups.
    var slabBlockCount: Int {
        slabUnitCount * Unit.byteCount / blockByteCount & ~(shuffledBlockCount - 1)
    }

    /// Blocks in each group of a fresh slab inside which their order is random, a power of two: as
    /// many as have at most 224 bytes. In larger groups programs that go through memory become slow.
    var shuffledBlockCount: Int {
        blockByteCount <= 16 ? 8 : blockByteCount <= 48 ? 4 : blockByteCount <= 112 ? 2 : 1
    }

    /// Blocks that a thread's magazine of this class holds at most: 64 KiB of them, within its
    /// slots, but no fewer than 16.
    var magazineBlockCount: Int {
        min(Magazine.slotLimit, max(16, 65536 / blockByteCount))
    }

    /// Blocks that are carved from a fresh slab at first: a page of them, so that pages stay
    /// untouched until they are wanted.
    var carveBlockCount: Int { max(1, 4096 / blockByteCount) }
}
