// Symbols: what the addresses of stacks are called in the source.
//
// Addresses are collected, then looked up together: for each module one run of
// addr2line gives functions, files and lines, with inlined calls. Without it, or
// without debug information, the module's dynamic symbols must do; without those, the
// module and the offset in it.

import MIDLPlatform

struct Symbols: ~Copyable {
    /// What is known of an address.
    private struct Entry {
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

    // MARK: Printing

    /// Prints a stack, a line for each call: not those of this library at its inner end, and none
    /// beyond main.
    func print(_ stack: Stack, _ report: inout Report) {
        if stack.count == 0 {
            report.add("    (no stack)\n")
            return
        }
        var index = ownFrameCount(stack)
        var number = 0
        while index < stack.count {
            if !print(callAt: stack[index] &- 1, &number, &report) { return }
            index += 1
        }
    }

    /// The frames of this library at the inner end of a stack; not all of them.
    func ownFrameCount(_ stack: Stack) -> Int {
        var index = 0
        while index + 1 < stack.count && isOwn(stack[index] &- 1) { index += 1 }
        return index
    }

    /// The name of the function that a call is in; empty when it is not known.
    func function(callAt address: UInt) -> Text {
        let entry = unsafe entry(place(of: address)).pointee
        let name = Text(start: entry.lines, byteCount: entry.lineByteCount).split(at: 0x0A).0
        if !name.isEmpty && !name.starts(with: "??") { return name }
        return unsafe Text(UnsafePointer<CChar>(bitPattern: entry.function))
    }

    private func isOwn(_ address: UInt) -> Bool {
        let entry = unsafe entry(place(of: address)).pointee
        if entry.address == 0 { return false }
        var file = unsafe Text(UnsafePointer<CChar>(bitPattern: entry.path))
        while case (_, let rest?) = file.split(at: 0x2F) { file = rest }
        if file.starts(with: "libmidl_user") || file.starts(with: "libmidl_diagnostics") {
            return true
        }
        // In an archive, or in the Swift package.
        let name = function(callAt: address)
        return name.starts(with: "midl_") || name.starts(with: "MIDL_user_")
            || name.starts(with: "$e10MIDLMemory") || name.starts(with: "$e15MIDLDiagnostics")
            || name.starts(with: "$s10MIDLMemory") || name.starts(with: "$s15MIDLDiagnostics")
    }

    /// False after main.
    private func print(
        callAt address: UInt, _ number: inout Int, _ report: inout Report
    ) -> Bool {
        let entry = unsafe entry(place(of: address)).pointee
        var lines: Text? = Text(start: entry.lines, byteCount: entry.lineByteCount)
        var isMain = false
        repeat {
            var (function, rest) = (Text.empty, lines)
            if let text = lines { (function, rest) = text.split(at: 0x0A) }
            var file = Text.empty
            if let text = rest { (file, rest) = text.split(at: 0x0A) }
            lines = rest
            report.add("    #")
            report.add(number)
            report.add(" ")
            number += 1
            isMain = print(function, file, entry, address, &report)
        } while lines != nil
        return !isMain
    }

    /// Prints one call; true when it is in main.
    private func print(
        _ function: Text, _ file: Text, _ entry: Entry, _ address: UInt, _ report: inout Report
    ) -> Bool {
        defer { report.endLine() }
        if entry.address == 0 {
            report.add(address: address)
            return false
        }
        if function.isEmpty || function.starts(with: "??") {
            printFromModule(entry, &report)
            return false
        }
        report.add(function)
        if file.isEmpty || file.starts(with: "??") {
            report.add(" in ")
            report.add(unsafe Text(UnsafePointer<CChar>(bitPattern: entry.path)))
        } else {
            report.add(" at ")
            // Behind a blank: "(discriminator 2)".
            report.add(file.split(at: 0x20).0)
        }
        return function == "main"
    }

    private func printFromModule(_ entry: Entry, _ report: inout Report) {
        let path = unsafe Text(UnsafePointer<CChar>(bitPattern: entry.path))
        if entry.function != 0 {
            report.add(unsafe Text(UnsafePointer<CChar>(bitPattern: entry.function)))
            report.add("+")
            report.add(address: entry.address + 1 - entry.functionStart)
            report.add(" in ")
            report.add(path)
        } else {
            report.add(path)
            report.add("+")
            report.add(address: entry.address + 1 - entry.bias)
        }
    }
}
