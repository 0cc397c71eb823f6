// What a thread's cache knows of its samples: whose turn it is, and of which classes
// blocks were wanted since it began.
//
//     not seen -> waiting -> ready -> in the tables
//              wanted    supply used  wanted
//
// A class comes to the slow path until it is in the tables.

struct SamplingTurn {
    /// `none` between turns.
    private(set) var sizeClass = SizeClass.none
    private(set) var startTime: UInt64 = 0
    /// How many classes were seen in the last turn: a block of the supply stands for as many.
    private(set) var weight = 1
    /// Blocks that are worth a change of the supply.
    var supplyCount = 0
    /// Blocks up to the next that is sampled.
    var countdown = 0

    // Sets of classes, a bit for each.
    private(set) var seen: UInt64 = 0
    private var waiting: UInt64 = 0
    private var ready: UInt64 = 0
    private var tabled: UInt64 = 0

    /// The supply's top when it was last looked at, and how many blocks of other classes have come to
    /// the slow path since it changed.
    private var supplyTop = Magazine.noneTop
    private var idleCount = 0
    private static let idleCountOfClass = 8

    private var numbers = RandomNumbers()

    private static func bit(_ sizeClass: SizeClass) -> UInt64 {
        1 << UInt64(sizeClass.index - SizeClass.first.index)
    }

    /// 0 ..< limit; from 2^16 on with gaps.
    mutating func random(below limit: Int) -> Int {
        (Int(truncatingIfNeeded: numbers.next() >> 48) * limit) >> 16
    }

    /// Whether the thread uses no other class.
    func isOnly(_ sizeClass: SizeClass) -> Bool {
        self.sizeClass == sizeClass && weight == 1 && tabled == SamplingTurn.bit(sizeClass)
    }

    func isOver(at time: UInt64) -> Bool { sizeClass == .none || time != startTime }

    func isTabled(_ sizeClass: SizeClass) -> Bool { tabled & SamplingTurn.bit(sizeClass) != 0 }

    mutating func see(_ sizeClass: SizeClass) { seen |= SamplingTurn.bit(sizeClass) }

    /// Begins the turn of a class that was seen in the last one: at random, so that a short run is
    /// not one of small sizes.
    mutating func begin(seen: UInt64, at time: UInt64) {
        weight = seen.nonzeroBitCount
        var rest = seen
        for _ in 0..<random(below: weight) { rest &= rest - 1 }
        sizeClass = SizeClass(index: rest.trailingZeroBitCount + SizeClass.first.index)
        startTime = time
    }

    /// Ends the turn, and takes back that some blocks were counted.
    mutating func end(uncounted count: Int) {
        sizeClass = .none
        countdown += count
        (seen, waiting, ready, tabled) = (0, 0, 0, 0)
        (supplyTop, idleCount) = (Magazine.noneTop, 0)
    }

    /// When a block of the supply was used since this was last asked, other classes need not wait.
    mutating func look(atSupply top: UInt) {
        if top == supplyTop { return }
        (supplyTop, idleCount) = (top, 0)
        ready |= waiting
    }

    /// Counts a block of a class that is not in the tables; true when it is one too many without one
    /// of the supply: several times as many as there are classes, one of which may be rare.
    mutating func isIdle(after sizeClass: SizeClass) -> Bool {
        if sizeClass == self.sizeClass { return false }
        idleCount += 1
        return idleCount > SamplingTurn.idleCountOfClass * weight
    }

    /// Where the tables are to lead a class from now on that was wanted; nil when it has to wait.
    mutating func table(_ sizeClass: SizeClass) -> Int? {
        let bit = SamplingTurn.bit(sizeClass)
        see(sizeClass)
        let isItsTurn = self.sizeClass == sizeClass
        if !isItsTurn && ready & bit == 0 {
            waiting |= bit
            return nil
        }
        tabled |= bit
        return isItsTurn ? Sampling.supplyIndex : sizeClass.index
    }
}
