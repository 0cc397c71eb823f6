// Memory of the diagnostics' own: mappings, from which pieces are cut one after the other.

import MIDLPlatform

@inline(__always)
func pointer(_ address: UInt) -> UnsafeMutableRawPointer {
    unsafe UnsafeMutableRawPointer(bitPattern: address).unsafelyUnwrapped
}

extension Text {
    /// A copy that stays for as long as the process does; empty without memory.
    var kept: Text {
        guard !isEmpty, let copy = unsafe midl_reserve(byteCount),
            unsafe midl_commit(copy, byteCount, byteCount)
        else { return .empty }
        unsafe copy.copyMemory(from: pointer(start), byteCount: byteCount)
        return Text(start: UInt(bitPattern: copy), byteCount: byteCount)
    }
}

/// A mapping that goes with its value. Reads as zero; pages that are not used take no memory.
struct Mapping: ~Copyable {
    let start: UInt
    let byteCount: Int
    private(set) var usedByteCount = 0

    /// Nil when there is no memory.
    init?(byteCount: Int) {
        guard let start = unsafe midl_reserve(byteCount) else { return nil }
        guard unsafe midl_commit(start, byteCount, byteCount) else {
            unsafe midl_release(start, byteCount)
            return nil
        }
        self.start = UInt(bitPattern: start)
        self.byteCount = byteCount
    }

    deinit { unsafe midl_release(pointer(start), byteCount) }

    var freeByteCount: Int { byteCount - usedByteCount }

    /// The next `byteCount` bytes, at a multiple of 8; nil when there are no more.
    mutating func cut(byteCount: Int) -> UInt? {
        let rounded = (byteCount + 7) & ~7
        guard rounded <= freeByteCount else { return nil }
        defer { usedByteCount += rounded }
        return start + UInt(usedByteCount)
    }

    /// Takes back what was cut last, from an address in it on.
    mutating func giveBack(from address: UInt) {
        usedByteCount = (Int(address - start) + 7) & ~7
    }
}
