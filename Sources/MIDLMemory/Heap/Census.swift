// The census: walks the whole heap, checks every invariant and counts. For tests and
// later for statistics; only while no other thread uses the heap.

import Synchronization

struct Census: Equatable {
    /// Blocks of slabs that are neither in a free map nor in a remote list nor in a magazine.
    var liveSmallBlockCount = 0
    var liveLargeBlockCount = 0
    var slabCount = 0
    /// In the magazines of threads.
    var cachedBlockCount = 0
    /// In magazines on their way to the owner of their slabs.
    var returnedBlockCount = 0
    var remoteBlockCount = 0
    var freeBlockCount = 0
}

extension Heap {
    /// What is in the heap; nil when an invariant does not hold.
    func census() -> Census? {
        var census = Census()
        var parkedSpanCount = 0
        guard withPool({ $0.checkInvariants() }), countSpans(&census, &parkedSpanCount) else {
            return nil
        }
        var cursor = unsafe registry.pointee.firstCache
        while cursor != 0 {
            let cache = ThreadCache(at: cursor)
            guard cache.checkInvariants(&census) else { return nil }
            parkedSpanCount -= unsafe cache.record.pointee.parked.count
            cursor = cache.nextInRegistry
        }
        census.liveSmallBlockCount -= census.cachedBlockCount + census.returnedBlockCount
        return census.liveSmallBlockCount >= 0 && parkedSpanCount == 0 ? census : nil
    }

    private func countSpans(_ census: inout Census, _ parkedSpanCount: inout Int) -> Bool {
        let topUnit = withPool { $0.topUnit }
        var unit = 0
        while unit < topUnit {
            let span = region.span(atUnit: unit)
            if span.kind == .large {
                let tag = region.tag(at: region.start(ofBlocksIn: span))
                guard tag == SizeClass.large.index || tag == SizeClass.none.index,
                    Int(span.offset) + span.largeByteCount
                        <= span.unitCount * Unit.byteCount
                else { return false }
                census.liveLargeBlockCount += tag == SizeClass.large.index ? 1 : 0
                parkedSpanCount += tag == SizeClass.none.index ? 1 : 0
            } else if span.kind == .slab {
                guard countSlab(span, &census) else { return false }
            }
            unit += span.unitCount
        }
        return true
    }

    /// live or in a magazine + free map + remote list == carvedCount
    private func countSlab(_ slab: Span, _ census: inout Census) -> Bool {
        guard slab.carvedCount <= slab.capacity, slab.owner != 0,
            let free = freeCount(of: slab), free == slab.freeCount,
            let remote = blockCount(ofList: slab.remoteHead, in: slab),
            free + remote <= slab.carvedCount,
            tagCount(of: slab) == slab.carvedCount,
            slab.isListed == slab.hasBlocks, !slab.isKept || slab.isEmptySlab
        else { return false }
        census.slabCount += 1
        census.freeBlockCount += free
        census.remoteBlockCount += remote
        census.liveSmallBlockCount += slab.carvedCount - free - remote
        return true
    }

    /// The blocks in a slab's free map; nil when one is not sealed or was never carved.
    private func freeCount(of slab: Span) -> Int? {
        var count = 0
        for index in 0..<slab.capacity where slab.isFree(index: index, region) {
            let block = Block(
                at: region.start(ofBlocksIn: slab) + UInt(index * slab.blockByteCount))
            guard slab.isCarved(index: index), block.isSealed else { return nil }
            count += 1
        }
        return count
    }

    /// The blocks of a list; nil when one is not sealed or not of the slab, or the list has no end.
    private func blockCount(ofList head: UInt, in slab: Span) -> Int? {
        var (count, cursor) = (0, head)
        while cursor != 0 {
            let block = Block(at: cursor)
            guard count < slab.capacity, region.tagOfAny(cursor) == slab.sizeClass.index,
                region.slab(of: block) == slab, block.isSealed,
                let next = slab.nextIfSound(block, self)
            else { return nil }
            count += 1
            cursor = next
        }
        return count
    }

    /// Granules of a slab at which a block of its class starts; -1 when there are other tags.
    private func tagCount(of slab: Span) -> Int {
        let (start, first) = (region.start(of: slab), Int(slab.offset))
        var count = 0
        for offset in stride(from: 0, to: slab.unitCount * Unit.byteCount, by: 16) {
            let tag = region.tag(at: start + UInt(offset))
            if tag == 0 { continue }
            guard tag == slab.sizeClass.index, offset >= first,
                (offset - first) % slab.blockByteCount == 0
            else { return -1 }
            count += 1
        }
        return count
    }
}

