// Which blocks there are, and whose each is: a hash table by address, and through it a
// list of the blocks of each owner.
//
//     entry   [ ~address | owner | next | previous | extent ]   of a block
//     entry   [ ~owner   | owner | first | last    |        ]   of an owner, as long as it has blocks
//
//     count <= capacity / 2
//
// The address stands inverted: whoever looks for pointers in memory is not to find here that a
// block which the program has lost is still referred to. The lists have plain ones: the blocks of an
// owner are held by it.

import MIDLPlatform

struct OwnedBlocks: ~Copyable {
    /// Its blocks are not in a list, and may be lost.
    static let nobody: UInt = 0
    /// Who has the blocks that were freed, and did not go back yet.
    static let quarantine: UInt = 1

    /// Of a block that is described to a tool: what was asked for, what the heap has given for it, and
    /// the tag that it has in the heap.
    struct Extent: Equatable {
        var byteCount = 0
        var room = 0
        var tag: UInt8 = 0
    }

    private struct Entry {
        /// Inverted; 0 in an entry that is free, which is no address inverted.
        var key: UInt
        var owner: UInt
        var next: UInt
        var previous: UInt
        var extent = Extent()
    }

    private static let firstCapacity = 1 << 10

    private var memory: Mapping
    private var capacity: Int
    private var count = 0

    /// Nil without memory.
    init?() {
        guard let memory = OwnedBlocks.memory(for: OwnedBlocks.firstCapacity) else { return nil }
        self.memory = memory
        capacity = OwnedBlocks.firstCapacity
    }

    private static func memory(for capacity: Int) -> Mapping? {
        Mapping(byteCount: capacity * MemoryLayout<Entry>.stride)
    }

    /// Where the table is, and how many bytes.
    var range: (start: UInt, byteCount: Int) { (memory.start, memory.byteCount) }

    // MARK: Operations

    /// The owner and the extent of the block at an address; nil when there is none.
    func block(at address: UInt) -> (owner: UInt, extent: Extent)? {
        let entry = unsafe entry(of: address)
        return unsafe entry.pointee.key == 0 ? nil : (entry.pointee.owner, entry.pointee.extent)
    }

    func owner(of address: UInt) -> UInt? { block(at: address)?.owner }
    func extent(of address: UInt) -> Extent? { block(at: address)?.extent }

    /// The newest block of its owner. False without memory. A block that is there already was freed past
    /// its owner.
    mutating func insert(_ address: UInt, owner: UInt, _ extent: Extent = Extent()) -> Bool {
        if self.owner(of: address) != nil { remove(address) }
        // One for the block, one for its owner.
        guard (count + 2) * 2 <= capacity || grow() else { return false }
        add(Entry(key: ~address, owner: owner, next: owner, previous: owner, extent: extent))
        if owner == OwnedBlocks.nobody { return true }
        if unsafe entry(of: owner).pointee.key == 0 {
            add(Entry(key: ~owner, owner: owner, next: owner, previous: owner))
        }
        let first = unsafe entry(of: owner).pointee.next
        unsafe entry(of: address).pointee.next = first
        unsafe entry(of: first).pointee.previous = address
        unsafe entry(of: owner).pointee.next = address
        return true
    }

    /// Takes out a block that is there.
    mutating func remove(_ address: UInt) {
        let found = unsafe entry(of: address).pointee
        delete(address)
        if found.owner == OwnedBlocks.nobody { return }
        unsafe entry(of: found.previous).pointee.next = found.next
        unsafe entry(of: found.next).pointee.previous = found.previous
        if found.next == found.owner && found.previous == found.owner { delete(found.owner) }
    }

    /// A block of an owner's; nil when it has none.
    func firstBlock(of owner: UInt) -> UInt? {
        let entry = unsafe entry(of: owner)
        return unsafe entry.pointee.key == 0 ? nil : entry.pointee.next
    }

    /// The oldest block of an owner's; nil when it has none.
    func lastBlock(of owner: UInt) -> UInt? {
        let entry = unsafe entry(of: owner)
        return unsafe entry.pointee.key == 0 ? nil : entry.pointee.previous
    }

    // MARK: Places

    private func place(_ number: Int) -> UnsafeMutablePointer<Entry> {
        unsafe UnsafeMutablePointer<Entry>(bitPattern: memory.start).unsafelyUnwrapped + number
    }

    private func home(_ key: UInt) -> Int {
        Int((~key >> 4 &* 0x9E37_79B9_7F4A_7C15) >> 20) & (capacity - 1)
    }

    private func placeNumber(_ key: UInt) -> Int {
        var number = home(key)
        while case let found = unsafe place(number).pointee.key, found != 0 && found != key {
            number = (number + 1) & (capacity - 1)
        }
        return number
    }

    /// That of the block or owner, or the free one where it would be.
    private func entry(of address: UInt) -> UnsafeMutablePointer<Entry> {
        unsafe place(placeNumber(~address))
    }

    private mutating func add(_ entry: Entry) {
        unsafe place(placeNumber(entry.key)).pointee = entry
        count += 1
    }

    /// Makes an entry free and moves those behind it to where they are found.
    private mutating func delete(_ address: UInt) {
        var hole = placeNumber(~address)
        var number = hole
        count -= 1
        while true {
            number = (number + 1) & (capacity - 1)
            let found = unsafe place(number).pointee
            if found.key == 0 { break }
            let distance = (number - home(found.key)) & (capacity - 1)
            if distance >= (number - hole) & (capacity - 1) {
                unsafe place(hole).pointee = found
                hole = number
            }
        }
        unsafe place(hole).pointee.key = 0
    }

    private mutating func grow() -> Bool {
        guard var old = OwnedBlocks.memory(for: capacity * 2) else { return false }
        swap(&memory, &old)
        let oldCapacity = capacity
        capacity *= 2
        count = 0
        let entries = unsafe UnsafeMutablePointer<Entry>(bitPattern: old.start).unsafelyUnwrapped
        for number in 0..<oldCapacity where unsafe entries[number].key != 0 {
            add(unsafe entries[number])
        }
        return true
    }
}
