// Another size for a block that stays where it is.
//
//     small   while the request fits the block and wants at least half of it
//     large   while it stays large: the span gives units back at its end, or takes the free ones
//             that follow it

enum Resizing {
    /// Whether a live block of the process's heap now serves `byteCount` bytes. When not, it is as
    /// it was.
    static func resizeInPlace(_ start: UnsafeMutableRawPointer, to byteCount: Int) -> Bool {
        guard let heap = Heap.ofProcess, byteCount >= 0 else { return false }
        let address = unsafe Block(start).address
        // One of another allocator's.
        if !heap.region.contains(address) { return false }
        let tag = heap.region.tag(at: address)
        if SizeClass.isLargeOrWatched(tag) {
            return LargeBlock.resize(address, to: byteCount, heap)
        }
        let blockByteCount = heap.region.slab(of: Block(at: address)).blockByteCount
        return byteCount <= blockByteCount && byteCount >= blockByteCount / 2
    }
}

extension LargeBlock {
    /// Whether the live large block at an address now has `byteCount` bytes.
    static func resize(_ address: UInt, to byteCount: Int, _ heap: Heap) -> Bool {
        let region = heap.region
        guard byteCount > SizeClass.byteLimit, byteCount <= region.unitCount << Int(Unit.shift)
        else { return false }
        let span = region.span(atUnit: region.unit(of: address))
        let unitCount = Unit.count(holding: Int(span.offset) + byteCount)
        // Only who has the block changes its span.
        let isDone =
            unitCount == span.unitCount
            || heap.withPool { $0.resize(span, toUnitCount: unitCount) }
        if isDone { span.largeByteCount = Page.roundUp(byteCount) }
        return isDone
    }
}
