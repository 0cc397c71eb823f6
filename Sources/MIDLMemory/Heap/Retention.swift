// Retention: how many free units with pages the pool keeps.
//
// Pages that go back cost a fault each when they are wanted again, more than a
// microsecond; pages that stay are memory that others cannot have. The bound is an
// eighth of what is in use, or a limit if that is more: 12 MiB at first. Whenever a
// quarter of what was returned is wanted again within a second, as when large blocks
// come and go or a program builds and frees one large structure after the other, the
// limit becomes four times as much, or more by one and a half times what was returned
// if that is more, up to all units there are, at least 256 MiB: where long blocks come and
// go, more may be free than was ever in use.
//
// It is halved with each second in which more than the first limit stayed free all the
// time, and forgotten after ten seconds in which nothing became free beyond that: both as
// soon as something does.

import MIDLPlatform

struct Retention {
    private static let leastUnitCount = 192
    private static let leastUpperUnitCount = 4096
    private static let second: UInt64 = 1000
    private static let tenSeconds: UInt64 = 10_000

    private var limit = leastUnitCount
    /// Units that were returned lately, and how many were wanted again since: halved after a second.
    private var returnedUnitCount = 0
    private var regrettedUnitCount = 0
    private var countTime: UInt64 = 0
    private var lastReturnTime: UInt64 = 0
    /// When the limit was last looked at, and the fewest free units with pages since.
    private var lookTime: UInt64 = 0
    private var idleUnitCount = 0

    func keptUnitCount(used: Int) -> Int { max(limit, used / 8) }

    @_optimize(size)
    @inline(never)
    mutating func didReturn(unitCount: Int, now: UInt64 = midl_milliseconds()) {
        if now - lastReturnTime > Retention.second { forgetReturns() }
        if returnedUnitCount == 0 {
            countTime = now
        } else if now - countTime > Retention.second {
            returnedUnitCount /= 2
            regrettedUnitCount /= 2
            countTime = now
        }
        returnedUnitCount &+= unitCount
        lastReturnTime = now
    }

    /// After units became free, before any are returned.
    mutating func didGive(
        dirtyUnitCount: Int, now clock: @autoclosure () -> UInt64 = midl_milliseconds()
    ) {
        if limit == Retention.leastUnitCount || dirtyUnitCount <= Retention.leastUnitCount {
            return
        }
        look(dirtyUnitCount, now: clock())
    }

    @_optimize(size)
    @inline(never)
    private mutating func look(_ dirtyUnitCount: Int, now: UInt64) {
        if now - lookTime <= Retention.second { return }
        if now - lookTime > Retention.tenSeconds { limit = 0 }
        if idleUnitCount > Retention.leastUnitCount { limit /= 2 }
        limit = max(Retention.leastUnitCount, limit)
        lookTime = now
        idleUnitCount = dirtyUnitCount
    }

    /// After free units were taken, some of them without pages; so many with pages are left, of so
    /// many units in all.
    mutating func didTake(
        cleanUnitCount: Int, dirtyUnitCountLeft left: Int, of unitCount: Int,
        now clock: @autoclosure () -> UInt64 = midl_milliseconds()
    ) {
        idleUnitCount = min(idleUnitCount, left)
        if cleanUnitCount == 0 || returnedUnitCount == 0 { return }
        regret(cleanUnitCount, unitCount, now: clock())
    }

    @_optimize(size)
    @inline(never)
    private mutating func regret(_ cleanUnitCount: Int, _ unitCount: Int, now: UInt64) {
        if now - lastReturnTime > Retention.second { return forgetReturns() }
        regrettedUnitCount &+= cleanUnitCount
        if regrettedUnitCount &* 4 < returnedUnitCount { return }
        let wanted = max(limit &* 4, limit &+ returnedUnitCount / 2 &* 3)
        limit = min(wanted, max(unitCount, Retention.leastUpperUnitCount))
        lookTime = now
        idleUnitCount = 0
        forgetReturns()
    }

    mutating func forgetReturns() {
        returnedUnitCount = 0
        regrettedUnitCount = 0
    }
}
