// The free maps: which blocks of a slab are free and in no magazine.
//
// One bit for each block, in the order of addresses: behind the slab's record, or, of
// blocks of less than 64 bytes, of which there are up to 4,096, in a table of the region.
// No block is touched to give it back or to fetch it; what is fetched comes in the order of
// addresses, so that a program that freed in any order goes through memory in order again.
//
// Only the slab's owner reads and writes its map. It is zero when there is no slab.

extension Span {
    private static let bitsOfWord = UInt(UInt.bitWidth)

    /// Of blocks of so many bytes or more, those of a unit have their bits behind the record.
    private static let leastByteCountBehindRecord =
        Unit.byteCount / 8 / (SpanRecord.byteStride - SpanRecord.byteCount)

    /// Where the map of the slab begins.
    @inline(__always)
    func freeMap(_ region: Region) -> UInt {
        blockByteCount >= Span.leastByteCountBehindRecord
            ? address &+ UInt(SpanRecord.byteCount) : region.freeMap(atUnit: region.unit(of: self))
    }

    @inline(__always)
    private func word(_ index: UInt, _ map: UInt) -> UnsafeMutablePointer<UInt> {
        unsafe UnsafeMutablePointer(bitPattern: map &+ index &* 8).unsafelyUnwrapped
    }

    /// Puts the sealed blocks in the slots from `first` on in the map, as far as they are of the
    /// slab, up to `end`; returns the slot of the first that is not. Ends the program if one is in
    /// the map already.
    @inline(__always)
    func setFree(from first: UInt, to end: UInt, _ region: Region) -> UInt {
        let (start, map) = (region.start(ofBlocksIn: self), freeMap(region))
        let byteCount = unsafe UInt(record.pointee.capacity) &* UInt(record.pointee.blockByteCount)
        let reciprocal = unsafe UInt(record.pointee.reciprocal)
        var slot = first
        while slot != end, case let offset = Magazine.slot(slot) &- start, offset < byteCount {
            // Exact, since the offset is a multiple of the divisor and less than 2^18.
            let index = (offset &* reciprocal) &>> 32
            let word = unsafe word(index / Span.bitsOfWord, map)
            let old = unsafe word.pointee
            // Less than before when the bit was set. One instruction, unlike a test and an or.
            let new = old ^ (1 &<< index)
            if new < old { Misuse.stop(.free, start &+ offset, .freedTwice) }
            unsafe word.pointee = new
            slot &+= 8
        }
        freeCount &+= Int(bitPattern: (slot &- first) / 8)
        return slot
    }

    /// Puts a sealed block of the slab in the map.
    func setFree(_ block: Block, _ region: Region) {
        var slot = block.address
        unsafe withUnsafePointer(to: &slot) {
            let first = UInt(bitPattern: $0)
            _ = setFree(from: first, to: first + 8, region)
        }
    }

    /// Takes `count` blocks out of the map, which has as many, the lowest in the last of the slots
    /// from `first` on.
    func fetch(_ count: Int, to first: UInt, _ region: Region) {
        let (start, map) = (region.start(ofBlocksIn: self), freeMap(region))
        let byteCount = UInt(blockByteCount)
        var slot = first &+ UInt(bitPattern: count) &* 8
        var index: UInt = 0
        while slot != first {
            let word = unsafe word(index, map)
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
        freeCount &-= count
    }

    /// Takes all blocks out of the map.
    func clearFreeMap(_ region: Region) {
        let map = freeMap(region)
        for index in 0..<(UInt(capacity) + Span.bitsOfWord - 1) / Span.bitsOfWord {
            unsafe word(index, map).pointee = 0
        }
        freeCount = 0
    }

    /// Whether the map has the block with an index, counted from the start of the slab.
    func isFree(index: Int, _ region: Region) -> Bool {
        unsafe word(UInt(index) / Span.bitsOfWord, freeMap(region)).pointee
            >> (UInt(index) % Span.bitsOfWord) & 1 == 1
    }
}
