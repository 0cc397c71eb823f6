// The free maps: which blocks of a slab are free and in no magazine.
//
// One bit for each block, in the order of addresses, in a table of the region that has
// room for the smallest class in each unit. No block is touched to give it back or to
// fetch it; what is fetched comes in the order of addresses, so that a program that
// freed in any order goes through memory in order again.
//
// Only the slab's owner reads and writes its map. It is zero when there is no slab.

extension Span {
    private static let bitsOfWord = UInt(UInt.bitWidth)

    @inline(__always)
    private func word(_ index: UInt, _ region: Region) -> UnsafeMutablePointer<UInt> {
        unsafe UnsafeMutablePointer(
            bitPattern: region.freeMap(atUnit: region.unit(of: self)) &+ index &* 8
        ).unsafelyUnwrapped
    }

    /// Puts a sealed block of the slab in the map. Ends the program if it is there.
    @inline(__always)
    func setFree(_ block: Block, _ region: Region) {
        let index = self.index(of: block, region)
        let bit = (1 as UInt) &<< (index & (Span.bitsOfWord &- 1))
        let word = unsafe word(index / Span.bitsOfWord, region)
        let old = unsafe word.pointee
        if old & bit != 0 { Misuse.stop(.free, block.address, .freedTwice) }
        unsafe word.pointee = old | bit
        freeCount &+= 1
    }

    /// Takes `count` blocks out of the map, which has as many, the lowest in the last of the slots
    /// from `first` on.
    func fetch(_ count: Int, to first: UInt, _ region: Region) {
        let (start, byteCount) = (region.start(of: self), UInt(blockByteCount))
        var slot = first &+ UInt(count) &* 8
        var index: UInt = 0
        while slot != first {
            let word = unsafe word(index, region)
            var bits = unsafe word.pointee
            while bits != 0 && slot != first {
                let order = index &* Span.bitsOfWord &+ UInt(bits.trailingZeroBitCount)
                slot &-= 8
                Magazine.setSlot(slot, start &+ order &* byteCount)
                bits &= bits &- 1
            }
            unsafe word.pointee = bits
            index &+= 1
        }
        freeCount -= count
    }

    /// Takes all blocks out of the map.
    func clearFreeMap(_ region: Region) {
        for index in 0..<(UInt(capacity) + Span.bitsOfWord - 1) / Span.bitsOfWord {
            unsafe word(index, region).pointee = 0
        }
        freeCount = 0
    }

    /// Whether the map has the block with an index, counted from the start of the slab.
    func isFree(index: Int, _ region: Region) -> Bool {
        unsafe word(UInt(index) / Span.bitsOfWord, region).pointee
            >> (UInt(index) % Span.bitsOfWord) & 1 == 1
    }

    /// The index of a block, counted from the start of the slab.
    @inline(__always)
    private func index(of block: Block, _ region: Region) -> UInt {
        // Exact, since the offset is a multiple of the divisor and less than 2^18.
        let offset = block.address &- region.start(of: self)
        return unsafe (offset &* UInt(record.pointee.reciprocal)) &>> 32
    }
}
