// Huge pages: which units the system is asked to back with pages of 2 MiB.
//
// A page of 4 KiB costs a fault, and the processor remembers the places of so many of them as
// make a few MiB: where a program goes all over more, in lists, maps and trees, it takes a
// tenth to a third less time on huge pages. But all of a huge page is resident once a byte
// of it is touched. So they are asked for where that costs little: behind the first 4 MiB, for
// what is soon used all over. Not for slabs of classes of which a thread has few. Nor for spans of
// 2 MiB and more, *long* ones, which may be tables with few entries, but for the first of them,
// unless those that come back turn out to have been used in the middle. Nor for what a heap
// grows by slowly: the rest of its last chunk, and of the last slab of each class, would stay
// unused for long.
//
// A *chunk* is the units of one huge page. It is asked for before a span is used that
// begins in the chunk, or reaches it, when no unit of it has pages; before a long one is used
// that covers it. Pages go back by whole chunks where that can be. A chunk of which a
// part went back is to have small pages: else the system would in time fill it up again. A
// system that makes pages huge unasked decides for itself where nothing was asked for.

import MIDLPlatform

struct HugePages {
    static let unitCount = Region.hugePageByteCount >> Int(Unit.shift)
    /// Before this unit nothing is asked for.
    static let firstUnit = 64
    /// After a long span that was not used in the middle there have to be more than so many in a row
    /// that were.
    private static let distrust = -4
    /// How long the heap may take to grow by a chunk, while it is small: see `isQuick`.
    var quickMilliseconds: UInt64 = 100

    private let region: Region
    /// When the heap last grew by a span that is not long and began a chunk.
    private var time = midl_milliseconds()
    /// Behind it nothing was asked for.
    private var endUnit = 0
    /// Long spans have huge pages while it is above 0; at 0 as long as there is credit.
    private var trust = 0
    /// 32 MiB of long spans may have huge pages in their first half before one came back: half of that
    /// may be lost.
    var creditUnitCount = 512

    init(region: Region) { self.region = region }

    static func isLong(_ span: Span) -> Bool { span.unitCount >= unitCount }

    private static func chunk(ofUnit unit: Int) -> Int { unit & ~(unitCount - 1) }
    private static func chunk(notBefore unit: Int) -> Int { chunk(ofUnit: unit &+ unitCount &- 1) }

    /// The units of a span for so many. While long ones are hardly used there are eight lengths from
    /// one power of two to the next: so they begin at fewer places, and each place that was
    /// touched keeps its pages.
    func length(holding unitCount: Int) -> Int {
        if trust > HugePages.distrust || unitCount < HugePages.unitCount { return unitCount }
        let step = 1 &<< (Int.bitWidth &- 4 &- unitCount.leadingZeroBitCount)
        return (unitCount &+ step &- 1) & ~(step &- 1)
    }

    /// Before the units of a span are used, of which some have no pages, and which may be used in few
    /// places if it `isSparse`.
    @_optimize(size)
    @inline(never)
    mutating func willUse(_ span: Span, isSparse: Bool) {
        let first = region.unit(of: span)
        // Growth before `firstUnit` tells of the pace as well.
        let chunk = HugePages.chunk(notBefore: max(first, HugePages.unitCount))
        var end = first &+ span.unitCount
        var isHuge: Bool
        if HugePages.isLong(span) {
            end = HugePages.chunk(ofUnit: end)
            isHuge = trust > 0
            if trust == 0 && chunk >= endUnit && creditUnitCount >= span.unitCount {
                creditUnitCount &-= span.unitCount
                // By the small pages of its other half it will tell whether it was used.
                end = HugePages.chunk(ofUnit: middleUnit(of: span))
                isHuge = true
            }
        } else {
            if end <= chunk { return }
            end = chunk &+ HugePages.unitCount
            for unit in chunk..<end where region.span(atUnit: unit).isDirty { return }
            isHuge = (chunk < endUnit || isQuick(end)) && !isSparse
        }
        if isHuge { endUnit = max(endUnit, end) }
        ask(isHuge, chunk, min(end, endUnit))
    }

    /// Whose first page tells whether a long span was used.
    private func middleUnit(of span: Span) -> Int {
        region.unit(of: span) &+ span.unitCount &>> 1
    }

    /// When a heap grows to so many units: whether the chunk before was begun a short time ago. In a
    /// large heap, where a chunk is little, that is a millisecond for each eight units.
    private mutating func isQuick(_ unitCount: Int) -> Bool {
        let now = midl_milliseconds()
        defer { time = now }
        return now &- time <= max(quickMilliseconds, UInt64(truncatingIfNeeded: unitCount &>> 3))
    }

    /// Whether a span may be a table with few entries.
    func mayBeSparse(_ span: Span) -> Bool { HugePages.isLong(span) && trust <= 0 }

    /// Before all pages of a long span count as used, of which it had none at first.
    @_optimize(size)
    @inline(never)
    mutating func learn(_ span: Span) {
        switch unsafe midl_residency(pointer(region.address(ofUnit: middleUnit(of: span)))) {
        case MIDL_RESIDENT: trust = min(trust &+ 1, 1)
        case MIDL_NOT_RESIDENT:
            trust = HugePages.distrust
            creditUnitCount = 0
        default: break
        }
    }

    /// Whether a huge page would be cut if pages went back from a unit on, which it would not if they
    /// did from one before that, `first` at the lowest.
    func isCut(atUnit unit: Int, notBefore first: Int) -> Bool {
        let chunk = HugePages.chunk(ofUnit: unit)
        return chunk >= max(first, HugePages.firstUnit) && unit > chunk && unit < endUnit
    }

    /// After units gave their pages back.
    @_optimize(size)
    @inline(never)
    func didReturn(fromUnit first: Int, toUnit end: Int) {
        askForSmall(aroundUnit: first)
        askForSmall(aroundUnit: end)
    }

    /// For small pages in a chunk that goes on on both sides of a unit.
    private func askForSmall(aroundUnit unit: Int) {
        ask(false, HugePages.chunk(ofUnit: unit), min(HugePages.chunk(notBefore: unit), endUnit))
    }

    @inline(never)
    private func ask(_ isHuge: Bool, _ first: Int, _ end: Int) {
        let first = max(first, HugePages.firstUnit)
        if first >= end { return }
        unsafe midl_advise_huge(
            pointer(region.address(ofUnit: first)), (end &- first) &<< Int(Unit.shift), isHuge)
    }
}
