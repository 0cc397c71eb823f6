// The region: one reservation of address space that holds every block.
//
//     reservation   [ caches ][ gap ][ zeros ][ tags ][ records ][ free maps ][ units ........... ]
//                   |<- distance  -->|<-D'--->|                                ^ base  ^ top       ^ end
//
// Everything is reserved at once and committed in steps as the top rises. One
// subtraction and one comparison tell whether an address is inside. The tags,
// one byte for each granule of 16 bytes, hold the size class of the block that
// starts there, 0 where none does; they are readable over the whole
// reservation, so that any address can be looked up without a fault.
//
// A free finds the tag of an address without loading where the tags are: each
// thread's cache counts granules from a place of its own below the base, such that
// the tag of granule g is at cache + distance + g. For granules below the base that
// is in the zeros, of which there are as many as bytes for caches.
//
//     cache + distance + (address - firstGranule(cache)) / 16 == tag of address
//
// A region never changes; what of it is in use is the commitment's business.

import MIDLPlatform
import MIDLShim
import Synchronization

struct Region {
    /// Where the reservation and its parts begin.
    private let reservation: UInt
    let reservationByteCount: Int
    /// Room for the threads' caches.
    let cacheAreaByteCount: Int
    let tags: UInt
    let records: UInt
    private let freeMaps: UInt
    let base: UInt
    let unitCount: Int

    var granuleCount: UInt { UInt(unitCount) << (Unit.shift - 4) }

    /// A huge page, to which the base is aligned.
    static let hugePageByteCount = 2 << 20

    private static let step = 4 << 20

    static let tagsDistance = Int(MIDL_TAGS_DISTANCE)
    private static let leastCacheAreaByteCount = 1 << 20

    /// Reserves four times the memory of the machine, at least 64 GiB; where a limit is set on the
    /// address space, at most two thirds of it, so that the rest of the program can map as well;
    /// what the system grants, if that is less.
    static func reserve() -> Region? {
        let physical = Int(midl_physical_byte_count())
        var byteCount = 64 << 30
        while byteCount < physical * 4 && byteCount < 1 << 45 { byteCount <<= 1 }
        // Memcheck takes a second for each few GiB, and complains of 256 MiB; the heap is hardly used
        // when all blocks are made elsewhere.
        if midl_watching_tool() == MIDL_MEMCHECK {
            let isElsewhere =
                unsafe midl_environment_blocks() != nil
                && midl_chosen_allocator()?.pointee.requested == nil
            byteCount = isElsewhere ? 64 << 20 : 2 << 30
        }
        // No limit arrives as a negative count.
        let limit = midl_address_space_limit()
        if limit >= 0 { byteCount = min(byteCount, limit / 3 * 2) }
        while byteCount >= step {
            if let region = reserve(byteCount: byteCount & ~(step - 1)) { return region }
            byteCount >>= 1
        }
        return nil
    }

    /// Reserves a region of `byteCount` bytes, a multiple of 4 MiB.
    static func reserve(byteCount: Int) -> Region? {
        guard let region = Region(byteCount: byteCount) else { return nil }
        let zeros = region.tags - UInt(region.cacheAreaByteCount)
        let readable = region.cacheAreaByteCount + byteCount >> 4
        if unsafe midl_make_readable(pointer(zeros), readable) { return region }
        region.release()
        return nil
    }

    private init?(byteCount: Int) {
        unitCount = byteCount >> Int(Unit.shift)
        cacheAreaByteCount = min(
            Region.tagsDistance, max(Region.leastCacheAreaByteCount, (byteCount / 64) & ~0xFFF))
        let tagByteCount = byteCount >> 4
        let recordByteCount = unitCount * SpanRecord.byteStride
        let freeMapByteCount = unitCount * Region.freeMapByteStride
        reservationByteCount =
            cacheAreaByteCount + Region.tagsDistance + tagByteCount + recordByteCount
            + freeMapByteCount + byteCount + Region.hugePageByteCount
        guard let start = unsafe midl_reserve(reservationByteCount) else { return nil }
        reservation = UInt(bitPattern: start)
        tags = reservation + UInt(cacheAreaByteCount + Region.tagsDistance)
        records = tags + UInt(tagByteCount)
        let alignment = UInt(Region.hugePageByteCount)
        freeMaps = records + UInt(recordByteCount)
        base = (freeMaps + UInt(freeMapByteCount) + alignment - 1) & ~(alignment - 1)
    }

    // MARK: Caches

    func isInCacheArea(_ address: UInt) -> Bool {
        address &- reservation < UInt(cacheAreaByteCount)
    }

    var cacheArea: UInt { reservation }

    /// Makes `byteCount` bytes of the cache area writable, behind the first `committed`; false
    /// when the area or memory is exhausted.
    func commitCaches(byteCount: Int, behind committed: Int) -> Bool {
        guard committed + byteCount <= cacheAreaByteCount else { return false }
        return unsafe midl_commit(
            pointer(cacheArea + UInt(committed)), byteCount, reservationByteCount)
    }

