// A small block while it is free.
//
//     word 0   the seal: the block's address under the heap's key. It says "free".
//     word 1   the link: the next block of the list it is in, encoded; only in a
//              list of its slab, not in a magazine.
//
// The seal is put on by every free and taken off by every allocation. A block
// that arrives at free with its seal on was freed twice; one that is to be
// allocated and has lost it was written to after it had been freed. Links of
// blocks are followed only after they decode to the start of a block of the
// same slab, so an overwritten link ends the program instead of leading it astray.

struct Block: Equatable {
    let address: UInt

    @inline(__always)
    init(at address: UInt) { self.address = address }

    @inline(__always)
    init(_ start: UnsafeMutableRawPointer) { address = UInt(bitPattern: start) }

    var start: UnsafeMutableRawPointer {
        @inline(__always) get {
            unsafe UnsafeMutableRawPointer(bitPattern: address).unsafelyUnwrapped
        }
    }

    @inline(__always)
    func isSealed(_ key: UInt) -> Bool { unsafe start.load(as: UInt.self) == address ^ key }

    @inline(__always)
    func seal(_ key: UInt) { unsafe start.storeBytes(of: address ^ key, as: UInt.self) }

    @inline(__always)
    func unseal() { unsafe start.storeBytes(of: 0, as: UInt.self) }

    /// The address of the next block of the list, as it stands; 0 at the end.
    func next(_ key: UInt) -> UInt {
        unsafe start.load(fromByteOffset: 8, as: UInt.self) ^ address ^ key
    }

    func setNext(_ next: UInt, _ key: UInt) {
        unsafe start.storeBytes(of: next ^ address ^ key, toByteOffset: 8, as: UInt.self)
    }
}
