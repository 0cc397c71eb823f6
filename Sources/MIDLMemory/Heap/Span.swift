// Spans: runs of units, and the record that says what each is.
//
// The records stand in an array of their own, one for each unit, away from the
// blocks: an overflow of a block cannot reach them.
//
//     unit       n          n+1        n+2        n+3        n+4
//     region   [ slab of two units   ][ free span of three units        ]
//     record     slab       slabInner  free       –          freeLast
//
// Only the first record of a span counts; `slabInner` leads back to it, and
// `freeLast` lets a span that becomes free find a free one before it.

import Synchronization

enum SpanKind: UInt8 {
    /// A unit inside a span, or one that was never used.
    case inner = 0
    case free, freeLast
    case slab, slabInner
    case large
    /// A unit from which an environment's arena cuts blocks, and a block of an environment that
    /// has a span of its own.
    case environmentChunk, environmentBlock

    /// Whether the record is that of a span's first unit.
    var isFirst: Bool {
        switch self {
        case .free, .slab, .large, .environmentChunk, .environmentBlock: true
        case .inner, .freeLast, .slabInner: false
        }
    }
}

struct SpanRecord: ~Copyable {
    // The line of the thread that owns a slab.
    /// The address of the cache that owns a slab, of the arena that owns a chunk, of the
    /// environment that owns a large block. Relaxed: compared with the reader's own only.
    let owner: Atomic<UInt>
    /// Neighbours in the owner's list of slabs, or in a list of free spans; 0 at an end.
    var next: UInt
    var previous: UInt
    var unitCount: UInt32
    var blockByteCount: UInt32
    /// 2^32 divided by that, rounded up.
    var reciprocal: UInt32
    /// Blocks that fit, that have been handed out at least once, and that are in the free map.
    var capacity: UInt32
    var carvedCount: UInt32
    var freeCount: UInt32
    /// Units of a free span that may still have pages; a span that is taken keeps the number, of
    /// which only 0 says something about it.
    var dirtyUnitCount: UInt32
    /// Where in the order of a slab's blocks they are handed out from: see `shuffle`.
    var firstIndex: UInt32
    var kind: SpanKind
    var classIndex: UInt8
    /// Units from here back to the first of the slab.
    var unitsToFirst: UInt8
    /// The slab is in its owner's list: it has blocks to give.
    var isListed: Bool
    /// It is empty, and one of those that its owner keeps for its next blocks.
    var isKept: Bool
    /// What the order in which a slab's blocks are handed out is exclusively ored with.
    var shuffle: UInt8
    /// They are handed out from the start on, not from a random place.
    var beginsAtStart: Bool

    // The line that other threads write.
    /// The first block of those that other threads freed; 0 when there is none.
    let remoteHead: Atomic<UInt>
    /// The next slab in its owner's list of slabs with such blocks.
    var pendingNext: UInt
    var largeByteCount: Int
    /// Where in a slab the first block begins, and in the span of a large block that one.
    var offset: UInt32
    /// A large block that began in this unit was freed at some time, or a slab with it was given
    /// back.
    var hadBlocks: Bool
    /// This unit may have pages: it is in use, or was and they were not given back.
    var isDirty: Bool

    static let byteStride = 256
    static let byteStrideShift: UInt = 8
    /// So many bytes are the record; the rest is for the slab's free map.
    static let byteCount = 128
}

/// A handle on a span's record.
struct Span: Equatable {
    let address: UInt

    var record: UnsafeMutablePointer<SpanRecord> {
        @inline(__always) get {
            unsafe UnsafeMutablePointer(bitPattern: address).unsafelyUnwrapped
        }
    }

    @inline(__always)
    init(at address: UInt) { self.address = address }

    var kind: SpanKind {
        get { unsafe record.pointee.kind }
        nonmutating set { unsafe record.pointee.kind = newValue }
    }
    var unitCount: Int {
        get { unsafe Int(record.pointee.unitCount) }
        nonmutating set { unsafe record.pointee.unitCount = UInt32(truncatingIfNeeded: newValue) }
    }
    var dirtyUnitCount: Int {
        get { unsafe Int(record.pointee.dirtyUnitCount) }
        nonmutating set {
            unsafe record.pointee.dirtyUnitCount = UInt32(truncatingIfNeeded: newValue)
        }
    }
    /// Of a span that was just taken from the pool: all its bytes are zero.
    var wasTakenZero: Bool { dirtyUnitCount == 0 }
    var next: UInt {
        get { unsafe record.pointee.next }
        nonmutating set { unsafe record.pointee.next = newValue }
    }
    var previous: UInt {
        get { unsafe record.pointee.previous }
        nonmutating set { unsafe record.pointee.previous = newValue }
    }
    var unitsToFirst: Int {
        get { unsafe Int(record.pointee.unitsToFirst) }
        nonmutating set { unsafe record.pointee.unitsToFirst = UInt8(truncatingIfNeeded: newValue) }
    }
    var largeByteCount: Int {
        get { unsafe record.pointee.largeByteCount }
        nonmutating set { unsafe record.pointee.largeByteCount = newValue }
    }
    var offset: UInt {
        get { unsafe UInt(record.pointee.offset) }
        nonmutating set { unsafe record.pointee.offset = UInt32(truncatingIfNeeded: newValue) }
    }
    var isDirty: Bool {
        get { unsafe record.pointee.isDirty }
        nonmutating set { unsafe record.pointee.isDirty = newValue }
    }
    var hadBlocks: Bool {
        get { unsafe record.pointee.hadBlocks }
        nonmutating set { unsafe record.pointee.hadBlocks = newValue }
    }
}

/// A doubly linked list of spans, by the address of its first; 0 when it is empty.
enum SpanList {
    static func push(_ span: Span, on head: inout UInt) {
        span.previous = 0
        span.next = head
        if head != 0 { Span(at: head).previous = span.address }
        head = span.address
    }

    static func remove(_ span: Span, from head: inout UInt) {
        if span.previous != 0 {
            Span(at: span.previous).next = span.next
        } else {
            head = span.next
        }
        if span.next != 0 { Span(at: span.next).previous = span.previous }
        span.next = 0
        span.previous = 0
    }
}
