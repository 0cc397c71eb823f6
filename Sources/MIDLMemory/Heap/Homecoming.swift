// Blocks on their way back to slabs of their own thread. What a thread frees together often lies
// together, so the free list of one slab at a time is held here, out of memory.

struct Homecoming {
    private let heap: Heap
    private let cache: ThreadCache
    private let code: UInt32
    private var slab = Span(at: 0)
    private var start: UInt = 0
    private var byteCount: UInt = 0
    private var head: UInt = 0
    private var count = 0

    init(_ heap: Heap, _ cache: ThreadCache) {
        self.heap = heap
        self.cache = cache
        code = UInt32(truncatingIfNeeded: heap.linkKey)
    }

    /// Takes a sealed block if it is one of the slab at hand.
    @inline(__always)
    mutating func add(_ block: Block) -> Bool {
        if block.address &- start >= byteCount { return false }
        block.setLink(head == 0 ? 0 : Span.link(to: head, from: start), code)
        head = block.address
        count &+= 1
        return true
    }

    /// Turns to another slab.
    mutating func begin(_ slab: Span) {
        end()
        self.slab = slab
        start = heap.region.start(of: slab)
        byteCount = UInt(slab.unitCount) << Unit.shift
        head = slab.freeHead
    }

    mutating func end() {
        if count == 0 { return }
        slab.freeHead = head
        slab.freeCount += count
        byteCount = 0
        cache.account(home: count, slab)
        count = 0
    }
}
