// The pool: free spans, shared by all threads under one lock.
//
// A free span is in the list of its unit count, or in the last list when it has
// 64 units or more; a word with one bit for each list tells which are not
// empty. A span that becomes free is joined with free neighbours. Requests take
// the smallest span that fits and give the rest back; only then the top rises.
//
// Pages of free spans stay, for speed, until there are more of them than are kept
// (Retention.swift); then the ends of long spans are decommitted. Some are huge (HugePages.swift).
//
// Invariant: units below the top == units of spans in use + freeUnitCount.

struct SpanPool {
    private let region: Region
    private var commitment: Commitment
    var hugePages: HugePages
    private(set) var retention = Retention()
    private var numbers = RandomNumbers()
    private var lists = InlineArray<64, UInt>(repeating: 0)
    private var nonEmptyLists: UInt64 = 0
    private(set) var freeUnitCount = 0
    private(set) var dirtyUnitCount = 0
    /// Units whose pages were given back since the heap was made.
    private(set) var decommittedUnitCount = 0
    /// Units that threads may park beyond what each may at first.
    private(set) var parkingUnitCount = 0
    /// The most units that were ever in use.
    private(set) var peakUsedUnitCount = 0

    init(region: Region) {
        self.region = region
        commitment = Commitment(region: region)
        hugePages = HugePages(region: region)
    }

    /// Units below here have been used, and have records and tags.
    var topUnit: Int { commitment.topUnit }
    var usedUnitCount: Int { topUnit &- freeUnitCount }

    private static let lastList = 63
    private func list(for unitCount: Int) -> Int { min(unitCount, SpanPool.lastList + 1) - 1 }

    mutating func random() -> UInt { UInt(truncatingIfNeeded: numbers.next()) }

    // MARK: Taking

    /// A span of `unitCount` units whose kind the caller sets, and of which little may ever be used if
    /// it `isSparse`; nil when there is no memory.
    @inline(never)
    mutating func take(unitCount: Int, isSparse: Bool = false) -> Span? {
        guard let span = cut(unitCount: unitCount) else { return nil }
        didTake(span, isSparse: isSparse)
        return span
    }

    /// The same with the units as they were.
    @inline(never)
    private mutating func cut(unitCount: Int) -> Span? {
        guard let span = bestFit(unitCount: unitCount) else {
            return extendTop(unitCount: unitCount)
        }
        remove(span)
        split(span, at: unitCount)
        didTake(cleanUnitCount: unitCount &- span.dirtyUnitCount)
        return span
    }

    /// After units were taken, so many of them free ones without pages.
    @inline(never)
    private mutating func didTake(cleanUnitCount: Int) {
        peakUsedUnitCount = max(peakUsedUnitCount, usedUnitCount)
        retention.didTake(
            cleanUnitCount: cleanUnitCount, dirtyUnitCountLeft: dirtyUnitCount,
            of: topUnit)
    }

    /// A span that begins at a multiple of `alignment`, a power of two of at least a unit: cut from
    /// a longer one, whose ends go back.
    mutating func take(unitCount: Int, alignment: UInt) -> Span? {
        let longest = unitCount &+ Int(alignment &>> Unit.shift) &- 1
        guard let span = cut(unitCount: longest) else { return nil }
        let first = region.unit(of: span)
        let start = region.start(of: span)
        let skipped = Int(((start &+ alignment &- 1) & ~(alignment &- 1) &- start) &>> Unit.shift)
        let aligned = region.span(atUnit: first &+ skipped)
        aligned.unitCount = unitCount
        aligned.dirtyUnitCount = countDirty(aligned)
        putBack(first, unitCount: skipped)
        putBack(first &+ skipped &+ unitCount, unitCount: longest &- skipped &- unitCount)
        didTake(aligned, isSparse: false)
        return aligned
    }

    /// Longer spans count as used when they are given: they may have been used in few places, and
    /// never be given.
    private static let longestMarked = 1024

    /// From now on the pages of a span's units count as used. Here rather than in `give`, where it
    /// would have to be done each time: most spans that are taken had been used.
    private mutating func didTake(_ span: Span, isSparse: Bool) {
        if span.dirtyUnitCount == span.unitCount { return }
        hugePages.willUse(span, isSparse: isSparse)
        if isLong(span) {
            // No huge page is to be asked for here.
            span.isDirty = true
        } else {
            setDirty(span)
        }
    }

    private func isLong(_ span: Span) -> Bool { span.unitCount > SpanPool.longestMarked }

    /// Makes units free that were taken and not used.
    private mutating func putBack(_ unit: Int, unitCount: Int) {
        if unitCount == 0 { return }
        let span = region.span(atUnit: unit)
        span.unitCount = unitCount
        span.dirtyUnitCount = countDirty(span)
        insert(join(span))
    }

    private func bestFit(unitCount: Int) -> Span? {
        let first = list(for: unitCount)
        let candidates = nonEmptyLists & (UInt64.max << UInt64(first))
        let exact = candidates & ((1 << 63) - 1)
        if exact != 0 { return Span(at: lists[exact.trailingZeroBitCount]) }
        var best: Span?
        var cursor = lists[SpanPool.lastList]
        while cursor != 0 {
            let span = Span(at: cursor)
            if span.unitCount >= unitCount && span.unitCount < best?.unitCount ?? .max {
                best = span
            }
            cursor = span.next
        }
        return best
    }

