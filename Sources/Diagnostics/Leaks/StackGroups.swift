// Blocks in groups, by the stack that allocated them: how many, and how many bytes.
//
//     places   [ stack | blocks | bytes | mark ] ...     by the number of the stack
//
// Places are found by the stack's number, from there on upwards. There are more places
// than StackTable has stacks, so that there is always a free one.

import MIDLPlatform

struct StackGroups: ~Copyable {
    struct Group {
        var stack: UInt32 = 0
        var mark: UInt32 = 0
        var blockCount = 0
        var byteCount = 0
    }

    private static let placeCount = 1 << 19
    private let memory: Mapping

    /// Nil without memory.
    init?() {
        let byteCount = StackGroups.placeCount * MemoryLayout<Group>.stride
        guard let memory = Mapping(byteCount: byteCount) else { return nil }
        self.memory = memory
    }

    private func group(_ place: Int) -> UnsafeMutablePointer<Group> {
        let start = memory.start + UInt(place * MemoryLayout<Group>.stride)
        return unsafe UnsafeMutablePointer(bitPattern: start).unsafelyUnwrapped
    }

    func add(_ stack: StackID, blockCount: Int = 1, byteCount: Int) {
        let mask = StackGroups.placeCount - 1
        var place = Int(stack.number) & mask
        while unsafe group(place).pointee.blockCount > 0
            && group(place).pointee.stack != stack.number
        {
            place = (place + 1) & mask
        }
        unsafe group(place).pointee.stack = stack.number
        unsafe group(place).pointee.blockCount += blockCount
        unsafe group(place).pointee.byteCount += byteCount
    }

    /// Calls `body` with each group.
    func forEach(_ body: (inout Group) -> Void) {
        for place in 0..<StackGroups.placeCount {
            if unsafe group(place).pointee.blockCount > 0 { unsafe body(&group(place).pointee) }
        }
    }

    /// Takes out the largest group without a mark, and marks it; nil when there is none.
    func nextLargest() -> Group? {
        var largest: Int?
        for place in 0..<StackGroups.placeCount {
            let candidate = unsafe group(place).pointee
            if candidate.blockCount == 0 || candidate.mark != 0 { continue }
            if let current = largest,
                unsafe group(current).pointee.byteCount >= candidate.byteCount
            {
                continue
            }
            largest = place
        }
        guard let largest else { return nil }
        unsafe group(largest).pointee.mark = 1
        return unsafe group(largest).pointee
    }
}
