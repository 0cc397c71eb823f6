// Magazines: fixed stacks of free blocks of one class, 1 KiB each.
//
//     slot  0        1 ...          first-1    first ... top-1   top ... 127
//         [ next | unused        | sentinel | blocks          | room        ]
//
// `top` is the address of the next free slot. A magazine is aligned to its
// size, so it is full when the low bits of `top` are zero: one test. Below the
// first slot stands the sentinel, a block that is never sealed: an allocation
// from an empty magazine pops it and fails the same check that finds
// overwritten blocks. Where the first slot is depends on the magazine's capacity,
// which its holder knows. (Bonwick and Adams, "Magazines and Vmem", 2001.)

import MIDLPlatform

struct Magazine {
    let address: UInt

    static let byteCount = UInt(MIDL_MAGAZINE_BYTE_COUNT)
    /// One slot links magazines, one is the sentinel's.
    static let slotLimit = Int(MIDL_MAGAZINE_BYTE_COUNT) / 8 - 2

    init(at address: UInt) { self.address = address }

    /// The top of what is no magazine at all: full and empty.
    static var noneTop: UInt { unsafe UInt(bitPattern: midl_no_magazine()) }
    /// What the slot below the first holds.
    static var sentinel: UInt { slot(noneTop &- 8) }

    @inline(__always)
    static func slot(_ address: UInt) -> UInt {
        unsafe UnsafePointer<UInt>(bitPattern: address).unsafelyUnwrapped.pointee
    }

    @inline(__always)
    static func setSlot(_ address: UInt, _ value: UInt) {
        unsafe UnsafeMutablePointer<UInt>(bitPattern: address).unsafelyUnwrapped.pointee = value
    }

    @inline(__always)
    static func isFull(top: UInt) -> Bool { top & (byteCount - 1) == 0 }

    var end: UInt { address + Magazine.byteCount }

    /// The first slot of a magazine that holds `capacity` blocks: the top when it is empty.
    func firstSlot(capacity: Int) -> UInt { end - UInt(capacity) * 8 }

    /// Puts the sentinel where a magazine of `capacity` blocks has it.
    func setSentinel(capacity: Int) {
        Magazine.setSlot(firstSlot(capacity: capacity) - 8, Magazine.sentinel)
    }

    /// Moves blocks to lower slots of the same magazine; returns the top behind them.
    static func move(from first: UInt, to end: UInt, downTo target: UInt) -> UInt {
        for offset in stride(from: 0, to: end - first, by: 8) {
            setSlot(target + offset, slot(first + offset))
        }
        return target + (end - first)
    }

    /// The magazine that follows in a list of magazines; 0 at the end.
    var next: UInt {
        get { Magazine.slot(address) }
        nonmutating set { Magazine.setSlot(address, newValue) }
    }

    /// The magazine that `top`, which is not `noneTop`, belongs to.
    static func holding(top: UInt) -> Magazine {
        // A full one's top is the end of it.
        Magazine(at: isFull(top: top) ? top - byteCount : top & ~(byteCount - 1))
    }
}