    private mutating func split(_ span: Span, at unitCount: Int) {
        let rest = span.unitCount &- unitCount
        if rest == 0 { return }
        let dirty = span.dirtyUnitCount
        let areAllDirty = dirty == span.unitCount
        span.unitCount = unitCount
        span.dirtyUnitCount = dirty == 0 ? 0 : areAllDirty ? unitCount : countDirty(span)
        let tail = region.span(atUnit: region.unit(of: span) + unitCount)
        tail.unitCount = rest
        tail.dirtyUnitCount = dirty &- span.dirtyUnitCount
        insert(tail)
    }

    private func countDirty(_ span: Span) -> Int {
        let unit = region.unit(of: span)
        var count = 0
        for each in unit..<unit + span.unitCount where region.span(atUnit: each).isDirty {
            count += 1
        }
        return count
    }

    @_optimize(size)
    @inline(never)
    private func setDirty(_ span: Span) {
        let unit = region.unit(of: span)
        for each in unit..<unit + span.unitCount { region.span(atUnit: each).isDirty = true }
    }

    /// Raises the top; a free span that ends at the top becomes part of the new one.
    @_optimize(size)
    private mutating func extendTop(unitCount: Int) -> Span? {
        let last = topUnit > 0 ? freeSpan(endingAt: topUnit) : nil
        let present = last?.unitCount ?? 0
        guard let raised = commitment.raiseTop(by: unitCount - present) else { return nil }
        if let last { remove(last) }
        let span = last ?? region.span(atUnit: raised)
        span.unitCount = unitCount
        didTake(cleanUnitCount: last.map { present &- $0.dirtyUnitCount } ?? 0)
        return span
    }

    // MARK: Resizing

    /// Whether a span in use has `unitCount` units now: it gives its last ones back, or takes those
    /// that follow it, if they are free or above the top.
    mutating func resize(_ span: Span, toUnitCount unitCount: Int) -> Bool {
        let missing = unitCount &- span.unitCount
        if missing > 0 { return extend(span, by: missing) }
        if missing < 0 {
            if isLong(span) { setDirty(span) }
            span.unitCount = unitCount
            let tail = region.span(atUnit: region.unit(of: span) &+ unitCount)
            tail.unitCount = 0 &- missing
            tail.dirtyUnitCount = tail.unitCount
            give(tail)
        }
        return true
    }

    private mutating func extend(_ span: Span, by missing: Int) -> Bool {
        let end = region.unit(of: span) &+ span.unitCount
        let next = end < topUnit ? region.span(atUnit: end) : nil
        if let next, next.kind != .free { return false }
        let present = next?.unitCount ?? 0
        if present < missing {
            guard end + present == topUnit,
                commitment.raiseTop(by: missing - present) != nil
            else { return false }
        }
        var cleanUnitCount = 0
        if let next {
            remove(next)
            if present > missing { split(next, at: missing) }
            cleanUnitCount = next.unitCount &- next.dirtyUnitCount
        }
        didTake(cleanUnitCount: cleanUnitCount)
        let added = region.span(atUnit: end)
        added.unitCount = missing
        span.unitCount &+= missing
        if added.dirtyUnitCount != missing {
            hugePages.willUse(added, isSparse: hugePages.mayBeSparse(span))
        }
        if !isLong(span) { setDirty(added) }
        return true
    }

    // MARK: Giving back

    /// Takes back a span that nobody uses any more, with its pages. Not a copy for each caller.
    @inline(never)
    mutating func give(_ span: Span) {
        if HugePages.isLong(span) && span.wasTakenZero { hugePages.learn(span) }
        if isLong(span) { setDirty(span) }
        span.dirtyUnitCount = span.unitCount
        insert(join(span))
        retention.didGive(dirtyUnitCount: dirtyUnitCount)
        let kept = keptUnitCount
        if dirtyUnitCount > kept {
            let dirty = dirtyUnitCount
            decommit(downTo: kept / 8 * 7)
            retention.didReturn(unitCount: dirty - dirtyUnitCount)
        }
    }

    /// Joins a span with the free ones before and after it. The records inside the result are
    /// `inner` again.
    private mutating func join(_ span: Span) -> Span {
        var result = span
        let unit = region.unit(of: span)
        let end = unit + span.unitCount
        if end < topUnit, case let after = region.span(atUnit: end), after.kind == .free {
            remove(after)
            absorb(after, into: result)
        }
        if unit > 0, let before = freeSpan(endingAt: unit) {
            remove(before)
            absorb(result, into: before)
            result = before
        }
        return result
    }

    private func absorb(_ later: Span, into span: Span) {
        later.kind = .inner
        span.unitCount += later.unitCount
        span.dirtyUnitCount += later.dirtyUnitCount
    }

