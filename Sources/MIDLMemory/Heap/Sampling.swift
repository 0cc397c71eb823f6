// Sampling: an allocator that is asked for about one block in so many.
//
//     allocate <- [ supply ]      [ loaded ] <- free
//                     ^               v   when it is full
//                     +--------- [ previous ]   when the supply is empty
//
// The fast paths do not count. Instead, allocations pop a magazine of their own, the
// supply, which frees do not refill, so that a thread comes to the slow path once for
// each magazine, where it counts the blocks that it is about to hand out. The table of
// size classes leads to the supplies: their tops stand where the tops of tags would
// that no block has.

import MIDLPlatform
import MIDLShim

enum Sampling {
    /// Up to here, which is 448 bytes, each class has a supply; behind it every other one has, and
    /// serves the one before as well, since there are no more places.
    private static let lastSingle = 22
    /// The places of supplies are above all tags of blocks.
    private static let firstPlace = EnvironmentTag.large.value

    /// Where the top of the supply for a small class is.
    static func supplyIndex(_ sizeClass: SizeClass) -> Int {
        let pairs = (max(sizeClass.index, lastSingle) - lastSingle + 1) / 2
        return firstPlace + min(sizeClass.index, lastSingle) + pairs
    }

    /// The class of the blocks of a supply.
    static func sizeClass(supplyIndex index: Int) -> SizeClass {
        let place = index &- firstPlace
        return SizeClass(index: place + max(0, place - lastSingle))
    }

    /// A small block of the supply, or one of the allocator if a sample is due. False when the heap
    /// is to serve it.
    static func allocate(
        byteCount: Int, _ front: UnsafePointer<midl_front>,
        _ allocator: UnsafePointer<midl_allocator>, _ block: inout UnsafeMutableRawPointer?
    ) -> Bool {
        if unsafe front.pointee.granule_limit == 0 { return false }
        let cache = unsafe ThreadCache(of: front)
        // The table in the front leads to the supplies.
        let isInTable = UInt(bitPattern: byteCount) <= UInt(SizeClass.tableByteLimit)
        let index =
            unsafe isInTable
            ? Int(
                UnsafeRawPointer(front).load(
                    fromByteOffset: Int(MIDL_FRONT_CLASSES_OFFSET) &+ byteCount, as: UInt8.self))
            : 0
        let isSmall = index != 0
        let supply = unsafe ThreadCache.topSlot(front, tag: index)
        let count = unsafe isSmall ? cache.resupply(sizeClass(supplyIndex: index), supply) : 1
        if unsafe isDue(cache, count, allocator.pointee.period),
            unsafe allocator.pointee.allocate?(byteCount, &block) == true, unsafe block != nil
        {
            return true
        }
        guard isSmall && count > 0 else { return false }
        unsafe block = ThreadCache.popTop(supply)
        return true
    }

    /// Counts blocks that are about to be handed out. True when a sample is due.
    private static func isDue(_ cache: ThreadCache, _ count: Int, _ period: UInt32) -> Bool {
        let rest = unsafe Int(cache.record.pointee.front.sampling_countdown) - count
        unsafe cache.record.pointee.front.sampling_countdown = Int32(max(rest, 0))
        if rest > 0 { return false }
        // Up to twice the period, so that no pattern of the program's keeps step with it.
        unsafe cache.record.pointee.front.sampling_countdown = Int32(
            truncatingIfNeeded: ((midl_random() & 0xFFFF) * UInt64(period)) >> 15)
        return true
    }
}

extension ThreadCache {
    /// Sees to it that a supply has blocks and returns how many; 0 without memory.
    fileprivate func resupply(
        _ sizeClass: SizeClass, _ supply: UnsafeMutablePointer<UInt>
    ) -> Int {
        let count = unsafe Magazine.blockCount(top: supply.pointee)
        // Not empty: its next block has lost its seal.
        if count > 0 { return count }
        let loaded = top(sizeClass)
        setTop(sizeClass, unsafe supply.pointee)
        if refill(sizeClass) {
            unsafe supply.pointee = top(sizeClass)
            setTop(sizeClass, loaded)
        } else {
            unsafe supply.pointee = loaded
        }
        return unsafe Magazine.blockCount(top: supply.pointee)
    }
}