extension ThreadCache {
    fileprivate func checkInvariants(_ census: inout Census) -> Bool {
        // What stands in place of the sentinel's seal is no multiple of 16, nor ever becomes one.
        guard unsafe pointer(sentinel).load(fromByteOffset: 4, as: UInt32.self) & 15 != 0,
            countReturned(&census), checkEmptyMagazines()
        else { return false }
        for index in SizeClass.first.index...SizeClass.last.index {
            let sizeClass = SizeClass(index: index)
            guard countLoadedAndPrevious(sizeClass, &census), countFull(sizeClass, &census),
                checkSlabList(unsafe record.pointee.slabs[index], sizeClass)
            else { return false }
        }
        return true
    }

    /// There is no previous magazine without a loaded one.
    private func countLoadedAndPrevious(_ sizeClass: SizeClass, _ census: inout Census) -> Bool {
        let (top, previous) = (top(sizeClass), previousTop(sizeClass))
        if top == Magazine.noneTop { return previous == Magazine.noneTop }
        guard let loaded = blockCount(below: top, sizeClass), hasSentinel(below: top) else {
            return false
        }
        census.cachedBlockCount += loaded
        if previous == Magazine.noneTop { return true }
        guard let count = blockCount(below: previous, sizeClass), hasSentinel(below: previous)
        else { return false }
        census.cachedBlockCount += count
        return true
    }

    private func countFull(_ sizeClass: SizeClass, _ census: inout Census) -> Bool {
        var (cursor, count, total) = (
            unsafe record.pointee.fullMagazines[sizeClass.index], 0, 0
        )
        while cursor != 0 {
            let magazine = Magazine(at: cursor)
            guard let blocks = blockCount(below: magazine.end, sizeClass) else { return false }
            count += 1
            total += blocks
            cursor = magazine.next
        }
        census.cachedBlockCount += total
        return unsafe count == Int(record.pointee.fullMagazineCounts[sizeClass.index])
            && total == record.pointee.fullBlockCounts[sizeClass.index]
    }

    /// What others gave back: full magazines, each of one class and of this cache's slabs.
    private func countReturned(_ census: inout Census) -> Bool {
        var cursor = unsafe record.pointee.returnedHead.load(ordering: .relaxed)
        while cursor != 0 {
            let magazine = Magazine(at: cursor)
            let region = heap.region
            let sizeClass = SizeClass(index: region.tagOfAny(Magazine.slot(magazine.end - 8)))
            guard SizeClass.isClass(sizeClass.index),
                let count = blockCount(below: magazine.end, sizeClass), count > 0
            else { return false }
            for slot in stride(from: magazine.first, to: magazine.end, by: 8) {
                let slab = region.slab(of: Block(at: Magazine.slot(slot)))
                if slab.owner != address { return false }
            }
            census.returnedBlockCount += count
            cursor = magazine.next
        }
        return true
    }

    private func checkEmptyMagazines() -> Bool {
        var (cursor, count) = (unsafe record.pointee.emptyMagazines, 0)
        while cursor != 0 {
            count += 1
            cursor = Magazine(at: cursor).next
        }
        return unsafe count == record.pointee.emptyMagazineCount
    }

    /// The blocks of a magazine; nil when one is not sealed or not of the class, or the magazine is
    /// larger than the class's are.
    private func blockCount(below top: UInt, _ sizeClass: SizeClass) -> Int? {
        let magazine = Magazine.holding(top: top)
        let first = magazine.first
        guard first >= magazine.end - UInt(sizeClass.magazineBlockCount) * 8, first <= top else {
            return nil
        }
        for slot in stride(from: first, to: top, by: 8) {
            let block = Block(at: Magazine.slot(slot))
            guard heap.region.tagOfAny(block.address) == sizeClass.index, block.isSealed else {
                return nil
            }
        }
        return Int(top - first) / 8
    }

    private func hasSentinel(below top: UInt) -> Bool {
        Magazine.slot(Magazine.holding(top: top).first - 8) == sentinel
    }

    private func checkSlabList(_ head: UInt, _ sizeClass: SizeClass) -> Bool {
        var (cursor, previous) = (head, UInt(0))
        while cursor != 0 {
            let slab = Span(at: cursor)
            guard slab.kind == .slab, slab.owner == address, slab.isListed, slab.hasBlocks,
                slab.sizeClass == sizeClass, slab.previous == previous
            else { return false }
            previous = cursor
            cursor = slab.next
        }
        return true
    }
}