    private func freeSpan(endingAt unit: Int) -> Span? {
        let last = region.span(atUnit: unit - 1)
        switch last.kind {
        case .free: return last.unitCount == 1 ? last : nil
        case .freeLast: return region.span(atUnit: unit - last.unitCount)
        default: return nil
        }
    }

    // MARK: Lists

    private mutating func insert(_ span: Span) {
        span.kind = .free
        if span.unitCount > 1 {
            let last = region.span(atUnit: region.unit(of: span) + span.unitCount - 1)
            last.kind = .freeLast
            last.unitCount = span.unitCount
        }
        let index = list(for: span.unitCount)
        SpanList.push(span, on: &lists[index])
        nonEmptyLists |= 1 << UInt64(index)
        freeUnitCount &+= span.unitCount
        dirtyUnitCount &+= span.dirtyUnitCount
    }

    private mutating func remove(_ span: Span) {
        let index = list(for: span.unitCount)
        SpanList.remove(span, from: &lists[index])
        if lists[index] == 0 { nonEmptyLists &= ~(1 << UInt64(index)) }
        freeUnitCount &-= span.unitCount
        dirtyUnitCount &-= span.dirtyUnitCount
        span.kind = .inner
        if span.unitCount > 1 {
            region.span(atUnit: region.unit(of: span) + span.unitCount - 1).kind = .inner
        }
    }

    // MARK: Parking

    /// Has threads park so many units more; false where that would leave too few to keep.
    @_optimize(size)
    mutating func reserveParking(_ unitCount: Int) -> Bool {
        if (parkingUnitCount &+ unitCount) &* 2 > retention.keptUnitCount(used: usedUnitCount) {
            return false
        }
        parkingUnitCount &+= unitCount
        return true
    }

    mutating func returnParking(_ unitCount: Int) { parkingUnitCount &-= unitCount }

    /// The dirty units that may be kept.
    private var keptUnitCount: Int {
        let kept = retention.keptUnitCount(used: usedUnitCount)
        return max(kept / 2, kept &- parkingUnitCount)
    }

    // MARK: Returning pages

    /// Decommits the ends of free spans, of long ones first, until at most `limit` units are dirty.
    @_optimize(size)
    mutating func decommit(downTo limit: Int) {
        var index = SpanPool.lastList
        while index >= 0 && dirtyUnitCount > limit {
            var cursor = lists[index]
            while cursor != 0 && dirtyUnitCount > limit {
                let span = Span(at: cursor)
                if span.dirtyUnitCount > 0 {
                    // Of a very long one, whose units are looked at each time, not too few.
                    decommitEnd(of: span, max(dirtyUnitCount &- limit, span.unitCount / 64))
                }
                cursor = span.next
            }
            index -= 1
        }
    }

    /// Decommits the last units of a free span, at least so many dirty ones or all, and what is before
    /// them of a huge page: requests take the first ones.
    @_optimize(size)
    private mutating func decommitEnd(of span: Span, _ wanted: Int) {
        let dirty = span.dirtyUnitCount
        let least = max(0, dirty &- wanted)
        var (kept, left) = (span.unitCount, dirty)
        let unit = region.unit(of: span)
        while kept > 0, left > least || hugePages.isCut(atUnit: unit &+ kept, notBefore: unit) {
            kept &-= 1
            let each = region.span(atUnit: unit &+ kept)
            if each.isDirty {
                each.isDirty = false
                left &-= 1
            }
        }
        region.decommit(unit: unit &+ kept, unitCount: span.unitCount &- kept)
        hugePages.didReturn(fromUnit: unit &+ kept, toUnit: unit &+ span.unitCount)
        span.dirtyUnitCount = left
        decommittedUnitCount &+= dirty &- left
        dirtyUnitCount &-= dirty &- left
    }

    /// Decommits all free spans, and does not count as regret what is wanted again.
    mutating func trim() {
        decommit(downTo: 0)
        retention.forgetReturns()
    }

    // MARK: Checking

    /// Whether the records, lists and counts agree. For tests.
    func checkInvariants() -> Bool {
        var (free, dirty, unit) = (0, 0, 0)
        while unit < topUnit {
            let span = region.span(atUnit: unit)
            guard span.unitCount > 0, span.kind != .inner, span.kind != .freeLast,
                span.kind != .slabInner
            else { return false }
            if span.kind == .free {
                free += span.unitCount
                dirty += span.dirtyUnitCount
                if span.dirtyUnitCount != countDirty(span) { return false }
                // Two free spans in a row would have been joined.
                if unit > 0, freeSpan(endingAt: unit) != nil { return false }
            }
            unit += span.unitCount
        }
        var listed = 0
        for index in lists.indices {
            if (lists[index] != 0) != (nonEmptyLists >> UInt64(index) & 1 == 1) { return false }
            var cursor = lists[index]
            while cursor != 0 {
                let span = Span(at: cursor)
                guard span.kind == .free, list(for: span.unitCount) == index else { return false }
                listed += span.unitCount
                cursor = span.next
            }
        }
        return unit == topUnit && free == freeUnitCount && listed == free
            && dirty == dirtyUnitCount
    }
}
