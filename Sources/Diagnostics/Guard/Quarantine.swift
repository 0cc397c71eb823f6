// The quarantine: slots whose blocks were freed, first in first out. As long as a slot is
// in it, an access to its block is one after free.

struct Quarantine {
    /// Addresses of freed blocks take no memory, only address space.
    private static let byteLimit = 4 << 30

    let blockLimit: Int
    private var first = 0
    private var last = 0
    private var blockCount = 0
    private var pageCount = 0

    init(blockLimit: Int) { self.blockLimit = blockLimit }

    /// Adds a slot; those that leave for it are given back.
    mutating func add(_ slot: Int, _ region: GuardRegion, _ slots: inout GuardSlots) {
        unsafe region.record(slot).pointee.next = 0
        if last == 0 {
            first = slot
        } else {
            unsafe region.record(last).pointee.next = UInt32(slot)
        }
        last = slot
        blockCount += 1
        pageCount += unsafe Int(region.record(slot).pointee.pageCount)
        while first != 0 && isTooLarge {
            let oldest = first
            first = unsafe Int(region.record(oldest).pointee.next)
            if first == 0 { last = 0 }
            blockCount -= 1
            pageCount -= unsafe Int(region.record(oldest).pointee.pageCount)
            slots.giveBackSlot(oldest)
        }
    }

    private var isTooLarge: Bool {
        blockCount > blockLimit || pageCount * GuardRegion.pageByteCount > Quarantine.byteLimit
    }
}
