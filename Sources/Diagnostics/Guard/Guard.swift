// The guard: an allocator whose blocks end, or start, at a page without access.
//
//     guard          fill fill | block | slack || none       slack: up to 15 bytes, because a
//     guard=under    none || block | slack slack slack        block starts at a multiple of 16
//
// What is left of the data pages is filled, and looked at when the block is freed. A
// freed block's pages go back to the system and stay without access (Quarantine.swift).

import MIDLPlatform
import MIDLShim
import Synchronization

enum Guard {
    private static let fill: UInt8 = 0xA5

    nonisolated(unsafe) private(set) static var region: GuardRegion?
    // The rest is under the lock.
    nonisolated(unsafe) private(set) static var slots: GuardSlots?
    nonisolated(unsafe) private static var quarantine = Quarantine(blockLimit: 0)
    nonisolated(unsafe) private static var forkLock = midl_fork_lock()
    nonisolated(unsafe) private static var liveCount = 0
    nonisolated(unsafe) private static var liveLimit = 0
    /// Mappings that are left to the program and to the heap.
    private static let otherMappingCount = 8192

    private static func lock() { unsafe midl_lock_past_fork(&forkLock) }
    private static func unlock() { unsafe midl_unlock_past_fork(&forkLock) }

    /// Runs `body` under the lock. In a copy of the process as it is.
    static func withLock(_ body: () -> Void) {
        if unsafe Core.isCopy { return body() }
        lock()
        defer { unlock() }
        body()
    }

    /// The same with a result; nil at once when the lock is held.
    static func withLockIfFree<Result>(_ body: () -> Result) -> Result? {
        if unsafe Core.isCopy { return body() }
        guard unsafe midl_try_lock_past_fork(&forkLock) else { return nil }
        defer { unlock() }
        return body()
    }

    /// Reserves the region and watches for faults; false when there is no address space.
    static func start() -> Bool {
        guard let reserved = GuardRegion() else { return false }
        unsafe region = reserved
        unsafe slots = GuardSlots(reserved)
        // A block that lives splits a mapping in three.
        unsafe liveLimit = max(0, midl_mapping_limit() - otherMappingCount) / 2
        unsafe quarantine = Quarantine(blockLimit: Diagnostics.settings.quarantineBlockLimit)
        midl_prepare_stacks()
        _ = midl_watch_fork(
            { unsafe midl_fork_begins(&Guard.forkLock) },
            { unsafe midl_fork_ends(&Guard.forkLock) },
            { unsafe midl_fork_ends(&Guard.forkLock) })
        unsafe midl_watch_faults { fault in
            unsafe Guard.recognizes(fault.pointee)
        }
        return true
    }

    static func table(_ settings: Settings) -> midl_allocator {
        // What is told of the heap's blocks, beside which guarded ones are made.
        let observer = Observer.table(settings)
        return unsafe midl_allocator(
            allocate: { byteCount, block in
                guard GuardSampling.isDue, let start = Guard.sample(byteCount: byteCount) else {
                    return false
                }
                unsafe block.pointee = pointer(start)
                Guard.recordMade(start)
                return true
            },
            free: {
                let address = UInt(bitPattern: $0)
                SeparateBlocks.refuse(address, "midl_user_free")
                Guard.recordFreed(address)
                Guard.free(address)
            },
            size: {
                SeparateBlocks.refuse(UInt(bitPattern: $0), "midl_memory_size")
                return Guard.byteCount(of: UInt(bitPattern: $0))
            },
            made: observer?.made, freed: observer?.freed, requested: nil,
            period: UInt32(GuardSampling.isCountedByHeap ? settings.guardPeriod : 1))
    }

    /// Has the blocks of environments guarded as well; false without memory.
    static func startForEnvironments() -> Bool {
        unsafe SeparateBlocks.start(
            {
                unsafe Guard.allocate(byteCount: $0, isOfEnvironment: true)
                    .map { unsafe pointer($0) }
            },
            { Guard.free(UInt(bitPattern: $0)) })
    }

    // MARK: Allocating

    private static func sample(byteCount: Int) -> UInt? {
        if !GuardSampling.isCountedByHeap { return allocate(byteCount: byteCount) }
        let time = midl_nanoseconds()
        defer { GuardSampling.didGuard(since: time) }
        return allocate(byteCount: byteCount)
    }

    /// Nil when the heap is to serve the request: it is too large, or memory is short.
    private static func allocate(byteCount: Int, isOfEnvironment: Bool = false) -> UInt? {
        let pageByteCount = GuardRegion.pageByteCount
        guard byteCount >= 0 && byteCount < 1 << 40 else { return nil }
        midl_use_signal_stack()
        if !midl_watches_faults() { GuardReport.hasLostFaults() }
        let stack = StackTable.intern(Stack.capture())
        let roundedByteCount = max(16, (byteCount + 15) & ~15)
        let pageCount = (roundedByteCount + pageByteCount - 1) / pageByteCount
        lock()
        defer { unlock() }
        guard let region = unsafe region, let first = unsafe slots?.takeSlot(pageCount: pageCount)
        else {
            GuardReport.isShort("of address space")
            return nil
        }
        guard unsafe liveCount < liveLimit else {
            unsafe slots?.giveBackSlot(first)
            GuardReport.isShort("of mappings (vm.max_map_count)")
            return nil
        }
        let record = unsafe region.record(first)
        let dataStart = region.address(ofPage: first)
        let dataByteCount = unsafe Int(record.pointee.pageCount) * pageByteCount
        guard unsafe midl_open(pointer(dataStart), dataByteCount) else {
            unsafe slots?.giveBackSlot(first)
            GuardReport.isShort("of memory")
            return nil
        }
        let isUnder = unsafe Diagnostics.settings.guardsUnder
        let start = isUnder ? dataStart : dataStart + UInt(dataByteCount - roundedByteCount)
        unsafe record.pointee.start = start
        unsafe record.pointee.byteCount = byteCount
        unsafe record.pointee.allocationStack = stack
        unsafe record.pointee.allocationThread = midl_thread_number()
        unsafe record.pointee.state = .live
        unsafe record.pointee.isWatched = false
        unsafe record.pointee.isOfEnvironment = isOfEnvironment
        unsafe liveCount += 1
        if unsafe Diagnostics.settings.printsStatistics && !isOfEnvironment {
            Counters.add(byteCount)
        }
        unsafe pointer(dataStart).initializeMemory(
            as: UInt8.self, repeating: fill, count: Int(start - dataStart))
        let end = start + UInt(byteCount)
        unsafe pointer(end).initializeMemory(
            as: UInt8.self, repeating: fill, count: Int(dataStart + UInt(dataByteCount) - end))
        return start
    }

