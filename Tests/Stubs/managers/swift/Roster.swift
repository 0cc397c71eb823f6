// A server manager in Swift: fills the reply of a call with memory of the call's
// environment, which the server stub made and releases when the reply is sent.

import CRoster
import MIDLMemory

/// The step behind `roster_make`: players 1 to `count`.
@_cdecl("roster_fill") @implementation
public func roster_fill(_ count: Int32, _ reply: UnsafeMutablePointer<roster>) -> Int32 {
    do throws(RPCError) {
        let filled = unsafe try RPCEnvironment.withCurrent { environment throws(RPCError) in
            unsafe try Roster(count: count).copied(to: environment)
        }
        // Outside of a call nothing is there to allocate in.
        guard let filled = unsafe filled else { throw .outOfMemory }
        unsafe reply.pointee = filled
        return 0
    } catch {
        return error.status
    }
}

/// What the manager is written in.
@_cdecl("roster_fill_language") @implementation
public func roster_fill_language() -> UnsafePointer<CChar> {
    let language: StaticString = "Swift"
    return unsafe UnsafeRawPointer(language.utf8Start).assumingMemoryBound(to: CChar.self)
}

/// The data as Swift has them, in Swift's own memory.
private struct Roster {
    struct Player {
        let number: Int32
        var name: String { "player \(number)" }
        var wideName: String { "player № \(number)" }
    }

    let players: [Player]

    /// Throws `.invalidArgument` for a negative count.
    init(count: Int32) throws(RPCError) {
        guard count >= 0 else { throw .invalidArgument }
        players = (0..<count).map { Player(number: $0 + 1) }
    }

    /// The same as C has them, in the environment.
    func copied(to environment: borrowing RPCEnvironment) throws(RPCError) -> roster {
        var first: UnsafeMutablePointer<player>? = nil
        for member in players.reversed() {
            unsafe first = try environment.allocate(
                player(
                    number: member.number,
                    name: environment.allocateCString(member.name),
                    wide_name: environment.allocateUTF16String(member.wideName),
                    next: first))
        }
        let numbers = unsafe try environment.allocateArray(players.map(\.number))
        return unsafe roster(
            count: Int32(players.count), number_count: Int32(players.count),
            numbers: numbers.baseAddress, first: first)
    }
}
