// The table of environments, and handles.
//
//     handle   [ generation, 44 bits | index + 1, 20 bits ]
//
// A handle is no address. It names a place in the table and the generation that
// the environment there had; records are never taken out of the table, so any
// value can be looked up.

import MIDLPlatform

struct EnvironmentTable {
    private static let leafCount = 1024
    private static let indexBits: UInt = 20

    private var leaves = InlineArray<1024, UInt>(repeating: 0)
    private var count = 0

    /// A place for a new record; nil when the table or memory is full.
    mutating func add(_ metadata: inout Metadata) -> (index: Int, slot: UInt)? {
        let (leaf, place) = count.quotientAndRemainder(dividingBy: EnvironmentTable.leafCount)
        guard leaf < EnvironmentTable.leafCount else { return nil }
        if leaves[leaf] == 0 {
            let byteCount = EnvironmentTable.leafCount * 8
            guard let address = metadata.allocate(byteCount: byteCount, alignment: 64) else {
                return nil
            }
            leaves[leaf] = address
        }
        defer { count += 1 }
        return (count, leaves[leaf] + UInt(place) * 8)
    }

    /// The environment at a place; nil when there never was one.
    func environment(at index: Int) -> Environment? {
        guard index >= 0 && index < count else { return nil }
        let (leaf, place) = index.quotientAndRemainder(dividingBy: EnvironmentTable.leafCount)
        return Environment(at: Magazine.slot(leaves[leaf] + UInt(place) * 8))
    }

    static func handle(of environment: Environment) -> UInt {
        unsafe environment.generation << indexBits | UInt(environment.record.pointee.index + 1)
    }

    /// The environment that a handle names, and the generation it must still have.
    func lookUp(_ handle: UInt) -> (environment: Environment, generation: UInt)? {
        let index = Int(handle & (1 << EnvironmentTable.indexBits - 1)) - 1
        guard let environment = environment(at: index) else { return nil }
        return (environment, handle >> EnvironmentTable.indexBits)
    }

    /// Calls `body` with each environment that was ever made.
    func forEach(_ body: (Environment) -> Void) {
        for index in 0..<count { if let environment = environment(at: index) { body(environment) } }
    }
}