    // MARK: Freeing

    private static func free(_ address: UInt) {
        let stack = StackTable.intern(Stack.capture())
        lock()
        guard let (region, slot) = slot(at: address) else {
            unlock()
            GuardReport.stop(.foreign, address, nil)
        }
        let record = unsafe region.record(slot)
        let found = unsafe record.pointee
        if found.state == .freed || found.start != address {
            unlock()
            GuardReport.stop(found.state == .freed ? .freedTwice : .interior, address, found)
        }
        if let overwritten = overwrittenByte(found, region, slot) {
            unlock()
            GuardReport.stop(.overwritten, overwritten, found)
        }
        if unsafe Diagnostics.settings.printsStatistics && !found.isOfEnvironment {
            Counters.subtract(found.byteCount)
        }
        unsafe record.pointee.state = .freed
        unsafe record.pointee.freeStack = stack
        unsafe record.pointee.freeThread = midl_thread_number()
        let isClosed = unsafe midl_close(
            pointer(region.address(ofPage: slot)),
            Int(found.pageCount) * GuardRegion.pageByteCount)
        if isClosed, var changed = unsafe slots {
            unsafe liveCount -= 1
            unsafe quarantine.add(slot, region, &changed)
            unsafe slots = changed
        } else {
            // The pages stay, and with them the slot: it is never used again.
            GuardReport.isShort("of mappings: accesses after free are not all seen")
        }
        unlock()
    }

    /// The slot of a block, live or freed, that an address is in; nil when there never was one.
    static func slot(at address: UInt) -> (GuardRegion, Int)? {
        guard let region = unsafe region, region.contains(address),
            let slot = region.slot(ofPage: region.page(of: address)),
            unsafe region.record(slot).pointee.state != .none
        else { return nil }
        return (region, slot)
    }

    /// The address nearest to a live block, of the bytes that are not its own in its pages, that is
    /// not as it was filled; nil when all are.
    private static func overwrittenByte(
        _ record: GuardRecord, _ region: GuardRegion, _ slot: Int
    ) -> UInt? {
        let dataStart = region.address(ofPage: slot)
        let dataEnd = dataStart + UInt(record.pageCount) * UInt(GuardRegion.pageByteCount)
        var cursor = record.start + UInt(record.byteCount)
        while cursor < dataEnd {
            if cursor & 7 == 0 && isFilled(cursor) {
                cursor += 8
            } else if unsafe pointer(cursor).load(as: UInt8.self) != fill {
                return cursor
            } else {
                cursor += 1
            }
        }
        cursor = record.start
        while cursor > dataStart {
            if cursor & 7 == 0 && isFilled(cursor - 8) {
                cursor -= 8
                continue
            }
            cursor -= 1
            if unsafe pointer(cursor).load(as: UInt8.self) != fill { return cursor }
        }
        return nil
    }

    /// Whether eight bytes, which are all in one page, are as they were filled.
    private static func isFilled(_ address: UInt) -> Bool {
        unsafe pointer(address).load(as: UInt64.self) == UInt64(fill) &* 0x0101_0101_0101_0101
    }

    private static func byteCount(of address: UInt) -> Int {
        guard let (region, slot) = slot(at: address) else {
            GuardReport.stop(.foreign, address, nil)
        }
        let record = unsafe region.record(slot).pointee
        if record.state == .freed { GuardReport.stop(.sizeAfterFree, address, record) }
        if record.start != address { GuardReport.stop(.interior, address, record) }
        return record.byteCount
    }

    // MARK: Faults

    /// Reports a fault in the region; false for others. In a handler of signals: no lock, because
    /// the thread may hold it.
    private static func recognizes(_ fault: midl_fault) -> Bool {
        guard let region = unsafe region, region.contains(fault.address) else { return false }
        GuardReport.report(fault, nearestBlock(to: fault.address, region))
        return true
    }

    /// The block that an address is in, or that ends or starts next to it.
    private static func nearestBlock(to address: UInt, _ region: GuardRegion) -> GuardRecord? {
        let page = region.page(of: address)
        var nearest: GuardRecord?
        var leastDistance = UInt.max
        for candidate in page...(page + 1) {
            guard candidate < region.pageCount, let slot = region.slot(ofPage: candidate) else {
                continue
            }
            let record = unsafe region.record(slot).pointee
            if record.state == .none { continue }
            let distance = record.distance(to: address)
            if distance < leastDistance {
                leastDistance = distance
                nearest = record
            }
        }
        return nearest
    }
}

extension GuardRecord {
    var end: UInt { start + UInt(byteCount) }

    /// Bytes between the block and an address; 0 inside.
    func distance(to address: UInt) -> UInt {
        if address < start { return start - address }
        return address < end ? 0 : address - end
    }
}
