// A small block while it is free.
//
//     byte  0        4                 12       16
//           |        | seal            | link   |
//
//     seal   the block's own address. It says "free".
//     link   the next block of the list that the block is in, encoded; only in a
//            list of its slab, not in a magazine (Slab.swift).
//
// The seal is put on by every free and taken off by every allocation. A block
// that arrives at free with its seal on was freed twice; one that is to be
// allocated and has lost it was written to after it had been freed.
//
// The seal begins at byte 4 for two reasons. No compiler puts a pointer there, so
// that no live block holds its own address in that place, as a list that is empty
// does in its first word. And a free that looks at four bytes of it there seldom
// waits: a load of eight bytes over a shorter store that has just been done, to
// the first byte of a text or the first number of a record, takes a dozen cycles.

struct Block: Equatable {
    let address: UInt

    private static let sealOffset = 4
    private static let linkOffset = 12

    @inline(__always)
    init(at address: UInt) { self.address = address }

    @inline(__always)
    init(_ start: UnsafeMutableRawPointer) { address = UInt(bitPattern: start) }

    var start: UnsafeMutableRawPointer {
        @inline(__always) get {
            unsafe UnsafeMutableRawPointer(bitPattern: address).unsafelyUnwrapped
        }
    }

    private var sealWord: UInt {
        @inline(__always) get {
            unsafe start.loadUnaligned(fromByteOffset: Block.sealOffset, as: UInt.self)
        }
        @inline(__always) nonmutating set {
            unsafe start.storeBytes(of: newValue, toByteOffset: Block.sealOffset, as: UInt.self)
        }
    }

    var isSealed: Bool { sealWord == address }

    /// Whether four bytes of the seal are there: of a live block about once in four thousand
    /// million times.
    var seemsSealed: Bool {
        @inline(__always) get {
            unsafe start.load(fromByteOffset: Block.sealOffset, as: UInt32.self)
                == UInt32(truncatingIfNeeded: address)
        }
    }

    @inline(__always)
    func seal() { sealWord = address }

    /// Takes the seal off and leaves zeros; false, and other bytes are left, when there was none.
    @inline(__always)
    func unseal() -> Bool {
        // One instruction that subtracts in memory and tells whether zero is left.
        let rest = sealWord &- address
        sealWord = rest
        return rest == 0
    }

    /// The link as it stands, without its code.
    func link(_ code: UInt32) -> UInt32 {
        unsafe start.load(fromByteOffset: Block.linkOffset, as: UInt32.self) ^ code ^ place
    }

    func setLink(_ link: UInt32, _ code: UInt32) {
        unsafe start.storeBytes(
            of: link ^ code ^ place, toByteOffset: Block.linkOffset, as: UInt32.self)
    }

    /// Makes equal links of different blocks differ.
    private var place: UInt32 { UInt32(truncatingIfNeeded: address &>> 4) }
}
