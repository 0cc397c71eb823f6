// The recording of stacks: which one allocated each block of the heap.
//
//     numbers   [ id | id | ... ]      a StackID for each granule of 16 bytes of the region
//
// A block's number is where the block starts, so that there is nothing to look up, lock or
// take out: whoever allocates at an address again writes over it. Only the pages for
// addresses that had blocks take memory. Without memory blocks stay without a stack.

import MIDLPlatform
import MIDLShim
import Synchronization

enum Recording {
    /// The address of the numbers; 0 before the first block, 1 when there is no memory.
    private static let numbers = Atomic<UInt>(0)
    /// Where the region starts, inverted: it may be the address of a block that is lost. Set before
    /// `numbers`.
    private static let invertedBase = Atomic<UInt>(0)

    /// Where the numbers are, and how many bytes; 0 without any.
    static var memory: (start: UInt, byteCount: Int) {
        let start = numbers.load(ordering: .acquiring)
        return start <= 1 ? (0, 0) : (start, Int(Core.figures.region_byte_count) / 4)
    }

    /// Once, before the first block.
    static func start() { midl_prepare_stacks() }

    /// Records who has allocated a block of the heap.
    static func made(_ block: UnsafeMutableRawPointer) {
        guard let number = unsafe number(ofBlockAt: UInt(bitPattern: block)) else {
            return prepare(UInt(bitPattern: block))
        }
        unsafe number.pointee.store(
            StackTable.intern(Stack.capture()).number, ordering: .relaxed)
    }

    /// The stack that has allocated a block; none when it is not known.
    static func stack(ofBlockAt address: UInt) -> StackID {
        guard let number = unsafe number(ofBlockAt: address) else { return .none }
        return StackID(number: unsafe number.pointee.load(ordering: .relaxed))
    }

    private static func number(ofBlockAt address: UInt) -> UnsafeMutablePointer<Atomic<UInt32>>? {
        // Acquiring: `invertedBase` is set.
        let numbers = numbers.load(ordering: .acquiring)
        if numbers <= 1 { return nil }
        let granule = (address - ~invertedBase.load(ordering: .relaxed)) >> 4
        return unsafe UnsafeMutablePointer(bitPattern: numbers + granule * 4)
    }

    /// Makes the numbers, and records the block that was the first.
    private static func prepare(_ block: UInt) {
        if numbers.load(ordering: .relaxed) == 1 { return }
        let figures = Core.figures
        let byteCount = Int(figures.region_byte_count) / 4
        invertedBase.store(~UInt(figures.start), ordering: .relaxed)
        guard let start = unsafe midl_reserve(byteCount) else { return complain() }
        guard unsafe midl_commit(start, byteCount, byteCount) else {
            unsafe midl_release(start, byteCount)
            return complain()
        }
        let isFirst = numbers.compareExchange(
            expected: 0, desired: UInt(bitPattern: start), ordering: .acquiringAndReleasing
        ).exchanged
        if !isFirst { unsafe midl_release(start, byteCount) }
        if numbers.load(ordering: .relaxed) > 1 { unsafe made(pointer(block)) }
    }

    private static func complain() {
        if numbers.exchange(1, ordering: .relaxed) == 1 { return }
        var report = Report()
        report.add("libmidl_user: no memory for stacks; going on without them")
        report.endLine()
    }
}
