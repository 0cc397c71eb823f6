// Random numbers that are different in each process, without a call of the system for each.
// (Marsaglia, "Xorshift RNGs", 2003.)

import MIDLPlatform

struct RandomNumbers {
    /// 0 before the first.
    private var state: UInt64 = 0

    mutating func next() -> UInt64 {
        if state == 0 { state = midl_random() | 1 }
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
