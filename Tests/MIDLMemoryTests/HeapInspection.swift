// What the handles of the heap do not tell by themselves: lists as arrays, fields by class.

@testable import MIDLMemory

extension ThreadCache {
    func slabs(of sizeClass: SizeClass) -> [Span] {
        var (slabs, cursor): ([Span], UInt) = ([], record.pointee.slabs[sizeClass.index])
        while cursor != 0 {
            slabs.append(Span(at: cursor))
            cursor = Span(at: cursor).next
        }
        return slabs
    }

    var pendingSlabs: [Span] {
        var slabs: [Span] = []
        var cursor = record.pointee.pendingHead.load(ordering: .relaxed)
        while cursor != 0 {
            slabs.append(Span(at: cursor))
            cursor = Span(at: cursor).pendingNext
        }
        return slabs
    }

    /// Blocks in the loaded magazine; nil when there is none.
    func loadedBlockCount(of sizeClass: SizeClass) -> Int? {
        let top = top(sizeClass)
        return top == Magazine.noneTop ? nil : Magazine.blockCount(top: top)
    }

    /// Blocks in the previous magazine; nil when there is none.
    func previousBlockCount(of sizeClass: SizeClass) -> Int? {
        let top = previousTop(sizeClass)
        return top == Magazine.noneTop ? nil : Magazine.blockCount(top: top)
    }

    /// Blocks that the next magazine is to hold; 0 before the first.
    func nextCapacity(of sizeClass: SizeClass) -> Int {
        Int(record.pointee.capacities[sizeClass.index] & 0x7F)
    }

    func slabUnitCount(of sizeClass: SizeClass) -> Int {
        record.pointee.slabUnitCounts[sizeClass.index]
    }

    func keptUnitCount(of sizeClass: SizeClass) -> Int {
        Int(record.pointee.keptUnitCounts[sizeClass.index])
    }

    /// Full magazines that may be kept: 64 KiB of blocks for each unit that may be.
    func keptLimit(of sizeClass: SizeClass) -> Int {
        let fullByteCount = sizeClass.magazineBlockCount * sizeClass.blockByteCount
        return min(1023, max(1, keptUnitCount(of: sizeClass)) * 65536 / fullByteCount)
    }

    /// The magazines that others gave back, newest first.
    var returnedMagazines: [Magazine] {
        var (magazines, cursor): ([Magazine], UInt) = ([], 0)
        cursor = record.pointee.returnedHead.load(ordering: .relaxed)
        while cursor != 0 {
            magazines.append(Magazine(at: cursor))
            cursor = Magazine(at: cursor).next
        }
        return magazines
    }

    func fullMagazineCount(of sizeClass: SizeClass) -> Int {
        Int(record.pointee.fullMagazineCounts[sizeClass.index])
    }
}

extension Magazine {
    /// The blocks of a full magazine, the last one freed last.
    var blocks: [UInt] { stride(from: first, to: end, by: 8).map { Magazine.slot($0) } }
}

extension Span {
    /// Which block is handed out after `order` others.
    func index(ofCarved order: Int) -> Int { (firstIndex + order) % capacity ^ shuffle }

    /// The blocks in the free map.
    func freeBlocks(_ heap: Heap) -> [UInt] {
        let start = heap.region.start(ofBlocksIn: self)
        return (0..<capacity).filter { isFree(index: $0, heap.region) }
            .map { start + UInt($0 * blockByteCount) }
    }

    /// The remote list, first block first.
    func remoteList(_ heap: Heap) -> [UInt] {
        var (blocks, cursor): ([UInt], UInt) = ([], remoteHead)
        while cursor != 0 {
            blocks.append(cursor)
            cursor = next(of: Block(at: cursor), heap)
        }
        return blocks
    }

    /// Takes `count` blocks out of the free map, as a refill does; in the order in which they will
    /// be allocated.
    func fetch(_ count: Int, _ heap: Heap) -> [Block] {
        let slots = UnsafeMutablePointer<UInt>.allocate(capacity: count)
        defer { slots.deallocate() }
        fetch(count, to: UInt(bitPattern: slots), heap.region)
        return (0..<count).reversed().map { Block(at: slots[$0]) }
    }

    /// Pushes sealed blocks on the remote list, one after the other.
    func pushRemote(_ blocks: [Block], _ heap: Heap) {
        for block in blocks { _ = pushRemote(first: block, last: block, heap) }
    }
}

extension Outbox {
    /// The fields are private: the orphan that is to be tidied, then the chains of slab, first and
    /// last block.
    var isEmpty: Bool {
        withUnsafeBytes(of: self) { words in
            ([0] + stride(from: 8, to: words.count, by: 24)).allSatisfy {
                words.load(fromByteOffset: $0, as: UInt.self) == 0
            }
        }
    }
}
