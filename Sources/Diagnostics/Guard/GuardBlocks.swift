// Guarded blocks as walks over live blocks see them (LiveBlocks.swift).
//
// Under the guard's lock, so that no block is freed, and its pages closed, while it is read; except
// in a copy of the process, which has one thread.

import MIDLPlatform
import MIDLShim

extension Guard {
    /// Where guarded blocks are, and how many bytes of addresses; 0 without a guard.
    static var bounds: (start: UInt, byteCount: UInt) {
        guard let region = unsafe region else { return (0, 0) }
        return (region.base, UInt(region.byteCount))
    }

    /// Where the records are, and how many bytes; 0 without a guard.
    static var recordMemory: (start: UInt, byteCount: Int) {
        guard let region = unsafe region else { return (0, 0) }
        return (region.recordsStart, region.recordsByteCount)
    }

    static func contains(_ address: UInt) -> Bool { unsafe region?.contains(address) ?? false }

    /// The record of the live block that an address is in; nil when it is in none.
    static func liveRecord(holding address: UInt) -> UnsafeMutablePointer<GuardRecord>? {
        guard let (region, slot) = slot(at: address) else { return nil }
        let record = unsafe region.record(slot)
        let isInside = unsafe address &- record.pointee.start < record.pointee.spanByteCount
        return unsafe record.pointee.state == .live && isInside ? record : nil
    }

    /// The record of the live block that starts at an address; nil when none does.
    static func liveRecord(at address: UInt) -> UnsafeMutablePointer<GuardRecord>? {
        guard let record = unsafe liveRecord(holding: address),
            unsafe record.pointee.start == address
        else { return nil }
        return unsafe record
    }

    /// Calls `body` with each live block, by ascending addresses.
    static func forEachLiveBlock(_ body: (midl_block) -> Void) {
        guard let region = unsafe region, let topPage = unsafe slots?.topPage else { return }
        var page = 1
        while page < topPage {
            let record = unsafe region.record(page).pointee
            if record.state == .live { body(record.block) }
            page += Int(record.pageCount) + 1
        }
    }
}

extension GuardRecord {
    var block: midl_block {
        midl_block(start: start, byte_count: byteCount, is_of_environment: isOfEnvironment)
    }

    /// Bytes that belong to the block and to none other: at least one, so that an empty block can be
    /// pointed to.
    fileprivate var spanByteCount: UInt { UInt(max(16, (byteCount + 15) & ~15)) }
}
