// Which blocks are guarded, when not all are: about one in so many, and fewer where
// that would take more than a thousandth of the time: what a fault of a page and a
// trace of the stack push out of the processor's caches takes several times as long.
//
// From some hundreds on the heap counts, without which it would be no faster
// (Sampling.swift). Below that, and where every block is told of anyway, for statistics or
// stacks, every block comes here and is counted here.

import MIDLPlatform
import Synchronization

enum GuardSampling {
    private static let leastPeriodOfHeap = 256
    /// How many times as long as a guarded block takes nothing is guarded after it.
    private static let pause: UInt64 = 1000

    private static let count = Atomic<Int>(0)
    /// The moment before which no block is guarded, in nanoseconds.
    private static let nextTime = Atomic<UInt64>(0)

    static var isCountedByHeap: Bool {
        let settings = unsafe Diagnostics.settings
        return settings.guardPeriod >= leastPeriodOfHeap && !settings.observesBlocks
    }

    /// Whether the next block is to be guarded.
    static var isDue: Bool {
        let period = unsafe Diagnostics.settings.guardPeriod
        if period == 1 { return true }
        if !isCountedByHeap { return count.add(1, ordering: .relaxed).oldValue % period == 0 }
        return midl_nanoseconds() >= nextTime.load(ordering: .relaxed)
    }

    /// After a block was guarded, from a moment on. Its free takes about as long.
    static func didGuard(since start: UInt64) {
        let end = midl_nanoseconds()
        nextTime.store(end + (end - start) * 2 * pause, ordering: .relaxed)
    }
}
