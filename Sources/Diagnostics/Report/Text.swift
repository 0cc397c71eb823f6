// Bytes of text that somebody else keeps: a part of MIDL_MEMORY, a name of a module, a
// line of a command's output.

struct Text {
    let start: UInt
    let byteCount: Int

    static let empty = Text(start: 0, byteCount: 0)

    init(start: UInt, byteCount: Int) {
        self.start = start
        self.byteCount = byteCount
    }

    /// A text that ends with a zero byte; empty for nil.
    init(_ characters: UnsafePointer<CChar>?) {
        var count = 0
        if let characters = unsafe characters {
            while unsafe characters[count] != 0 { count += 1 }
        }
        self.init(start: UInt(bitPattern: characters), byteCount: count)
    }

    var isEmpty: Bool { byteCount == 0 }
    var end: UInt { start + UInt(byteCount) }

    subscript(index: Int) -> UInt8 {
        unsafe UnsafePointer<UInt8>(bitPattern: start + UInt(index)).unsafelyUnwrapped.pointee
    }

    static func == (text: Text, other: StaticString) -> Bool {
        text.byteCount == other.utf8CodeUnitCount && text.starts(with: other)
    }

    static func == (text: Text, other: Text) -> Bool {
        if text.byteCount != other.byteCount { return false }
        for index in 0..<text.byteCount where text[index] != other[index] { return false }
        return true
    }

    func starts(with other: StaticString) -> Bool {
        if byteCount < other.utf8CodeUnitCount { return false }
        for index in 0..<other.utf8CodeUnitCount {
            if unsafe self[index] != other.utf8Start[index] { return false }
        }
        return true
    }

    /// What is before the first such byte, and what is after it; all and nil when there is none.
    func split(at byte: UInt8) -> (Text, Text?) {
        for index in 0..<byteCount where self[index] == byte {
            return (
                Text(start: start, byteCount: index),
                Text(start: start + UInt(index) + 1, byteCount: byteCount - index - 1)
            )
        }
        return (self, nil)
    }

    /// The decimal number that the text is; nil when it is none, or above 2^31.
    var number: Int? {
        if isEmpty { return nil }
        var value = 0
        for index in 0..<byteCount {
            let digit = Int(self[index]) - 48
            guard digit >= 0 && digit <= 9 else { return nil }
            value = value * 10 + digit
            if value > 1 << 31 { return nil }
        }
        return value
    }
}
