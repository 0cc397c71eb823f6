// What of a described block has no access, kept right while its neighbours in a slab come
// and go. All of it under the lock of the table.
//
//     [ asked for | zone ][ asked for | zone ][ free ... |16][ asked for | zone ]
//                 ^ the end of a block              ^ before one
//
// Before each block there are 16 bytes without access: of the block before it, be that
// described or free, or of no block. A block that is live and not described has none;
// nor does one at the start of a unit, before which may be anything.

import MIDLPlatform
import MIDLShim
import Synchronization

enum Zones {
    private static let unitByteCount: UInt = 64 << 10
    fileprivate static let byteCount = UInt(MIDL_DESCRIBED_ZONE)

    /// What the tag of the granule at 16 * n is at, less n; the same for good.
    private static let tagBias = Atomic<UInt>(0)

    static func mayStandBefore(_ address: UInt) -> Bool { address & (unitByteCount - 1) != 0 }

    private static func tag(_ address: UInt) -> UnsafeMutablePointer<Atomic<UInt8>> {
        let bias = tagBias.load(ordering: .relaxed)
        return unsafe UnsafeMutablePointer(bitPattern: address >> 4 &+ bias).unsafelyUnwrapped
    }

    /// Of a block that the heap has just made. Not under a lock.
    static func extent(_ address: UInt, byteCount: Int) -> OwnedBlocks.Extent {
        if tagBias.load(ordering: .relaxed) == 0 {
            let figures = Core.figures
            tagBias.store(UInt(figures.tags) &- UInt(figures.start) >> 4, ordering: .relaxed)
        }
        return unsafe OwnedBlocks.Extent(
            byteCount: byteCount, room: Core.liveByteCount(at: address),
            tag: tag(address).pointee.load(ordering: .relaxed))
    }

    /// Ends what watches a block (WatchMarks.swift), as the heap does when it frees one.
    fileprivate static func endWatching(_ address: UInt, _ extent: OwnedBlocks.Extent) {
        if unsafe tag(address).pointee.load(ordering: .relaxed) != extent.tag {
            unsafe tag(address).pointee.store(extent.tag, ordering: .relaxed)
        }
    }
}

extension OwnedBlocks.Extent {
    fileprivate var isLarge: Bool { tag == UInt8(MIDL_LARGE_TAG) }
}

extension OwnedBlocks {
    /// Describes a live block, which is in the table.
    func describe(_ address: UInt, _ extent: Extent) {
        midl_describe_closed(address, extent.room)
        midl_describe_made(address, extent.byteCount)
        if hasZoneBefore(address, extent) {
            midl_describe_closed(address - Zones.byteCount, Int(Zones.byteCount))
        }
    }

    /// The same for its free.
    func describeFree(_ address: UInt, _ extent: Extent) {
        Zones.endWatching(address, extent)
        midl_describe_freed(address, extent.byteCount)
    }

    /// Opens a block that has just been taken out, for the heap to take it back.
    func open(_ address: UInt, _ extent: Extent) {
        var byteCount = extent.room
        let end = address + UInt(byteCount)
        if !extent.isLarge && Zones.mayStandBefore(end) && self.extent(of: end) != nil {
            byteCount -= Int(Zones.byteCount)
        }
        midl_describe_open(address, byteCount)
        if !Zones.mayStandBefore(address) { return }
        if extent.isLarge || !isDescribedBefore(address, extent) {
            midl_describe_open(address - Zones.byteCount, Int(Zones.byteCount))
        }
    }

    /// Whether what is before a block is no live one's that is not described.
    private func hasZoneBefore(_ address: UInt, _ extent: Extent) -> Bool {
        // The program's own allocator may have blocks of the heap, of which nobody is told.
        if !Zones.mayStandBefore(address) || Diagnostics.isProgramsAllocatorChosen { return false }
        // What is described there and does not reach so far is in another slab.
        let before = address - UInt(extent.room)
        return extent.isLarge || self.extent(of: before) != nil
            || Core.liveByteCount(at: before) == 0
    }

    /// Whether the block before one of a slab is described.
    private func isDescribedBefore(_ address: UInt, _ extent: Extent) -> Bool {
        self.extent(of: address - UInt(extent.room))?.room == extent.room
    }
}
