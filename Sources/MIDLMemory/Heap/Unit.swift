// Units: the region is cut into units of 64 KiB. A slab or a large block is a run
// of whole units (a span), so the span of any address is found by shifting.

enum Unit {
    static let shift: UInt = 16
    static let byteCount = 1 << 16
    static let granuleCount = byteCount >> 4

    /// Units that hold `byteCount` bytes.
    static func count(holding byteCount: Int) -> Int { (byteCount + Unit.byteCount - 1) >> 16 }
}

/// The system's page, below which nothing is returned. x86-64 has 4 KiB; a larger page of
/// another machine divides a unit as well.
enum Page {
    static let shift: UInt = 12
    static let byteCount = 1 << 12

    static func roundUp(_ byteCount: Int) -> Int {
        (byteCount + Page.byteCount - 1) & ~(Page.byteCount - 1)
    }
}

/// The pointer to an address that is not 0.
@inline(__always)
func pointer(_ address: UInt) -> UnsafeMutableRawPointer {
    unsafe UnsafeMutableRawPointer(bitPattern: address).unsafelyUnwrapped
}
