// What a watch finds: the blocks that it has watched from its beginning, that are live,
// and to which the roots of all watches lead no more.
//
//     watched   - freed meanwhile   - reached   - kept by other blocks   = found

import MIDLPlatform
import MIDLShim

extension Watch {
    /// Sets what was found; false, and nothing has changed, without memory.
    func find(unlessBlock: Bool) -> Bool {
        let bounds = HeapBounds()
        return Core.withLock(MIDL_LOCK_REGISTRY) {
            guard let candidates = candidates(bounds) else { return false }
            if unlessBlock && !candidates.takeOutKept(by: bounds) { return false }
            return keep(candidates)
        }
    }

    private func candidates(_ bounds: HeapBounds) -> BlockSet? {
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
            if !bounds.tags.isWatched(address) || reach.blocks.contains(address) { return }
            isShort =
                candidates.insert(address, byteCount: entry.byteCount) == .noMemory || isShort
        }
        if isShort { return nil }
        return candidates
    }

    /// Makes the array of what was found.
    private func keep(_ candidates: borrowing BlockSet) -> Bool {
        let stride = MemoryLayout<midl_lost_block>.stride
        guard var found = Mapping(byteCount: max(1, candidates.count) * stride) else {
            return false
        }
        var foundCount = 0
        for index in 0..<candidates.count where candidates[index].isThere {
            guard let place = found.cut(byteCount: stride) else { break }
            let frames = Recording.frames(ofBlockAt: candidates[index].address)
            unsafe pointer(place).initializeMemory(
                as: midl_lost_block.self,
                to: midl_lost_block(
                    start: candidates[index].address, byte_count: candidates[index].byteCount,
                    frames: frames.start, frame_count: frames.count))
            foundCount += 1
        }
        unsafe record.pointee.found = consume found
        unsafe record.pointee.foundCount = foundCount
        return true
    }

    // MARK: What was found

    private var foundStart: UInt { unsafe record.pointee.found?.start ?? 0 }

    private func forEachFound(_ body: (midl_lost_block) -> Void) {
        guard let blocks = unsafe UnsafePointer<midl_lost_block>(bitPattern: foundStart) else {
            return
        }
        for index in unsafe 0..<record.pointee.foundCount { body(unsafe blocks[index]) }
    }

    var found: midl_lost_blocks {
        var sum = midl_lost_blocks(block_count: 0, byte_count: 0, blocks: foundStart)
        forEachFound { block in
            sum.block_count += 1
            sum.byte_count += block.byte_count
        }
        return sum
    }

    /// Frees what was found; how many blocks.
    func releaseFound() -> Int {
        var count = 0
        let tags = HeapBounds().tags
        forEachFound { block in
            // Freed since, and perhaps another's by now.
            if !tags.isWatched(block.start) { return }
            Core.free(block.start)
            count += 1
        }
        unsafe record.pointee.foundCount = 0
        return count
    }
}

extension BlockSet {
    /// Takes out the blocks to which live blocks that are not of the set lead, and to which those
    /// lead in turn; false without memory. Under the registry's lock.
    fileprivate func takeOutKept(by bounds: HeapBounds) -> Bool {
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
        LiveBlocks.forEach(from: bounds.start) { block in
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
