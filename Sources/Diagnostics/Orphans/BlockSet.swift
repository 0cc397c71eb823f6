// A set of blocks, in the order in which they came.
//
//     memory   [ places ........ ][ entries ............ ]
//                |  ^               address | byte count and tag
//                |  |               ^
//                +--|---------------+      a place holds 1 + the index of an entry, by hash
//
//     places == 2 * capacity, count <= capacity
//
// It has memory of its own, which doubles when it is full.

import MIDLPlatform

struct BlockSet: ~Copyable {
    struct Entry {
        let address: UInt
        let byteCount: Int
        let isOfEnvironment: Bool
        /// False once it was taken out.
        let isThere: Bool
        /// What `setTag` has set, else 0.
        let tag: UInt8
    }

    private static let firstCapacity = 1 << 10
    private static let entryByteStride = 16
    private static let byteStride = 8 + entryByteStride
    private static let environmentFlag: UInt = 1
    private static let goneFlag: UInt = 2
    private static let tagShift: UInt = 56
    private static let byteCountMask: UInt = 1 << tagShift - 1

    private var memory: Mapping
    private var capacity: Int
    /// Of all entries, those that were taken out included.
    private(set) var count = 0

    /// Nil without memory.
    init?() {
        guard let memory = Mapping(byteCount: BlockSet.firstCapacity * BlockSet.byteStride) else {
            return nil
        }
        self.memory = memory
        capacity = BlockSet.firstCapacity
    }

    /// Where it has its memory, and how much.
    var start: UInt { memory.start }
    var byteCount: Int { memory.byteCount }

    // MARK: Places and entries

    private func place(_ number: Int) -> UnsafeMutablePointer<UInt32> {
        unsafe UnsafeMutablePointer<UInt32>(bitPattern: memory.start + UInt(number) * 4)
            .unsafelyUnwrapped
    }

    private func words(_ index: Int) -> UnsafeMutablePointer<UInt> {
        let start = memory.start + UInt(capacity * 8 + index * BlockSet.entryByteStride)
        return unsafe UnsafeMutablePointer<UInt>(bitPattern: start).unsafelyUnwrapped
    }

    subscript(index: Int) -> Entry {
        let words = unsafe words(index)
        let address = unsafe words[0]
        return unsafe Entry(
            address: address & ~15, byteCount: Int(words[1] & BlockSet.byteCountMask),
            isOfEnvironment: address & BlockSet.environmentFlag != 0,
            isThere: address & BlockSet.goneFlag == 0,
            tag: UInt8(words[1] >> BlockSet.tagShift))
    }

    /// The place of the block at an address, or the free one where it would be.
    private func placeNumber(_ address: UInt) -> Int {
        let mask = capacity * 2 - 1
        var number = Int((address >> 4 &* 0x9E37_79B9_7F4A_7C15) >> 20) & mask
        while true {
            let found = unsafe Int(place(number).pointee)
            if unsafe found == 0 || words(found - 1)[0] & ~15 == address { return number }
            number = (number + 1) & mask
        }
    }

    // MARK: Operations

    /// The index of the block at an address, also when it was taken out.
    func index(of address: UInt) -> Int? {
        let found = unsafe Int(place(placeNumber(address)).pointee)
        return found == 0 ? nil : found - 1
    }

    func contains(_ address: UInt) -> Bool { index(of: address).map { self[$0].isThere } ?? false }

    enum Insertion { case new, known, noMemory }

    mutating func insert(
        _ address: UInt, byteCount: Int, isOfEnvironment: Bool = false
    ) -> Insertion {
        if count == capacity {
            if index(of: address) != nil { return .known }
            if !grow() { return .noMemory }
        }
        let number = placeNumber(address)
        if unsafe place(number).pointee != 0 { return .known }
        let words = unsafe words(count)
        unsafe words[0] = address | (isOfEnvironment ? BlockSet.environmentFlag : 0)
        unsafe words[1] = UInt(byteCount)
        count += 1
        unsafe place(number).pointee = UInt32(count)
        return .new
    }

    func setTag(_ tag: UInt8, at index: Int) {
        let words = unsafe words(index)
        unsafe words[1] = words[1] & BlockSet.byteCountMask | UInt(tag) << BlockSet.tagShift
    }

    /// Its entry stays where it is.
    func takeOut(_ address: UInt) {
        if let index = index(of: address) { unsafe words(index)[0] |= BlockSet.goneFlag }
    }

    private mutating func grow() -> Bool {
        let larger = capacity * 2
        guard larger < 1 << 31, let memory = Mapping(byteCount: larger * BlockSet.byteStride)
        else { return false }
        let entries = unsafe UnsafeRawPointer(words(0))
        unsafe pointer(memory.start + UInt(larger * 8)).copyMemory(
            from: entries, byteCount: count * BlockSet.entryByteStride)
        self.memory = memory
        capacity = larger
        for index in 0..<count {
            unsafe place(placeNumber(words(index)[0] & ~15)).pointee = UInt32(index + 1)
        }
        return true
    }
}
