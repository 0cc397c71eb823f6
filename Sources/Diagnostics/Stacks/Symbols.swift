// Symbols: what the addresses of stacks are called in the source.
//
// Addresses are collected, then looked up together: for each module one run of
// addr2line gives functions, files and lines, with inlined calls. Without it, or
// without debug information, the module's dynamic symbols must do; without those, the
// module and the offset in it.

import MIDLPlatform

struct Symbols: ~Copyable {
    /// What is known of an address.
    struct Entry {
        /// 0 when the place is free.
        var address: UInt = 0
        var bias: UInt = 0
        var path: UInt = 0
        var function: UInt = 0
        var functionStart: UInt = 0
        /// Lines of addr2line: function and file by turns.
        var lines: UInt = 0
        var lineByteCount = 0
        var isLookedUp = false
    }

    private static let entryCount = 1 << 13
    private static let byteCount = 8 << 20
    private static let batchCount = 128
    private static let outputByteCount = 512 << 10

    private var memory: Mapping
    private let entries: UInt
    private var count = 0

    /// Nil when there is no memory.
    init?() {
        guard var memory = Mapping(byteCount: Symbols.byteCount),
            let entries = memory.cut(byteCount: Symbols.entryCount * MemoryLayout<Entry>.stride)
        else { return nil }
        self.memory = memory
        self.entries = entries
    }

    private func entry(_ index: Int) -> UnsafeMutablePointer<Entry> {
        unsafe UnsafeMutablePointer<Entry>(
            bitPattern: entries + UInt(index * MemoryLayout<Entry>.stride)
        ).unsafelyUnwrapped
    }

    /// The place of an address, or the free one where it would be.
    private func place(of address: UInt) -> Int {
        var index = Int((address &* 0x9E37_79B9_7F4A_7C15) >> 51)
        while case let found = unsafe entry(index).pointee.address, found != 0 && found != address {
            index = (index + 1) % Symbols.entryCount
        }
        return index
    }

    // MARK: Collecting

    /// Adds the addresses of a stack; past some thousands they stay without names.
    mutating func add(_ stack: Stack) {
        for index in 0..<stack.count { add(callAt: stack[index] &- 1) }
    }

    private mutating func add(callAt address: UInt) {
        let index = place(of: address)
        if unsafe entry(index).pointee.address != 0 || count >= Symbols.entryCount / 2 { return }
        var place = unsafe midl_place()
        guard unsafe midl_find_place(address, &place) else { return }
        count += 1
        unsafe entry(index).pointee = Entry(
            address: address, bias: place.bias, path: UInt(bitPattern: place.path),
            function: UInt(bitPattern: place.function), functionStart: place.function_start)
    }

    // MARK: Looking up

    /// Asks addr2line about all addresses that were added since the last time.
    mutating func lookUp() {
        for index in 0..<Symbols.entryCount {
            let isOpen =
                unsafe entry(index).pointee.address != 0
                && !entry(index).pointee.isLookedUp
            if isOpen { lookUp(moduleOf: index) }
        }
    }

    /// Asks about a batch of addresses of one module.
    private mutating func lookUp(moduleOf first: Int) {
        let module = unsafe entry(first).pointee
        var batch = InlineArray<128, Int>(repeating: 0)
        var batchCount = 0
        for index in first..<Symbols.entryCount where batchCount < Symbols.batchCount {
            let entry = unsafe entry(index)
            if unsafe entry.pointee.address == 0 || entry.pointee.isLookedUp
                || entry.pointee.path != module.path
            {
                continue
            }
            unsafe entry.pointee.isLookedUp = true
            batch[batchCount] = index
            batchCount += 1
        }
        guard let output = run(module.path, module.bias, batch, batchCount) else { return }
        distribute(output, batch, batchCount)
    }

    private mutating func run(
        _ path: UInt, _ bias: UInt, _ batch: borrowing InlineArray<128, Int>, _ batchCount: Int
    ) -> Text? {
        let optionCount = 6
        guard let arguments = memory.cut(byteCount: (optionCount + batchCount + 1) * 8) else {
            return nil
        }
        var argumentCount = 0
        func add(_ text: UInt) {
            unsafe pointer(arguments + UInt(argumentCount) * 8).storeBytes(of: text, as: UInt.self)
            argumentCount += 1
        }
        func add(_ text: StaticString) { unsafe add(UInt(bitPattern: text.utf8Start)) }
        add("addr2line")
        add("-f")
        add("-C")
        add("-i")
        add("-ae")
        add(path)
        for index in 0..<batchCount {
            let address = unsafe entry(batch[index]).pointee.address
            guard let text = hexadecimal(address &- bias) else { return nil }
            add(text)
        }
        guard let output = memory.cut(byteCount: min(Symbols.outputByteCount, memory.freeByteCount))
        else { return nil }
        let count = unsafe midl_run(
            pointer(arguments).assumingMemoryBound(to: UnsafePointer<CChar>?.self),
            pointer(output).assumingMemoryBound(to: CChar.self), Symbols.outputByteCount)
        memory.giveBack(from: output + UInt(max(0, count)))
        return count > 0 ? Text(start: output, byteCount: count) : nil
    }

    /// "0x…" with a zero byte behind it.
    private mutating func hexadecimal(_ value: UInt) -> UInt? {
        guard let start = memory.cut(byteCount: 24) else { return nil }
        var (rest, cursor) = (value, start + 18)
        unsafe pointer(cursor).storeBytes(of: 0, as: UInt8.self)
        repeat {
            cursor -= 1
            let digit = UInt8(rest & 15)
            unsafe pointer(cursor).storeBytes(
                of: digit < 10 ? digit + 48 : digit + 87, as: UInt8.self)
            rest >>= 4
        } while rest != 0
        return cursor
    }

    /// Gives each address of a batch its lines, which follow the one with the address.
    private func distribute(
        _ output: Text, _ batch: borrowing InlineArray<128, Int>, _ batchCount: Int
    ) {
        var rest: Text? = output
        var current = -1
        while let text = rest, !text.isEmpty {
            let (line, following) = text.split(at: 0x0A)
            rest = following
            if line.starts(with: "0x") {
                current += 1
                if current >= batchCount { return }
                unsafe entry(batch[current]).pointee.lines = line.end + 1
            } else if current >= 0 {
                let entry = unsafe entry(batch[current])
                unsafe entry.pointee.lineByteCount = Int(line.end - entry.pointee.lines)
            }
        }
    }

    /// What is known of an address that was added; an address of 0 when nothing is.
    func entry(callAt address: UInt) -> Entry { unsafe entry(place(of: address)).pointee }
}
