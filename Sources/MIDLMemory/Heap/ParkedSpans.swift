// Large blocks that a thread freed a moment ago, parked for its next requests of the same
// number of units: no lock, and their pages stay. When one more does not fit, the others
// leave together.
//
// There is room for 1 MiB at first. Where the thread has fetched from the pool, since they
// last left, half of what left then, it was not worth the way, and the room for blocks of
// up to 256 KiB is doubled, up to 4 MiB; the pool keeps as many pages less. Not so where
// larger ones come as well, which parked ones would be in the way of, nor where all threads
// together would have more than half of what the pool may keep.
//
// A parked span is still of the kind `large`; that its tag is gone says that it is free.

import MIDLPlatform

struct ParkedSpans {
    private static let unitLimit = 16
    /// Every span that can be parked has room when no other is.
    private static let leastRoom = unitLimit
    private static let mostRoom = 64
    /// The longest spans for which the room becomes larger.
    private static let smallUnitCount = 4

    /// The first of those of so many units, linked by `next`; 0 when there is none.
    private var heads = InlineArray<17, UInt>(repeating: 0)
    private(set) var count = 0
    private var unitCount = 0
    private var room = leastRoom
    /// Units that left when they last did, and those fetched since; of longer spans also before.
    private var leftUnitCount = 0
    private var fetchedUnitCount = 0
    private var longUnitCount = 0

    /// The largest block whose span can be parked.
    static let byteLimit = unitLimit * Unit.byteCount

    static func canPark(_ span: Span) -> Bool { span.unitCount <= unitLimit }

    /// Takes out the newest span of so many units, which can be parked.
    @inline(__always)
    mutating func take(unitCount: Int) -> Span? {
        guard case let head = heads[unitCount], head != 0 else { return nil }
        let span = Span(at: head)
        heads[unitCount] = span.next
        count &-= 1
        self.unitCount &-= unitCount
        return span
    }

    /// Parks a span; false when there is no room.
    @inline(__always)
    mutating func park(_ span: Span) -> Bool {
        let added = span.unitCount
        let room = added > ParkedSpans.smallUnitCount ? ParkedSpans.leastRoom : room
        if unitCount &+ added > room { return false }
        // Its pages are not fresh: see ZeroedBlock.
        span.dirtyUnitCount = added
        span.next = heads[added]
        heads[added] = span.address
        count &+= 1
        unitCount &+= added
        return true
    }

    /// After a block of so many bytes came from the pool.
    @inline(__always)
    mutating func didFetch(byteCount: Int) {
        let count = Unit.count(holding: byteCount)
        if count <= ParkedSpans.smallUnitCount {
            fetchedUnitCount &+= count
        } else {
            longUnitCount &+= count
        }
    }

    /// Makes room for a span: more of it, or by giving the others to the pool.
    @_optimize(size)
    @inline(never)
    mutating func makeRoom(for span: Span, _ heap: Heap) {
        let isWorthMore =
            span.unitCount <= ParkedSpans.smallUnitCount
            && room < ParkedSpans.mostRoom && leftUnitCount != 0
            && fetchedUnitCount &* 2 >= leftUnitCount && longUnitCount < leftUnitCount
        if isWorthMore, heap.withPool({ $0.reserveParking(room) }) {
            room *= 2
            return
        }
        let left = unitCount
        give(heap)
        leftUnitCount = left
        fetchedUnitCount = 0
        longUnitCount /= 2
    }

    /// Gives all spans to the pool.
    @_optimize(size)
    @inline(never)
    mutating func give(_ heap: Heap) {
        heap.withPool { pool in
            for each in heads.indices {
                while let span = take(unitCount: each) { LargeBlock.give(span, to: &pool) }
            }
        }
    }

    /// Gives up all spans, and the room for more than at first.
    @_optimize(size)
    @inline(never)
    mutating func close(_ heap: Heap) {
        give(heap)
        let extra = room &- ParkedSpans.leastRoom
        heap.withPool { $0.returnParking(extra) }
        room = ParkedSpans.leastRoom
        leftUnitCount = 0
    }
}

extension ThreadCache {
    /// A block of more than a slab's in a parked span; nil when there is none.
    @inline(__always)
    func allocateParked(byteCount: Int) -> UnsafeMutableRawPointer? {
        guard byteCount <= ParkedSpans.byteLimit,
            let span = unsafe record.pointee.parked.take(
                unitCount: Unit.count(holding: byteCount))
        else { return nil }
        return unsafe LargeBlock.placeAgain(byteCount, in: span, heap.region)
    }

    /// One that is not parked.
    @inline(never)
    func allocateLarge(byteCount: Int) -> UnsafeMutableRawPointer? {
        if let block = unsafe LargeBlock.allocate(byteCount: byteCount, heap) {
            unsafe record.pointee.parked.didFetch(byteCount: byteCount)
            return unsafe block
        }
        // Parked spans may be what the pool lacks.
        giveParked()
        return unsafe LargeBlock.allocate(byteCount: byteCount, heap)
    }

    /// Parks the large block at an address; false, and nothing has happened, when there is no room.
    @inline(__always)
    func park(_ address: UInt) -> Bool {
        let region = heap.region
        let span = region.span(atUnit: region.unit(of: address))
        guard ParkedSpans.canPark(span), unsafe record.pointee.parked.park(span) else {
            return false
        }
        region.setTag(SizeClass.none.index, at: address)
        return true
    }

    /// Frees the large block that starts at an address; false when there is none any more.
    @inline(never)
    func freeLarge(_ address: UInt) -> Bool {
        let region = heap.region
        let span = region.span(atUnit: region.unit(of: address))
        guard region.exchangeTag(at: address, from: SizeClass.large.index, to: 0) else {
            return false
        }
        if ParkedSpans.canPark(span) {
            while unsafe !record.pointee.parked.park(span) {
                unsafe record.pointee.parked.makeRoom(for: span, heap)
            }
        } else {
            LargeBlock.give(span, heap)
        }
        return true
    }

    @_optimize(size)
    @inline(never)
    func giveParked() { unsafe record.pointee.parked.give(heap) }
}
