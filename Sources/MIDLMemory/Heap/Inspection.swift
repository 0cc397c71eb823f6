// What the diagnostics see of the heap (midl_core.h): its spans, live blocks, caches
// and figures, each described in a C structure. Everything here only reads.

import MIDLPlatform
import MIDLShim
import Synchronization

extension Heap {
    /// Describes the span that an address is in; false above the top and outside the region. Under
    /// the pool's lock.
    @_optimize(size)
    func describe(spanAt address: UInt, _ result: inout midl_span) -> Bool {
        guard region.contains(address), unsafe region.unit(of: address) < pool.pointee.topUnit
        else { return false }
        var unit = region.unit(of: address)
        while !region.span(atUnit: unit).kind.isFirst { unit -= 1 }
        let span = region.span(atUnit: unit)
        result.start = region.address(ofUnit: unit)
        result.first_block = result.start
        result.byte_count = span.unitCount * Unit.byteCount
        result.owner = span.owner
        result.block_byte_count = 0
        result.dirty_byte_count = 0
        switch span.kind {
        case .slab:
            result.kind = MIDL_SPAN_SLAB
            result.block_byte_count = span.blockByteCount
            result.first_block += span.offset
        case .large:
            result.kind = MIDL_SPAN_LARGE
            result.block_byte_count = span.largeByteCount
            result.first_block += span.offset
        case .environmentChunk: result.kind = MIDL_SPAN_CHUNK
        case .environmentBlock: result.kind = MIDL_SPAN_ENVIRONMENT_BLOCK
        default:
            result.kind = MIDL_SPAN_FREE
            result.dirty_byte_count = span.dirtyUnitCount * Unit.byteCount
        }
        return true
    }

    /// The usable bytes of the live block that starts at an address; 0 when none does.
    @_optimize(size)
    func liveByteCount(at address: UInt) -> Int {
        let tag = region.tagOfAny(address)
        if tag == SizeClass.none.index { return 0 }
        if SizeClass.isClassOrWatched(tag) {
            let block = Block(at: address)
            return block.isSealed ? 0 : region.slab(of: block).blockByteCount
        }
        let span = region.span(atUnit: region.unit(of: address))
        if SizeClass.isLargeOrWatched(tag) { return span.largeByteCount }
        let environmentTag = EnvironmentTag(tag)
        if environmentTag == .large { return span.unitCount * Unit.byteCount }
        return environmentTag.isLive ? environmentTag.bin.byteCount : 0
    }

    /// Under both locks.
    @_optimize(size)
    func describe(_ figures: inout midl_heap_figures) {
        figures.start = region.base
        figures.tags = region.tags
        figures.records = address
        figures.records_byte_count = Metadata.chunkByteCount
        figures.region_byte_count = region.unitCount * Unit.byteCount
        unsafe figures.mapped_byte_count = pool.pointee.topUnit * Unit.byteCount
        unsafe figures.used_byte_count = pool.pointee.usedUnitCount * Unit.byteCount
        unsafe figures.peak_used_byte_count = pool.pointee.peakUsedUnitCount * Unit.byteCount
        unsafe figures.dirty_byte_count = pool.pointee.dirtyUnitCount * Unit.byteCount
        unsafe figures.returned_byte_count = pool.pointee.decommittedUnitCount * Unit.byteCount
    }
}

extension ThreadCache {
    /// Under the registry's lock.
    @_optimize(size)
    func describe(_ result: inout midl_cache) {
        unsafe result.address = address
        unsafe result.next = nextInRegistry
        unsafe result.state = midl_cache_state(rawValue: UInt32(state))
        unsafe withUnsafePointer(to: &record.pointee.front.tops) {
            unsafe result.tops = UnsafeRawPointer($0).assumingMemoryBound(to: UInt.self)
        }
        unsafe withUnsafePointer(to: &record.pointee.previousTops) {
            unsafe result.previous_tops = UnsafeRawPointer($0).assumingMemoryBound(to: UInt.self)
        }
        unsafe withUnsafePointer(to: &record.pointee.fullBlockCounts) {
            unsafe result.full_block_counts = UnsafeRawPointer($0).assumingMemoryBound(to: Int.self)
        }
        unsafe withUnsafePointer(to: &record.pointee.slabUnitCounts) {
            unsafe result.slab_unit_counts = UnsafeRawPointer($0).assumingMemoryBound(to: Int.self)
        }
        unsafe result.no_magazine = Magazine.noneTop
        unsafe result.kept_chunk_count = record.pointee.package.keptChunkCount
    }
}
