// What a watch finds: the blocks that it has watched from its beginning, that are live,
// and to which the roots of all watches lead no more.
//
//     watched   - freed meanwhile   - reached   - kept by other blocks   = found

import MIDLPlatform
import MIDLShim

extension Watch {
    /// Sets what was found; false, and nothing has changed, without memory.
    func find(unlessBlock: Bool) -> Bool {
        let (bounds, marks) = (BlockBounds(), WatchMarks())
        return LiveBlocks.withWalk {
            guard let candidates = candidates(bounds, marks) else { return false }
            if unlessBlock && !candidates.takeOutKept(by: bounds) { return false }
            return keep(candidates)
        }
    }

    private func candidates(_ bounds: BlockBounds, _ marks: WatchMarks) -> BlockSet? {
        guard var reach = Reach(bounds), var candidates = BlockSet() else { return nil }
        Watch.forEach { watch in watch.forEachRoot { reach.add(rangeFrom: $0, to: $1) } }
        Watch.forEach { watch in
            watch.forEachRoot { start, _ in reach.addClosed(blockOf: start) }
        }
        reach.close()
        if reach.isShort { return nil }
        var isShort = false
        forEachBlock { _, entry in
            let address = entry.address
            // One that was freed is not watched any more, whatever is at its address.
            if !marks.isWatched(address) || reach.blocks.contains(address) { return }
            isShort =
                candidates.insert(address, byteCount: entry.byteCount) == .noMemory || isShort
        }
        if isShort { return nil }
        return candidates
    }

    /// Makes the array of what was found.
    private func keep(_ candidates: borrowing BlockSet) -> Bool {
        let stride = unsafe MemoryLayout<midl_orphan>.stride
        guard var found = Mapping(byteCount: max(1, candidates.count) * stride) else {
            return false
        }
        var foundCount = 0
        for index in 0..<candidates.count where candidates[index].isThere {
            guard let place = found.cut(byteCount: stride) else { break }
            let address = candidates[index].address
            let frames = unsafe StackTable.frames(LiveBlocks.stack(ofBlockAt: address))
            unsafe pointer(place).initializeMemory(
                as: midl_orphan.self,
                to: midl_orphan(
                    block: pointer(address), byte_count: candidates[index].byteCount,
                    frames: frames.start, frame_count: frames.count))
            foundCount += 1
        }
        unsafe record.pointee.found = consume found
        unsafe record.pointee.foundCount = foundCount
        return true
    }

    // MARK: What was found

    private var foundBlocks: UnsafePointer<midl_orphan>? {
        unsafe UnsafePointer(bitPattern: record.pointee.found?.start ?? 0)
    }

    private func forEachFound(_ body: (_ address: UInt, _ byteCount: Int) -> Void) {
        guard let blocks = unsafe foundBlocks else { return }
        for index in unsafe 0..<record.pointee.foundCount {
            unsafe body(UInt(bitPattern: blocks[index].block), blocks[index].byte_count)
        }
    }

    var found: midl_orphans_found {
        var sum = unsafe midl_orphans_found(block_count: 0, byte_count: 0, blocks: foundBlocks)
        forEachFound { _, byteCount in
            unsafe sum.block_count += 1
            unsafe sum.byte_count += byteCount
        }
        return unsafe sum
    }

    /// Frees what was found; how many blocks.
    func releaseFound() -> Int {
        var count = 0
        let marks = WatchMarks()
        forEachFound { address, _ in
            // Freed since, and perhaps another's by now.
            if !marks.isWatched(address) { return }
            Core.free(address)
            count += 1
        }
        unsafe record.pointee.foundCount = 0
        return count
    }
}

extension BlockSet {
    /// Takes out the blocks to which live blocks that are not of the set lead, and to which those
    /// lead in turn; false without memory. In a walk.
    fileprivate func takeOutKept(by bounds: BlockBounds) -> Bool {
        guard var kept = BlockSet() else { return false }
        let (first, end) = addresses
        var isShort = false
        func scan(from start: UInt, byteCount: Int) {
            bounds.forEachAddress(from: start, to: start + UInt(byteCount)) { address in
                guard address >= first, address < end, let block = LiveBlocks.holding(address),
                    contains(block.start)
                else { return }
                isShort =
                    kept.insert(block.start, byteCount: block.byte_count) == .noMemory || isShort
            }
        }
        LiveBlocks.forEach(in: bounds) { block in
            if !contains(block.start) { scan(from: block.start, byteCount: block.byte_count) }
        }
        Core.withLock(MIDL_LOCK_POOL) {
            var index = 0
            while index < kept.count {
                scan(from: kept[index].address, byteCount: kept[index].byteCount)
                index += 1
            }
        }
        if isShort { return false }
        for index in 0..<kept.count { takeOut(kept[index].address) }
        return true
    }

    /// From the first byte of all blocks to the last one.
    private var addresses: (first: UInt, end: UInt) {
        var (first, end) = (UInt.max, UInt.zero)
        for index in 0..<count {
            first = min(first, self[index].address)
            end = max(end, self[index].address + UInt(self[index].byteCount))
        }
        return (first, end)
    }
}
