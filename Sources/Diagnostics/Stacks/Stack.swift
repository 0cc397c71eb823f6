// A stack: the return addresses of the calls that led to some moment, the innermost first.

import MIDLPlatform

struct Stack {
    static let frameLimit = 24
    /// Frames of this library at the inner end, which Symbols leaves out when it prints.
    private static let ownFrameLimit = 8

    private var frames = InlineArray<32, UInt>(repeating: 0)
    private(set) var count = 0

    /// No frames.
    init() {}

    /// The calling thread's.
    @inline(never)
    static func capture() -> Stack {
        var stack = Stack()
        let limit = frameLimit + ownFrameLimit
        unsafe withUnsafeMutablePointer(to: &stack.frames) { frames in
            stack.count = unsafe Int(
                midl_capture_stack(
                    UnsafeMutableRawPointer(frames).assumingMemoryBound(to: UInt.self), limit))
        }
        return stack
    }

    subscript(index: Int) -> UInt {
        get { frames[index] }
        set {
            frames[index] = newValue
            count = max(count, index + 1)
        }
    }

    /// A number that differs for different stacks, mostly.
    var hash: UInt {
        var hash = UInt(count)
        for index in 0..<count { hash = (hash ^ frames[index]) &* 0x9E37_79B9_7F4A_7C15 }
        return hash ^ hash >> 32
    }
}
