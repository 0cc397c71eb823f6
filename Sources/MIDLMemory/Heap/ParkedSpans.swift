// Large blocks that a thread freed a moment ago, parked for its next requests of the same
// number of units: no lock, and their pages stay. They are few, and the oldest leave.
//
// A parked span is still of the kind `large`; that its tag is gone says that it is free.

struct ParkedSpans {
    private static let limit = 8
    /// 1 MiB.
    private static let unitLimit = 16

    /// The oldest first.
    private var spans = InlineArray<8, UInt>(repeating: 0)
    private(set) var count = 0
    private var unitCount = 0

    /// Takes out the newest span of so many units.
    mutating func take(unitCount: Int) -> Span? {
        var index = count - 1
        while index >= 0 && Span(at: spans[index]).unitCount != unitCount { index -= 1 }
        return index < 0 ? nil : remove(at: index)
    }

    /// Takes out the oldest span; nil when there is none.
    mutating func takeOldest() -> Span? { count == 0 ? nil : remove(at: 0) }

    /// Parks a span, if there is room; false when the oldest has to leave first.
    mutating func park(_ span: Span) -> Bool {
        if count == ParkedSpans.limit || unitCount + span.unitCount > ParkedSpans.unitLimit {
            return false
        }
        spans[count] = span.address
        count += 1
        unitCount += span.unitCount
        return true
    }

    static func canPark(_ span: Span) -> Bool { span.unitCount <= unitLimit }

    private mutating func remove(at index: Int) -> Span {
        let span = Span(at: spans[index])
        for later in index + 1..<max(count, index + 1) { spans[later - 1] = spans[later] }
        count -= 1
        unitCount -= span.unitCount
        return span
    }
}

extension ThreadCache {
    @inline(never)
    func allocateLarge(byteCount: Int) -> UnsafeMutableRawPointer? {
        let region = heap.region
        // A span that is not large enough for a block of this size is not parked.
        guard byteCount <= region.unitCount << Int(Unit.shift),
            let span = unsafe record.pointee.parked.take(
                unitCount: Unit.count(holding: byteCount))
        else {
            if let block = unsafe LargeBlock.allocate(byteCount: byteCount, heap) {
                return unsafe block
            }
            // Parked spans may be what the pool lacks.
            giveParked()
            return unsafe LargeBlock.allocate(byteCount: byteCount, heap)
        }
        span.largeByteCount = Page.roundUp(byteCount)
        let start = region.start(of: span)
        region.setTag(SizeClass.large.index, at: start)
        return unsafe pointer(start)
    }

    /// Frees the large block that starts at an address; false when there is none any more.
    @inline(never)
    func freeLarge(_ address: UInt) -> Bool {
        let region = heap.region
        let span = region.span(atUnit: region.unit(of: address))
        guard region.exchangeTag(at: address, from: SizeClass.large.index, to: 0) else {
            return false
        }
        // Its pages are not fresh: see ZeroedBlock.
        span.dirtyUnitCount = span.unitCount
        if ParkedSpans.canPark(span) {
            while unsafe !record.pointee.parked.park(span) { giveOldestParked() }
        } else {
            LargeBlock.give(span, heap)
        }
        return true
    }

    func giveParked() {
        while unsafe record.pointee.parked.count > 0 { giveOldestParked() }
    }

    @inline(never)
    private func giveOldestParked() {
        if let oldest = unsafe record.pointee.parked.takeOldest() { LargeBlock.give(oldest, heap) }
    }
}
