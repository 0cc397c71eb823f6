// Magazines: fixed stacks of free blocks of one class, 1 KiB each.
//
//     slot  0      1               first-1    first ... top-1   top ... 127
//         [ next | first | unused | sentinel | blocks          | room        ]
//
// `top` is the address of the next free slot. A magazine is aligned to its
// size, so it is full when the low bits of `top` are zero: one test. Below the
// first slot stands the sentinel, a block that is never sealed: an allocation
// from an empty magazine pops it and fails the same check that finds
// overwritten blocks. (Bonwick and Adams, "Magazines and Vmem", 2001.)

import MIDLPlatform

struct Magazine {
    let address: UInt

    static let byteCount = UInt(MIDL_MAGAZINE_BYTE_COUNT)
    /// One slot links magazines, one says which is the first, one is the sentinel's.
    static let slotLimit = Int(MIDL_MAGAZINE_BYTE_COUNT) / 8 - 3

    init(at address: UInt) { self.address = address }

    /// The top of what is no magazine at all: full and empty.
    static var noneTop: UInt {
        @inline(__always) get { unsafe UInt(bitPattern: midl_no_magazine()) }
    }

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

    /// The magazine that `top`, which is not `noneTop`, belongs to.
    @inline(__always)
    static func holding(top: UInt) -> Magazine {
        // A full one's top is the end of it.
        Magazine(at: isFull(top: top) ? top - byteCount : top & ~(byteCount - 1))
    }

    /// The blocks below a top; 0 when there is no magazine.
    static func blockCount(top: UInt) -> Int {
        top == noneTop ? 0 : Int(top - holding(top: top).first) / 8
    }

    var end: UInt { address + Magazine.byteCount }

    /// The magazine that follows in a list of magazines; 0 at the end.
    var next: UInt {
        get { Magazine.slot(address) }
        nonmutating set { Magazine.setSlot(address, newValue) }
    }

    /// The first slot: the top when the magazine is empty.
    var first: UInt {
        @inline(__always) get { Magazine.slot(address + 8) }
    }

    var capacity: Int { Int(end - first) / 8 }

    /// Moves slots; they may overlap.
    static func move(_ count: Int, from first: UInt, to target: UInt) {
        unsafe pointer(target).copyMemory(from: pointer(first), byteCount: count * 8)
    }

    /// Makes an empty magazine of one that holds nothing any more.
    func makeEmpty(capacity: Int) { Magazine.setSlot(address + 8, end - UInt(capacity) * 8) }

    /// Puts a sentinel below the first block.
    func setSentinel(_ sentinel: UInt) { Magazine.setSlot(first - 8, sentinel) }
}
