// Blocks of zeros.
//
// A large block of pages that the pool took fresh from the system, or that it has
// given back since they were used, is zero already. A small one may always have
// been in use before.

import MIDLPlatform

enum ZeroedBlock {
    /// A block whose first `byteCount` bytes are zero; nil, and ENOMEM, when there is no memory.
    static func allocate(
        byteCount: Int, _ front: UnsafePointer<midl_front>
    ) -> UnsafeMutableRawPointer? {
        guard let start = unsafe ThreadCache.allocate(front, byteCount: byteCount) else {
            return nil
        }
        if unsafe !isLargeAndZero(start) {
            unsafe start.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
        }
        return unsafe start
    }

    /// For a block that was just allocated in the process's heap.
    private static func isLargeAndZero(_ start: UnsafeMutableRawPointer) -> Bool {
        let address = unsafe Block(start).address
        guard let region = Heap.ofProcess?.region,
            region.tagOfAny(address) == SizeClass.large.index
        else { return false }
        return region.span(atUnit: region.unit(of: address)).wasTakenZero
    }
}
