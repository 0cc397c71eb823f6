// The sites of a record: what each stack of calls has allocated.
//
//     numbers   [ stack | 0 | stack | ... ]      found by the number of the stack, from there on upwards
//     sites     [ counts, frames | ... ]         in the same places, and one for all others
//
// A place is taken by compare-and-exchange and never given back.

import MIDLPlatform
import Synchronization

enum RecordSites {
    private static let limit = Int(MIDL_RECORD_SITE_LIMIT)
    /// So that searches are short, and end.
    private static let usedLimit = limit / 4 * 3
    private nonisolated(unsafe) static var modulesLock: UInt32 = 0

    static func site(
        of stack: StackID, _ record: UnsafeMutablePointer<midl_record>
    ) -> UnsafeMutablePointer<midl_record_site> {
        let others = unsafe midl_record_site(record, limit)
        if stack == .none { return unsafe others }
        var place = Int((stack.number &* 0x9E37_79B1) >> 19)
        while true {
            let number = unsafe UnsafeMutableRawPointer(midl_record_number(record, place))
                .assumingMemoryBound(to: Atomic<UInt32>.self)
            let found = unsafe number.pointee.load(ordering: .relaxed)
            if found == stack.number { return unsafe midl_record_site(record, place) }
            if found == 0 {
                if unsafe record.pointee.site_count >= usedLimit { return unsafe others }
                let (done, current) = unsafe number.pointee.compareExchange(
                    expected: 0, desired: stack.number, ordering: .relaxed)
                if done { return unsafe added(place, stack, record) }
                if current == stack.number { return unsafe midl_record_site(record, place) }
            }
            place = (place + 1) % limit
        }
    }

    private static func added(
        _ place: Int, _ stack: StackID, _ record: UnsafeMutablePointer<midl_record>
    ) -> UnsafeMutablePointer<midl_record_site> {
        unsafe midl_record_count_site(record)
        let site = unsafe midl_record_site(record, place)
        unsafe fill(site, StackTable.stack(stack), record)
        return unsafe site
    }

    /// Writes a stack down, and what modules it leads through.
    static func fill(
        _ site: UnsafeMutablePointer<midl_record_site>, _ stack: Stack,
        _ record: UnsafeMutablePointer<midl_record>
    ) {
        let frames = unsafe midl_record_frames(site)
        let count = min(stack.count, Int(MIDL_RECORD_FRAME_LIMIT))
        var areKnown = true
        for index in 0..<count {
            unsafe frames[index] = stack[index]
            areKnown = unsafe areKnown && isKnown(stack[index], record)
        }
        if !areKnown {
            unsafe midl_lock_word(&modulesLock)
            unsafe midl_record_modules(record)
            unsafe midl_unlock_word(&modulesLock)
        }
        unsafe midl_record_finish_site(site, count)
    }

    private static func isKnown(
        _ address: UInt, _ record: UnsafeMutablePointer<midl_record>
    ) -> Bool {
        for index in 0..<(unsafe record.pointee.module_count) {
            let module = unsafe midl_record_module(record, index)
            if unsafe address >= module.pointee.start && address <= module.pointee.end {
                return true
            }
        }
        return false
    }
}
