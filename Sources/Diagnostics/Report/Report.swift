// A report that is put together: lines of text, written when there are enough of them
// and at the end.
//
// It is made in handlers of signals and in the middle of allocations: nothing in it
// allocates.

import MIDLPlatform

struct Report: ~Copyable {
    private let file: Int32
    private var bytes = InlineArray<2048, UInt8>(repeating: 0)
    private var byteCount = 0

    /// A report to a file descriptor, else to where the settings say.
    init(to file: Int32 = 2) { self.file = file }

    deinit { flush() }

    /// Writes what is there. The end of the report does it as well.
    mutating func write() {
        flush()
        byteCount = 0
    }

    private func flush() {
        if byteCount == 0 { return }
        unsafe bytes.span.withUnsafeBytes { buffer in
            guard let start = buffer.baseAddress else { return }
            unsafe midl_write(file, start, byteCount)
            if file == 2 { unsafe Record.keep(start, byteCount: byteCount) }
        }
    }

    mutating func add(byte: UInt8) {
        if byteCount == 2048 {
            write()
        }
        bytes[byteCount] = byte
        byteCount += 1
    }

    @inline(never)
    mutating func add(_ text: StaticString) {
        for index in 0..<text.utf8CodeUnitCount { add(byte: unsafe text.utf8Start[index]) }
    }

    @inline(never)
    mutating func add(_ text: Text) {
        for index in 0..<text.byteCount { add(byte: text[index]) }
    }

    /// As part of a JSON string.
    mutating func add(escaped text: Text) {
        for index in 0..<text.byteCount {
            let byte = text[index]
            if byte == 0x22 || byte == 0x5C { add(byte: 0x5C) }
            // Control characters would have to be written otherwise, and stand in no name.
            add(byte: byte < 0x20 ? 0x3F : byte)
        }
    }

    @inline(never)
    mutating func add(_ number: Int) {
        if number < 0 { add("-") }
        add(magnitude: number.magnitude, base: 10)
    }

    /// Right-aligned.
    mutating func add(_ number: Int, width: Int) {
        var (digitCount, rest) = (1, number)
        while rest >= 10 {
            digitCount += 1
            rest /= 10
        }
        for _ in 0..<max(0, width - digitCount) { add(" ") }
        add(number)
    }

    mutating func add(address: UInt) {
        add("0x")
        add(magnitude: address, base: 16)
    }

    private mutating func add(magnitude: UInt, base: UInt) {
        if magnitude >= base { add(magnitude: magnitude / base, base: base) }
        let digit = UInt8(magnitude % base)
        add(byte: digit < 10 ? digit + 48 : digit + 87)
    }

    /// "1 block", "2 blocks".
    mutating func add(_ count: Int, _ noun: StaticString) {
        add(count)
        add(" ")
        add(noun)
        if count != 1 { add("s") }
    }

    mutating func endLine() { add("\n") }
}
