// The heap's blocks described to the tool that watches the program, so that it sees where
// they end, and what is done to them after they were freed.
//
//     block   [ asked for      | zone .......... ]      zone: 32 bytes at least, without access
//     freed   [ zone ........................... ]      as long as it is in the quarantine
//
// Which blocks are described is in the table of SeparateBlocks.swift, those of the pair,
// of environments, and those in the quarantine. The heap itself never meets a zone: a block
// is opened before it goes back, and of one that is free the heap touches the first 16
// bytes alone, so that the last 16 of its 32 or more may be the zone before the next one
// (Zones.swift).

import MIDLPlatform
import MIDLShim

enum Described {
    /// Set once, before the first block.
    nonisolated(unsafe) private(set) static var isOn = false

    /// False, and nothing has happened, without memory.
    static func start() -> Bool {
        let isStarted = unsafe SeparateBlocks.start(
            { unsafe Described.make(byteCount: $0) }, { unsafe Described.giveBack($0) })
        if isStarted {
            unsafe isOn = true
            if unsafe Diagnostics.settings.recordsStacks { Recording.start() }
        }
        return isStarted
    }

    static var table: midl_allocator {
        unsafe midl_allocator(
            allocate: { byteCount, block in
                guard
                    let made = unsafe SeparateBlocks.allocate(byteCount, for: OwnedBlocks.nobody)
                else { return false }
                unsafe Observer.made(made)
                unsafe block.pointee = made
                return true
            },
            free: nil, size: nil,
            made: { block in
                // Without memory to describe it.
                SeparateBlocks.open(UInt(bitPattern: block))
                unsafe Observer.made(block)
            },
            freed: { unsafe Described.freed($0) },
            requested: { unsafe Described.requested($0, isSizedFree: $1) }, period: 1)
    }

    // MARK: Blocks of the heap

    /// So that an address right behind a block is not one right before the next as well, for which
    /// memcheck might take it.
    private static let zoneByteCount = 2 * Int(MIDL_DESCRIBED_ZONE)

    private static func make(byteCount: Int) -> UnsafeMutableRawPointer? {
        let wanted = byteCount + zoneByteCount
        guard let block = unsafe Core.allocate(wanted) else { return nil }
        if Zones.mayStandBefore(UInt(bitPattern: block)) { return unsafe block }
        // Another one has a zone before it, unless they are large.
        guard wanted <= Int(MIDL_MEDIUM_BYTE_LIMIT), let other = unsafe Core.allocate(wanted)
        else { return unsafe block }
        Core.giveBack(UInt(bitPattern: block))
        return unsafe other
    }

    private static func giveBack(_ block: UnsafeMutableRawPointer) {
        Core.giveBack(UInt(bitPattern: block))
    }

    // MARK: Frees and sizes

    private static let wasFreed: StaticString = """
        the block is free already; \
        it was freed twice, or used after it had been freed
        """

    /// False when the heap is to judge the pointer.
    private static func freed(_ pointer: UnsafeMutableRawPointer) -> Bool {
        let address = UInt(bitPattern: pointer)
        unsafe Observer.freed(pointer)
        if unsafe SeparateBlocks.free(pointer, of: OwnedBlocks.nobody) { return true }
        refuse(address, "midl_user_free")
        return false
    }

    private static func requested(_ pointer: UnsafeRawPointer, isSizedFree: Bool) -> Int {
        let address = UInt(bitPattern: pointer)
        refuse(address, isSizedFree ? "midl_memory_free_sized" : "midl_memory_size")
        return SeparateBlocks.known(address)?.extent.byteCount ?? -1
    }

    /// Ends the program for a block that is none of the pair's.
    private static func refuse(_ address: UInt, _ function: StaticString) {
        if SeparateBlocks.owner(of: address) == OwnedBlocks.quarantine {
            SeparateBlocks.stop(function, address, wasFreed)
        }
        SeparateBlocks.refuse(address, function)
    }
}
