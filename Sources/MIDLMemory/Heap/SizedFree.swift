// Sized frees: the program says how large a block is, and the heap knows.

extension Heap {
    /// Ends the program unless `block`, which may be nil, is a live block as large as one for
    /// `byteCount` bytes.
    static func checkSize(of block: UnsafeRawPointer?, byteCount: Int) {
        let address = UInt(bitPattern: block)
        if address == 0 { return }
        let heap = Heap.ofProcess
        if let block = unsafe block,
            let usable = unsafe Choice.byteCount(of: block, heap, isSizedFree: true)
        {
            // Another allocator says only how much of its block may be used; one that has its blocks of
            // the heap, what was asked for.
            let isOther =
                if let heap, heap.region.contains(address) {
                    heap.usableByteCount(forRequest: byteCount)
                        != heap.usableByteCount(forRequest: usable)
                } else {
                    UInt(bitPattern: byteCount) > UInt(bitPattern: usable)
                }
            if isOther { Misuse.stop(.freeSized, address, .otherSize) }
            return
        }
        guard let heap else { Misuse.stop(.freeSized, address, .foreign) }
        let usable = heap.byteCount(ofBlockAt: address, for: .freeSized)
        if heap.usableByteCount(forRequest: byteCount) != usable {
            Misuse.stop(.freeSized, address, .otherSize)
        }
    }

    /// The usable bytes of a block for a request; -1 for one that no block serves.
    private func usableByteCount(forRequest byteCount: Int) -> Int {
        if byteCount < 0 || byteCount > region.unitCount << Int(Unit.shift) { return -1 }
        return byteCount <= SizeClass.byteLimit
            ? SizeClass(holding: byteCount).blockByteCount : Page.roundUp(byteCount)
    }
}
