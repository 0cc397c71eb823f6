// Sampling: an allocator that is asked for about one block in so many.
//
//     allocate <- [ supply ]      [ loaded ] <- free
//                     ^               |
//                     +---------------+   when the supply is empty: they change places
//
// The fast paths do not count. Instead, allocations pop a magazine of their own, the
// supply, which frees do not refill, so that a thread comes to the slow path once for
// each magazine, where it counts the blocks that it is about to hand out. The table of
// size classes leads to the supplies: their tops stand where the tops of tags would
// that no block has.

import MIDLPlatform
import MIDLShim

enum Sampling {
    /// Where the top of a small class's supply is: from 225 on, above all tags of blocks; the one
    /// of the last small class at 62, above the size classes.
    static func supplyIndex(_ sizeClass: SizeClass) -> Int {
        sizeClass == .lastSmall ? 62 : EnvironmentTag.large.value + sizeClass.index
    }

    /// A small block of the supply, or one of the allocator if a sample is due. False when the heap
    /// is to serve it.
    static func allocate(
        byteCount: Int, _ front: UnsafePointer<midl_front>,
        _ allocator: UnsafePointer<midl_allocator>, _ block: inout UnsafeMutableRawPointer?
    ) -> Bool {
        if unsafe front.pointee.granule_limit == 0 { return false }
        let cache = unsafe ThreadCache(of: front)
        if UInt(bitPattern: byteCount) > UInt(SizeClass.tableByteLimit) {
            return unsafe isDue(cache, 1, allocator.pointee.period)
                && sample(byteCount: byteCount, allocator, &block)
        }
        let sizeClass = SizeClass(holding: byteCount)
        let count = cache.resupply(sizeClass)
        if unsafe isDue(cache, count, allocator.pointee.period),
            unsafe sample(byteCount: byteCount, allocator, &block)
        {
            return true
        }
        if count > 0 { unsafe block = cache.pop(supply: sizeClass) }
        return count > 0
    }

    private static func sample(
        byteCount: Int, _ allocator: UnsafePointer<midl_allocator>,
        _ block: inout UnsafeMutableRawPointer?
    ) -> Bool {
        unsafe allocator.pointee.allocate?(byteCount, &block) == true && block != nil
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
    private func supply(_ sizeClass: SizeClass) -> UInt {
        unsafe record.pointee.topsOfTags[Sampling.supplyIndex(sizeClass) - 1]
    }
    private func setSupply(_ sizeClass: SizeClass, _ top: UInt) {
        unsafe record.pointee.topsOfTags[Sampling.supplyIndex(sizeClass) - 1] = top
    }

    /// Sees to it that the supply has blocks and returns how many; 0 without memory.
    fileprivate func resupply(_ sizeClass: SizeClass) -> Int {
        let count = Magazine.blockCount(top: supply(sizeClass))
        // Not empty: its next block has lost its seal.
        if count > 0 { return count }
        let loaded = top(sizeClass)
        let isWorthwhile =
            Magazine.blockCount(top: loaded) * 8 >= sizeClass.magazineBlockCount * 7
        setTop(sizeClass, supply(sizeClass))
        // With few blocks in the loaded magazine others join them, and changes become rare.
        if isWorthwhile || !refill(sizeClass) {
            setSupply(sizeClass, loaded)
        } else {
            setSupply(sizeClass, top(sizeClass))
            setTop(sizeClass, loaded)
        }
        return Magazine.blockCount(top: supply(sizeClass))
    }

    fileprivate func pop(supply sizeClass: SizeClass) -> UnsafeMutableRawPointer {
        let top = supply(sizeClass)
        let block = Block(at: Magazine.slot(top - 8))
        if !block.unseal() { Misuse.writtenAfterFree(block) }
        setSupply(sizeClass, top - 8)
        return unsafe block.start
    }
}
