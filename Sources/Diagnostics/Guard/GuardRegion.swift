// The guard region: address space in which every block has pages of its own.
//
//     [ none ][ data ... data ][ none ][ data ][ none ][ data ...
//              fill |block|slack        a slot is its data pages and the one behind them
//
// A page of none cannot be read or written. Nor can the data pages of a slot whose block
// was freed, or that never had one. One record for each page, in a mapping apart, says
// whose the page is; the first page's has what is known of the block.

import MIDLPlatform

enum GuardState: UInt8 {
    case none = 0
    case live
    /// Freed; the record still tells of the block, until the slot is used again.
    case freed
}

struct GuardRecord {
    var start: UInt
    /// As it was asked for.
    var byteCount: Int
    /// The first page of the slot; 0 for pages of no slot.
    var firstPage: UInt32
    /// Data pages.
    var pageCount: UInt32
    /// The next in the quarantine, or in the list of slots to be used again.
    var next: UInt32
    var allocationStack: StackID
    var freeStack: StackID
    var allocationThread: UInt32
    var freeThread: UInt32
    var state: GuardState
    /// A watch (Orphans) has had the block since it was allocated.
    var isWatched: Bool
    var isOfEnvironment: Bool
}

struct GuardRegion {
    static let pageByteCount = 4096
    private static let mostByteCount = 16 << 30
    private static let leastByteCount = 16 << 20

    let base: UInt
    let pageCount: Int
    private let records: UInt

    /// As much as the system grants, of an address space with a limit at most a quarter; nil when
    /// that is hardly anything.
    init?() {
        var byteCount = GuardRegion.mostByteCount
        // No limit arrives as a negative count.
        let limit = midl_address_space_limit()
        if limit >= 0 { byteCount = min(byteCount, limit / 4) }
        while byteCount >= GuardRegion.leastByteCount {
            let pageCount = byteCount / GuardRegion.pageByteCount
            let recordByteCount = pageCount * MemoryLayout<GuardRecord>.stride
            if let start = unsafe midl_reserve(byteCount) {
                if let records = unsafe midl_reserve(recordByteCount) {
                    if unsafe midl_open(records, recordByteCount) {
                        base = UInt(bitPattern: start)
                        self.records = UInt(bitPattern: records)
                        self.pageCount = pageCount
                        return
                    }
                    unsafe midl_release(records, recordByteCount)
                }
                unsafe midl_release(start, byteCount)
            }
            byteCount /= 2
        }
        return nil
    }

    var byteCount: Int { pageCount * GuardRegion.pageByteCount }
    var recordsStart: UInt { records }
    var recordsByteCount: Int { pageCount * MemoryLayout<GuardRecord>.stride }

    func contains(_ address: UInt) -> Bool { address &- base < UInt(byteCount) }

    /// The page of an address inside.
    func page(of address: UInt) -> Int { Int(address - base) / GuardRegion.pageByteCount }
    func address(ofPage page: Int) -> UInt { base + UInt(page * GuardRegion.pageByteCount) }

    func record(_ page: Int) -> UnsafeMutablePointer<GuardRecord> {
        unsafe UnsafeMutablePointer<GuardRecord>(
            bitPattern: records + UInt(page * MemoryLayout<GuardRecord>.stride)
        ).unsafelyUnwrapped
    }

    /// The first page of the slot that a page is in; nil for a page of none.
    func slot(ofPage page: Int) -> Int? {
        let first = unsafe Int(record(page).pointee.firstPage)
        return first == 0 ? nil : first
    }
}
