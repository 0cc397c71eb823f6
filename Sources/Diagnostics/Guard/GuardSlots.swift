// The slots of the guard region: which are to be used again, and where new ones begin.
//
// live + in quarantine + in these lists == slots below the top

struct GuardSlots {
    private let region: GuardRegion
    /// The first page that was never in a slot. Page 0 stays without access.
    private(set) var topPage = 1
    /// Slots to be used again, by data pages.
    private var freeSlots = InlineArray<128, UInt32>(repeating: 0)

    init(_ region: GuardRegion) { self.region = region }

    /// Up to 64 data pages each count, above that powers of two.
    private static func list(_ pageCount: Int) -> Int {
        pageCount <= 64 ? pageCount - 1 : 64 + Int.bitWidth - (pageCount - 1).leadingZeroBitCount
    }

    private static func rounded(_ pageCount: Int) -> Int {
        if pageCount <= 64 { return pageCount }
        return 1 << (Int.bitWidth - (pageCount - 1).leadingZeroBitCount)
    }

    /// A slot of at least so many data pages, without access, by its first; nil when the region is
    /// used up.
    mutating func takeSlot(pageCount wanted: Int) -> Int? {
        // Before it is rounded, which could overflow.
        guard wanted < region.pageCount else { return nil }
        let index = GuardSlots.list(wanted)
        let head = Int(freeSlots[index])
        if head != 0 {
            freeSlots[index] = unsafe region.record(head).pointee.next
            return head
        }
        let count = GuardSlots.rounded(wanted)
        guard count + 1 <= region.pageCount - topPage else { return nil }
        let first = topPage
        topPage += count + 1
        for page in first...(first + count) {
            unsafe region.record(page).pointee.firstPage = UInt32(first)
        }
        unsafe region.record(first).pointee.pageCount = UInt32(count)
        return first
    }

    mutating func giveBackSlot(_ first: Int) {
        let index = unsafe GuardSlots.list(Int(region.record(first).pointee.pageCount))
        unsafe region.record(first).pointee.next = freeSlots[index]
        freeSlots[index] = UInt32(first)
    }
}
