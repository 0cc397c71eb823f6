// The outbox: blocks of other threads' slabs that are to be given back, gathered
// into one chain for each slab, so that one atomic exchange delivers many.
//
// It is empty between operations: nothing waits here that its owner could use.

struct Outbox {
    private struct Chain {
        /// 0 when there is no chain.
        var slab: UInt = 0
        var first: UInt = 0
        var last: UInt = 0
    }

    private static let chainCount = 8
    /// A cache without a thread to which blocks were delivered: nobody else would look after its
    /// slabs.
    private var orphan: UInt = 0
    private var chains = InlineArray<8, Chain>(repeating: Chain())

    /// Adds a sealed block; delivers the chain that is in the way of a new one.
    mutating func add(_ block: Block, _ slab: Span, _ heap: Heap) {
        let index = heap.region.unit(of: slab) % Outbox.chainCount
        if chains[index].slab != slab.address {
            deliver(index, heap)
            chains[index] = Chain(slab: slab.address, first: block.address, last: block.address)
        } else {
            slab.link(block, to: chains[index].first, heap)
            chains[index].first = block.address
        }
    }

    /// Delivers one sealed block for a thread that has no cache.
    static func send(_ block: Block, _ heap: Heap) {
        var outbox = Outbox()
        outbox.add(block, heap.region.slab(of: block), heap)
        outbox.deliver(heap)
    }

    mutating func deliver(_ heap: Heap) {
        for index in chains.indices { deliver(index, heap) }
        tidyOrphan()
    }

    private mutating func tidyOrphan() {
        if orphan != 0 { Registry.tidy(ThreadCache(at: orphan)) }
        orphan = 0
    }

    private mutating func deliver(_ index: Int, _ heap: Heap) {
        let chain = chains[index]
        if chain.slab == 0 { return }
        chains[index].slab = 0
        let slab = Span(at: chain.slab)
        let owner = ThreadCache(at: slab.owner)
        let wasEmpty = slab.pushRemote(
            first: Block(at: chain.first), last: Block(at: chain.last), heap)
        if wasEmpty { owner.makePending(slab) }
        if owner.state == CacheState.orphaned && owner.address != orphan {
            tidyOrphan()
            orphan = owner.address
        }
    }
}
