// The table of stacks: each one once, under a number.
//
//     buckets   [ first | first | ... ]      by hash
//     records   [ next | hash | count | frames ... ][ next | hash | count | frames ... ]
//
// A number is the place of a record, in units of 8 bytes. Records are only ever added, at
// the end, and hung before the first of their bucket by compare-and-exchange, so that
// there is no lock which a fork could leave held.

import MIDLPlatform
import Synchronization

/// The number of a stack; 0 when it could not be kept.
struct StackID: Equatable {
    let number: UInt32

    static let none = StackID(number: 0)
}

enum StackTable {
    private static let bucketCount = 1 << 15
    /// Some 300,000 stacks. Pages that are not used take no memory.
    private static let byteCount = 64 << 20
    private static let headerWordCount = 3

    private static let table = Atomic<UInt>(0)
    /// In words.
    private static let used = Atomic<Int>(bucketCount)

    /// Makes the table unless it is there; false when there is no memory.
    private static func prepare() -> Bool {
        if table.load(ordering: .acquiring) != 0 { return true }
        guard let start = unsafe midl_reserve(byteCount) else { return false }
        guard unsafe midl_commit(start, byteCount, byteCount),
            table.compareExchange(
                expected: 0, desired: UInt(bitPattern: start), ordering: .acquiringAndReleasing
            ).exchanged
        else {
            unsafe midl_release(start, byteCount)
            return table.load(ordering: .acquiring) != 0
        }
        return true
    }

    private static func word(_ place: Int) -> UnsafeMutablePointer<UInt> {
        unsafe UnsafeMutablePointer<UInt>(
            bitPattern: table.load(ordering: .relaxed) + UInt(place) * 8
        ).unsafelyUnwrapped
    }

    private static func bucket(_ hash: UInt) -> UnsafeMutablePointer<Atomic<UInt>> {
        unsafe UnsafeMutableRawPointer(word(Int(hash % UInt(bucketCount))))
            .assumingMemoryBound(to: Atomic<UInt>.self)
    }

    /// The number of a stack, which is added if need be.
    static func intern(_ stack: Stack) -> StackID {
        guard stack.count > 0, prepare() else { return .none }
        let hash = stack.hash
        let bucket = unsafe bucket(hash)
        // Acquiring: the records are seen as they were filled in.
        var head = unsafe bucket.pointee.load(ordering: .acquiring)
        if let found = find(stack, hash, from: head, to: 0) { return found }
        let wordCount = headerWordCount + stack.count
        let place = used.add(wordCount, ordering: .relaxed).oldValue
        guard place + wordCount <= byteCount / 8 else {
            used.subtract(wordCount, ordering: .relaxed)
            return .none
        }
        unsafe word(place + 1).pointee = hash
        unsafe word(place + 2).pointee = UInt(stack.count)
        for index in 0..<stack.count {
            unsafe word(place + headerWordCount + index).pointee = stack[index]
        }
        while true {
            unsafe word(place).pointee = head
            let (done, current) = unsafe bucket.pointee.compareExchange(
                expected: head, desired: UInt(place), successOrdering: .releasing,
                failureOrdering: .acquiring)
            if done { return StackID(number: UInt32(place)) }
            // What another thread added meanwhile may be the same; the record is lost then.
            if let found = find(stack, hash, from: current, to: head) { return found }
            head = current
        }
    }

    private static func find(
        _ stack: Stack, _ hash: UInt, from first: UInt, to end: UInt
    ) -> StackID? {
        var place = Int(first)
        while place != Int(end) {
            if unsafe word(place + 1).pointee == hash && isEqual(stack, place) {
                return StackID(number: UInt32(place))
            }
            place = unsafe Int(word(place).pointee)
        }
        return nil
    }

    private static func isEqual(_ stack: Stack, _ place: Int) -> Bool {
        if unsafe word(place + 2).pointee != UInt(stack.count) { return false }
        for index in 0..<stack.count {
            if unsafe word(place + headerWordCount + index).pointee != stack[index] { return false }
        }
        return true
    }

    /// The frames of a stack, which stay where they are; nil and 0 for none.
    static func frames(
        _ id: StackID
    ) -> (start: UnsafePointer<UnsafeMutableRawPointer?>?, count: Int) {
        if id == .none { return (nil, 0) }
        let place = Int(id.number)
        let start = unsafe UnsafePointer<UnsafeMutableRawPointer?>(
            bitPattern: UInt(bitPattern: word(place + headerWordCount)))
        return unsafe (start, Int(word(place + 2).pointee))
    }

    /// The stack with a number; an empty one for none.
    static func stack(_ id: StackID) -> Stack {
        var stack = Stack()
        if id == .none { return stack }
        let place = Int(id.number)
        for index in 0..<Int(unsafe word(place + 2).pointee) {
            stack[index] = unsafe word(place + headerWordCount + index).pointee
        }
        return stack
    }
}
