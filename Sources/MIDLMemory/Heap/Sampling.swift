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
// the turn before. To see that, each turn begins with empty tables, in which every class
// stands from its first slow path on. A turn ends when the thread next comes to one.

import MIDLPlatform
import MIDLShim

/// What a cache knows of its samples.
struct SamplingTurn {
    /// Whose turn it is; `none` before the first.
    var sizeClass = SizeClass.none
    var startTime: UInt64 = 0
    /// The classes in the tables, a bit for each, and how many there were in the last turn.
    var classes: UInt64 = 0
    var weight = 1
    /// Blocks that are worth a change of the supply.
    var supplyCount = 0
    /// Blocks up to the next that is sampled.
    var countdown = 0
    private var numbers = RandomNumbers()

    /// 0 ..< limit; from 2^16 on with gaps.
    mutating func random(below limit: Int) -> Int {
        (Int(truncatingIfNeeded: numbers.next() >> 48) * limit) >> 16
    }

    /// One whose bit is set. At random, so that a short run is not one of small sizes.
    mutating func anyClass(in bits: UInt64) -> SizeClass {
        var rest = bits
        for _ in 0..<random(below: bits.nonzeroBitCount) { rest &= rest - 1 }
        return SizeClass(index: rest.trailingZeroBitCount + SizeClass.first.index)
    }
}

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
        var count = 1
        let isSmall = UInt(bitPattern: byteCount) <= UInt(SizeClass.byteLimit)
        if isSmall {
            let sizeClass = SizeClass(holding: byteCount)
            cache.takeTurns(sizeClass, period)
            count =
                unsafe cache.record.pointee.turn.sizeClass == sizeClass
                ? cache.resupply(sizeClass) : 0
        }
        if cache.isDue(count, period),
            unsafe allocator.pointee.allocate?(byteCount, &block) == true, unsafe block != nil
        {
            return true
        }
        guard isSmall && count > 0 else { return false }
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

    /// Counts blocks of the class whose turn it is that are about to be handed out, or a large one.
    /// True when a sample is due.
    @_optimize(size)
    fileprivate func isDue(_ count: Int, _ period: Int) -> Bool {
        let rest = unsafe record.pointee.turn.countdown - count
        unsafe record.pointee.turn.countdown = max(rest, 0)
        if rest > 0 { return false }
        // Up to twice the period, so that no pattern of the program's keeps step with it.
        unsafe record.pointee.turn.countdown = record.pointee.turn.random(below: 2 * period)
        return true
    }

    /// Sees to it that the supply of a class has blocks and returns for how many they stand; 0
    /// without memory.
    @_optimize(size)
    fileprivate func resupply(_ sizeClass: SizeClass) -> Int {
        let (turn, loaded, empty) = unsafe (record.pointee.turn, top(sizeClass), supply.pointee)
        // Else its next block has lost its seal.
        if empty == Magazine.noneTop || Magazine.slot(empty - 8) == sentinel {
            setTop(sizeClass, empty)
            unsafe supply.pointee = loaded
            if Magazine.blockCount(top: loaded) < turn.supplyCount, refill(sizeClass) {
                unsafe supply.pointee = top(sizeClass)
                setTop(sizeClass, loaded)
            }
        }
        return unsafe Magazine.blockCount(top: supply.pointee) * turn.weight
    }

    // MARK: Turns

    /// After a request of a class: its turn if none has begun, or the next class's after some time.
    @_optimize(size)
    fileprivate func takeTurns(_ sizeClass: SizeClass, _ period: Int) {
        var turn = unsafe record.pointee.turn
        // There is no other.
        if turn.sizeClass == sizeClass && turn.classes == Sampling.bit(sizeClass) { return }
        let time = midl_milliseconds()
        if turn.sizeClass == .none || time != turn.startTime {
            let classes = turn.classes | Sampling.bit(sizeClass)
            endTurn()
            turn = unsafe record.pointee.turn
            let next = turn.anyClass(in: classes)
            turn.sizeClass = next
            turn.startTime = time
            turn.weight = classes.nonzeroBitCount
            turn.supplyCount = max(
                ThreadCache.leastSupply,
                min(ThreadCache.supplyByteCount / next.blockByteCount, period / turn.weight))
        }
        if turn.classes & Sampling.bit(sizeClass) == 0 {
            turn.classes |= Sampling.bit(sizeClass)
            let isItsTurn = turn.sizeClass == sizeClass
            setTables(of: sizeClass, to: isItsTurn ? Sampling.supplyIndex : sizeClass.index)
        }
        unsafe record.pointee.turn = turn
    }

    /// Empties the tables, sends what is in the supply home, and takes back that it was counted.
    @_optimize(size)
    @inline(never)
    func endTurn() {
        if unsafe record.pointee.turn.sizeClass == .none { return }
        unsafe record.pointee.turn.sizeClass = .none
        unsafe record.pointee.turn.classes = 0
        clearTables()
        let top = unsafe supply.pointee
        unsafe record.pointee.turn.countdown +=
            Magazine.blockCount(top: top) * record.pointee.turn.weight
        unsafe supply.pointee = Magazine.noneTop
        empty(below: top)
        deliverOutbox()
    }
}

extension Sampling {
    fileprivate static func bit(_ sizeClass: SizeClass) -> UInt64 {
        1 << UInt64(sizeClass.index - SizeClass.first.index)
    }
}
