// The commitment: how much of a region may be used, and how much has been.
//
// Invariant: topUnit <= committedUnitCount <= region.unitCount, in units from the base.

import MIDLPlatform

struct Commitment {
    let region: Region
    private(set) var committedUnitCount = 0
    /// Units below here have been used.
    private(set) var topUnit = 0

    /// 4 MiB; the records and tags of a step are whole pages.
    private static let stepUnitCount = 64

    init(region: Region) { self.region = region }

    /// Raises the top by `count` units and returns the first of them; nil when the region or the
    /// system's memory is exhausted.
    mutating func raiseTop(by count: Int) -> Int? {
        guard count <= region.unitCount - topUnit, commit(upTo: topUnit + count) else { return nil }
        defer { topUnit += count }
        return topUnit
    }

    /// Commits a step more than is asked, an eighth of what there is, so that the number of calls
    /// to the system grows with the logarithm of the heap; just what is asked when memory or the
    /// region is short.
    private mutating func commit(upTo wanted: Int) -> Bool {
        if wanted <= committedUnitCount { return true }
        let mask = ~(Commitment.stepUnitCount - 1)
        let least = min(region.unitCount, (wanted + Commitment.stepUnitCount - 1) & mask)
        let generous = min(region.unitCount, least + (committedUnitCount / 8) & mask)
        return commit(exactly: generous) || (generous > least && commit(exactly: least))
    }

    @_optimize(size)
    private mutating func commit(exactly newCount: Int) -> Bool {
        let count = newCount &- committedUnitCount
        let units = region.address(ofUnit: committedUnitCount)
        let done =
            commit(region.span(atUnit: committedUnitCount).address, count &* SpanRecord.byteStride)
            && commit(region.tagAddress(of: units), count &* Unit.granuleCount)
            && commit(
                region.freeMap(atUnit: committedUnitCount), count &* Region.freeMapByteStride)
            && commit(units, count &* Unit.byteCount)
        if done { committedUnitCount = newCount }
        return done
    }

    private func commit(_ start: UInt, _ byteCount: Int) -> Bool {
        let committedByteCount =
            committedUnitCount
            &* (Unit.byteCount + SpanRecord.byteStride + Unit.granuleCount
                + Region.freeMapByteStride)
        return unsafe midl_commit(
            pointer(start), byteCount, region.reservationByteCount &- committedByteCount)
    }
}
