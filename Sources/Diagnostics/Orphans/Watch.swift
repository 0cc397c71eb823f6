// A watch: the caller's roots, the blocks that they reached when it began, and the
// orphans that were found last.
//
// All watches are in a list, under the registry's lock of the heap: fork takes that lock,
// so that the child finds the list in order.

import MIDLPlatform
import MIDLShim

struct WatchRecord: ~Copyable {
    let roots: UInt
    let rootCount: Int
    var next: UInt = 0
    var blocks: BlockSet
    /// An array of midl_orphan.
    var found: Mapping?
    var foundCount = 0
}

/// A handle on a watch.
struct Watch: Equatable {
    let address: UInt

    private nonisolated(unsafe) static var first: UInt = 0

    var record: UnsafeMutablePointer<WatchRecord> {
        unsafe UnsafeMutablePointer(bitPattern: address).unsafelyUnwrapped
    }

    // MARK: The list; under the registry's lock

    static func forEach(_ body: (Watch) -> Void) {
        var cursor = unsafe first
        while cursor != 0 {
            let watch = Watch(address: cursor)
            unsafe cursor = watch.record.pointee.next
            body(watch)
        }
    }

    private func list() {
        unsafe record.pointee.next = Watch.first
        unsafe Watch.first = address
    }

    private func unlist() {
        if unsafe Watch.first == address {
            return unsafe Watch.first = record.pointee.next
        }
        Watch.forEach { other in
            if unsafe other.record.pointee.next == address {
                unsafe other.record.pointee.next = record.pointee.next
            }
        }
    }

    // MARK: Beginning and end

    private static let recordByteCount = MemoryLayout<WatchRecord>.stride

    /// Nil, and nothing has changed, without memory.
    static func begin(roots: UnsafePointer<midl_orphans_root>?, count: Int) -> Watch? {
        let (bounds, marks) = (BlockBounds(), WatchMarks())
        guard let memory = unsafe midl_reserve(recordByteCount) else { return nil }
        let watch = Watch(address: UInt(bitPattern: memory))
        let isDone =
            unsafe midl_commit(memory, recordByteCount, recordByteCount)
            && LiveBlocks.withWalk { unsafe watch.begin(roots, count, bounds, marks) }
        if isDone { return watch }
        unsafe midl_release(memory, recordByteCount)
        return nil
    }

    /// Fills in the record.
    private func begin(
        _ roots: UnsafePointer<midl_orphans_root>?, _ count: Int, _ bounds: BlockBounds,
        _ marks: WatchMarks
    ) -> Bool {
        guard var reach = Reach(bounds) else { return false }
        unsafe Watch.forEachRoot(roots, count) { reach.add(rangeFrom: $0, to: $1) }
        reach.close()
        if reach.isShort { return false }
        unsafe record.initialize(
            to: WatchRecord(
                roots: UInt(bitPattern: roots), rootCount: count, blocks: reach.takeBlocks()))
        forEachBlock { index, entry in
            let tag = ownTag(entry.address, marks)
            unsafe record.pointee.blocks.setTag(tag, at: index)
        }
        list()
        return true
    }

    /// Has a block watched, if no other watch does; returns its own tag.
    private func ownTag(_ address: UInt, _ marks: WatchMarks) -> UInt8 {
        if marks.isWatched(address) { return tagInOtherWatch(address) ?? 0 }
        // Whoever watched this address before watched a block that was freed since.
        Watch.forEach { unsafe $0.record.pointee.blocks.takeOut(address) }
        return marks.watch(address)
    }

    /// The own tag of a block that another watch has; nil when none has it.
    private func tagInOtherWatch(_ address: UInt) -> UInt8? {
        var tag: UInt8?
        Watch.forEach { watch in
            guard let index = unsafe watch.record.pointee.blocks.index(of: address) else { return }
            let entry = unsafe watch.record.pointee.blocks[index]
            if entry.isThere { tag = entry.tag }
        }
        return tag
    }

    /// Ends the watch and gives its memory back.
    func end() {
        let marks = WatchMarks()
        LiveBlocks.withWalk {
            unlist()
            forEachBlock { _, entry in
                if tagInOtherWatch(entry.address) == nil {
                    marks.endWatching(entry.address, ownTag: entry.tag)
                }
            }
        }
        unsafe record.deinitialize(count: 1)
        unsafe midl_release(pointer(address), Watch.recordByteCount)
    }

    /// Its memory, which is full of addresses of blocks.
    func forEachTable(_ body: (_ start: UInt, _ byteCount: Int) -> Void) {
        unsafe body(record.pointee.blocks.start, record.pointee.blocks.byteCount)
        if unsafe record.pointee.found != nil {
            unsafe body(record.pointee.found?.start ?? 0, record.pointee.found?.byteCount ?? 0)
        }
    }

    // MARK: What is watched

    /// The blocks that can become orphans.
    func forEachBlock(_ body: (_ index: Int, BlockSet.Entry) -> Void) {
        for index in unsafe 0..<record.pointee.blocks.count {
            let entry = unsafe record.pointee.blocks[index]
            if entry.isThere && !entry.isOfEnvironment { body(index, entry) }
        }
    }

    func forEachRoot(_ body: (_ start: UInt, _ end: UInt) -> Void) {
        let roots = unsafe UnsafePointer<midl_orphans_root>(bitPattern: record.pointee.roots)
        unsafe Watch.forEachRoot(roots, record.pointee.rootCount, body)
    }

    private static func forEachRoot(
        _ roots: UnsafePointer<midl_orphans_root>?, _ count: Int,
        _ body: (_ start: UInt, _ end: UInt) -> Void
    ) {
        guard let roots = unsafe roots else { return }
        for index in 0..<count {
            let root = unsafe roots[index]
            let start = unsafe UInt(bitPattern: root.start)
            unsafe body(start, start &+ UInt(root.byte_count))
        }
    }
}
