// Sampling: an allocator that is asked for about one block in so many.
//
//     allocate <- [ supply ]      [ loaded ] <- free
//                     ^               v   when the supply is empty
//                     +---------------+
//
// The fast paths do not count. Instead, the allocations of one class at a time pop a
// magazine of their own, the supply, which frees do not refill, so that the thread comes
// to the slow path once for each magazine, where it counts the blocks that it is about to
// hand out. The tables of size classes lead that class to the supply: its top stands where
// the top of a tag would that no block has.
//
// The classes that a thread uses take turns of some milliseconds, since blocks that wait in
// a supply are no longer in the processor's cache when they come. A block that is counted
// stands for as many as there are classes in use: those of which blocks were allocated in
// the turn before. A turn ends when the thread next comes to a slow path.
//
// Each turn begins with empty tables. A class stands in them again when its blocks were
// wanted before and after one of the class whose turn it is; until then each of its blocks
// comes to the slow path and is counted alone. Where the thread has no use for the class
// whose turn it is, no class would come to the slow path any more, and the turn has no end:
// so it passes to another that is in use.

import MIDLPlatform
import MIDLShim

enum Sampling {
    /// Above all tags of blocks.
    static let supplyIndex = EnvironmentTag.large.value + 1

    /// A block of the allocator if a sample is due, or one of the supply. False when the heap is to
    /// serve the request.
    @_optimize(size)
    static func allocate(
        byteCount: Int, _ front: UnsafePointer<midl_front>,
        _ allocator: UnsafePointer<midl_allocator>, _ block: inout UnsafeMutableRawPointer?
    ) -> Bool {
        if unsafe front.pointee.granule_limit == 0 { return false }
        let cache = unsafe ThreadCache(of: front)
        let period = unsafe Int(allocator.pointee.period)
        let isSmall = UInt(bitPattern: byteCount) <= UInt(SizeClass.byteLimit)
        let (count, hasSupply) =
            isSmall ? cache.countSmall(SizeClass(holding: byteCount), period) : (1, false)
        if cache.isDue(count, period),
            unsafe allocator.pointee.allocate?(byteCount, &block) == true, unsafe block != nil
        {
            return true
        }
        if !hasSupply { return false }
        unsafe block = ThreadCache.popTop(cache.supply)
        return true
    }
}

extension ThreadCache {
    private static let leastSupply = 8
    /// Few enough to stay in the processor's first cache.
    private static let supplyByteCount = 16 << 10

    fileprivate var supply: UnsafeMutablePointer<UInt> {
        unsafe ThreadCache.topSlot(front, tag: Sampling.supplyIndex)
    }

    /// Counts blocks that are about to be handed out. True when a sample is due.
    @_optimize(size)
    fileprivate func isDue(_ count: Int, _ period: Int) -> Bool {
        let rest = unsafe record.pointee.turn.countdown - count
        unsafe record.pointee.turn.countdown = max(rest, -period)
        if rest > 0 { return false }
        // Up to twice the period, so that no pattern of the program's keeps step with it.
        unsafe record.pointee.turn.countdown += record.pointee.turn.random(below: 2 * period)
        return true
    }

    /// For how many blocks one of a class stands that is about to be handed out, with those of the
    /// supply if it is handed out from there, and whether it is.
    @_optimize(size)
    fileprivate func countSmall(_ sizeClass: SizeClass, _ period: Int) -> (Int, Bool) {
        let isAlone = takeTurns(sizeClass, period)
        let isItsTurn = unsafe record.pointee.turn.sizeClass == sizeClass
        if !isItsTurn || !resupply(sizeClass) { return (isAlone ? 1 : 0, false) }
        let weight = unsafe record.pointee.turn.weight
        let count = unsafe Magazine.blockCount(top: supply.pointee)
        // Of another class about two would have been counted alone.
        let aloneCount = isAlone ? min(2, count) : 0
        return (aloneCount + (count - aloneCount) * weight, true)
    }

    /// Sees to it that the supply of a class has blocks; false without memory.
    @_optimize(size)
    private func resupply(_ sizeClass: SizeClass) -> Bool {
        let (loaded, empty) = unsafe (top(sizeClass), supply.pointee)
        // Else its next block has lost its seal.
        if empty == Magazine.noneTop || Magazine.slot(empty - 8) == sentinel {
            setTop(sizeClass, empty)
            unsafe supply.pointee = loaded
            if unsafe Magazine.blockCount(top: loaded) < record.pointee.turn.supplyCount,
                refill(sizeClass)
            {
                unsafe supply.pointee = top(sizeClass)
                setTop(sizeClass, loaded)
            }
        }
        return unsafe Magazine.blockCount(top: supply.pointee) > 0
    }

    // MARK: Turns

    /// After a request of a class that came to the slow path. True when it came because the class was
    /// not in the tables, so that the block is to be counted alone.
    @_optimize(size)
    private func takeTurns(_ sizeClass: SizeClass, _ period: Int) -> Bool {
        if unsafe record.pointee.turn.isOnly(sizeClass) { return false }
        let time = midl_milliseconds()
        if unsafe record.pointee.turn.isOver(at: time) { beginTurn(after: sizeClass, time, period) }
        unsafe record.pointee.turn.look(atSupply: supply.pointee)
        if unsafe record.pointee.turn.isTabled(sizeClass) { return false }
        if unsafe record.pointee.turn.isIdle(after: sizeClass) {
            beginTurn(after: sizeClass, time, period)
        }
        if let index = unsafe record.pointee.turn.table(sizeClass) {
            setTables(of: sizeClass, to: index)
        }
        return true
    }

    /// The turn of a class that was seen in the last one.
    @_optimize(size)
    @inline(never)
    private func beginTurn(after sizeClass: SizeClass, _ time: UInt64, _ period: Int) {
        unsafe record.pointee.turn.see(sizeClass)
        let seen = unsafe record.pointee.turn.seen
        endTurn()
        unsafe record.pointee.turn.begin(seen: seen, at: time)
        let blockByteCount = unsafe record.pointee.turn.sizeClass.blockByteCount
        unsafe record.pointee.turn.supplyCount = max(
            ThreadCache.leastSupply,
            min(
                ThreadCache.supplyByteCount / blockByteCount, period / record.pointee.turn.weight))
    }

    /// Empties the tables, sends what is in the supply home, and takes back that it was counted.
    @_optimize(size)
    @inline(never)
    func endTurn() {
        if unsafe record.pointee.turn.sizeClass == .none { return }
        clearTables()
        let top = unsafe supply.pointee
        let count = unsafe Magazine.blockCount(top: top) * record.pointee.turn.weight
        unsafe record.pointee.turn.end(uncounted: count)
        unsafe supply.pointee = Magazine.noneTop
        empty(below: top)
        deliverOutbox()
    }
}