    /// What the front of a cache at an address counts as the first granule, and how many there
    /// are then.
    func granules(ofCacheAt cache: UInt) -> (first: UInt, limit: UInt) {
        let below = tags - (cache + UInt(Region.tagsDistance))
        return (base - below << 4, granuleCount + below)
    }

    /// Gives the whole reservation back. Nothing in it may be used any more.
    func release() { unsafe midl_release(pointer(reservation), reservationByteCount) }

    // MARK: From addresses to units, tags and records

    /// The unit of an address that is inside the region.
    @inline(__always)
    func unit(of address: UInt) -> Int { Int((address &- base) &>> Unit.shift) }

    @inline(__always)
    func address(ofUnit unit: Int) -> UInt { base &+ UInt(bitPattern: unit) &<< Unit.shift }

    func contains(_ address: UInt) -> Bool {
        address &- base < UInt(unitCount) << Unit.shift
    }

    @inline(__always)
    func span(atUnit unit: Int) -> Span {
        Span(at: records &+ UInt(bitPattern: unit) &<< SpanRecord.byteStrideShift)
    }

    @inline(__always)
    func unit(of span: Span) -> Int {
        Int((span.address &- records) &>> SpanRecord.byteStrideShift)
    }

    @inline(__always)
    func start(of span: Span) -> UInt { address(ofUnit: unit(of: span)) }

    /// Where the first block of a slab begins, or a large block.
    @inline(__always)
    func start(ofBlocksIn span: Span) -> UInt { start(of: span) &+ span.offset }

    /// One bit for each granule of a unit: for the slabs whose maps have no room behind the record.
    static let freeMapByteStride = Unit.granuleCount / 8

    /// The place in the table of the free map of a slab that begins at a unit.
    @inline(__always)
    func freeMap(atUnit unit: Int) -> UInt {
        freeMaps &+ UInt(bitPattern: unit) &* UInt(Region.freeMapByteStride)
    }

    /// The slab that a block of a small class is in.
    @inline(__always)
    func slab(of block: Block) -> Span {
        let span = span(atUnit: unit(of: block.address))
        return span.kind == .slabInner
            ? Span(
                at: span.address &- UInt(bitPattern: span.unitsToFirst)
                    &<< SpanRecord.byteStrideShift) : span
    }

    func tagAddress(of address: UInt) -> UInt { tags &+ (address &- base) &>> 4 }

    // Tags are read and written relaxed: a tag is all there is to agree on.

    @inline(__always)
    private func atomicTag(at address: UInt) -> UnsafeMutablePointer<Atomic<UInt8>> {
        unsafe UnsafeMutablePointer(bitPattern: tagAddress(of: address)).unsafelyUnwrapped
    }

    /// The tag of the granule at an address inside the region.
    func tag(at address: UInt) -> Int {
        unsafe Int(atomicTag(at: address).pointee.load(ordering: .relaxed))
    }

    /// The tag of any address: that of no block outside the region and off a granule.
    func tagOfAny(_ address: UInt) -> Int {
        contains(address) && address & 15 == 0 ? tag(at: address) : SizeClass.none.index
    }

    func setTag(_ tag: Int, at address: UInt) {
        unsafe atomicTag(at: address).pointee.store(UInt8(tag), ordering: .relaxed)
    }

    /// Changes a tag that other threads may change as well; false when it is not `old`.
    func exchangeTag(at address: UInt, from old: Int, to new: Int) -> Bool {
        unsafe atomicTag(at: address).pointee
            .compareExchange(expected: UInt8(old), desired: UInt8(new), ordering: .relaxed)
            .exchanged
    }

    /// Clears the tags of the first `byteCount` bytes of a span.
    func clearTags(of span: Span, byteCount: Int) {
        unsafe pointer(tagAddress(of: start(of: span)))
            .initializeMemory(as: UInt8.self, repeating: 0, count: (byteCount + 15) >> 4)
    }

    /// Gives the pages of free units back, and those of their tags and of the table of free maps, which are zero.
    func decommit(unit: Int, unitCount: Int) {
        let firstMap = UInt(bitPattern: Page.roundUp(Int(bitPattern: freeMap(atUnit: unit))))
        let mapsEnd = freeMap(atUnit: unit &+ unitCount) & ~UInt(Page.byteCount - 1)
        if mapsEnd > firstMap {
            unsafe midl_decommit(pointer(firstMap), Int(bitPattern: mapsEnd &- firstMap))
        }
        let start = address(ofUnit: unit)
        unsafe midl_decommit(pointer(tagAddress(of: start)), unitCount &* Unit.granuleCount)
        unsafe midl_decommit(pointer(start), unitCount &* Unit.byteCount)
    }
}
