// The calls of a stack, as the source has them: one address of code is in several, where
// calls are inlined.

import MIDLPlatform

extension Symbols {
    /// A call. Of the function and its source what is not known is empty.
    struct Call {
        var function = Text.empty
        /// "file:line".
        var source = Text.empty
        let entry: Entry
        let address: UInt

        /// The module that it is in.
        var module: Text { unsafe Text(UnsafePointer<CChar>(bitPattern: entry.path)) }
        /// Of the module's dynamic symbols the nearest.
        var symbol: Text { unsafe Text(UnsafePointer<CChar>(bitPattern: entry.function)) }
    }

    /// A stack without the calls of this library at its inner end.
    func withoutLibrary(_ stack: Stack) -> Stack {
        var first = 0
        while first + 1 < stack.count && isOwn(stack[first] &- 1) { first += 1 }
        var rest = Stack()
        for index in first..<stack.count { rest[index - first] = stack[index] }
        return rest
    }

    /// Calls `body` with each call, the innermost first: not with those of this library at the inner
    /// end, and none beyond main.
    func forEachCall(_ stack: Stack, _ body: (Call) -> Void) {
        let rest = withoutLibrary(stack)
        for index in 0..<rest.count where !forEachCall(at: rest[index] &- 1, body) { return }
    }

    /// False after main.
    private func forEachCall(at address: UInt, _ body: (Call) -> Void) -> Bool {
        let entry = entry(callAt: address)
        var lines: Text? = Text(start: entry.lines, byteCount: entry.lineByteCount)
        var call = Call(entry: entry, address: address)
        repeat {
            (call.function, lines) = (lines ?? .empty).split(at: 0x0A)
            (call.source, lines) = (lines ?? .empty).split(at: 0x0A)
            if call.function.starts(with: "??") { call.function = .empty }
            // Behind a blank: "(discriminator 2)".
            call.source = call.source.starts(with: "??") ? .empty : call.source.withoutDiscriminator
            body(call)
        } while lines != nil
        return !(call.function == "main")
    }

    /// The name of the function that a call is in; empty when it is not known.
    func function(callAt address: UInt) -> Text {
        let entry = entry(callAt: address)
        let name = Text(start: entry.lines, byteCount: entry.lineByteCount).split(at: 0x0A).0
        if !name.isEmpty && !name.starts(with: "??") { return name }
        return unsafe Text(UnsafePointer<CChar>(bitPattern: entry.function))
    }

    private func isOwn(_ address: UInt) -> Bool {
        let entry = entry(callAt: address)
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
}

extension Text {
    /// A file and a line, without the " (discriminator 2)" that may follow.
    fileprivate var withoutDiscriminator: Text {
        var count = byteCount
        guard count > 0, self[count - 1] == 0x29 else { return self }
        while count > 1 && self[count - 1] != 0x28 { count -= 1 }
        return Text(start: start, byteCount: max(0, count - 2))
    }
}
