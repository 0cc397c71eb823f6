// Names for addresses: what addr2line says of the modules of a process, after its end.
//
// Where there is no debug information, or no addr2line, an address is a module and an
// offset in it.

struct Call {
    /// Empty when it is not known.
    var function = ""
    /// "file:line", empty when it is not known.
    var source = ""
    let module: String
    let offset: UInt

    /// In one line, as the library's own reports have it.
    var text: String {
        if function.isEmpty { return place }
        return source.isEmpty ? "\(function) in \(module)" : "\(function) at \(source)"
    }

    private var place: String {
        let number = "0x" + String(offset, radix: 16)
        return module.isEmpty ? number : "\(module)+\(number)"
    }
}

struct Symbolizer {
    /// By the return address.
    private var calls: [UInt: [Call]] = [:]

    private static let batchCount = 500

    /// Looks up all that a process has recorded.
    init(_ findings: ProcessFindings?) {
        guard let findings else { return }
        var addresses = Set(findings.sites.flatMap(\.frames))
        addresses.formUnion(findings.misuse?.frames ?? [])
        var byModule: [Int: [UInt]] = [:]
        for address in addresses {
            let index = findings.modules.firstIndex { $0.start < address && address <= $0.end }
            if let index {
                byModule[index, default: []].append(address)
            } else {
                calls[address] = [Call(module: "", offset: address)]
            }
        }
        for (index, addresses) in byModule { lookUp(addresses, findings.modules[index]) }
    }

    private mutating func lookUp(_ addresses: [UInt], _ module: Module) {
        for address in addresses {
            calls[address] = [Call(module: module.path, offset: address - module.bias)]
        }
        var rest = addresses[...]
        while !rest.isEmpty {
            let batch = rest.prefix(Symbolizer.batchCount)
            rest = rest.dropFirst(batch.count)
            // The byte before: it belongs to the call.
            let offsets = batch.map { "0x" + String($0 - module.bias - 1, radix: 16) }
            guard
                let output = OtherProgram.output(
                    of: ["addr2line", "-f", "-C", "-i", "-ae", module.path] + offsets)
            else { return }
            distribute(output, Array(batch), module)
        }
    }

    /// Of each address there is a line with it, then for each call one with the function and one with
    /// the source.
    private mutating func distribute(_ output: String, _ batch: [UInt], _ module: Module) {
        var index = -1
        var found: [Call] = []
        var function: String?
        func known(_ line: Substring) -> String { line.hasPrefix("??") ? "" : String(line) }
        for line in output.split(separator: "\n") {
            if line.hasPrefix("0x") && function == nil {
                if index >= 0 { keep(found, batch[index]) }
                (index, found) = (index + 1, [])
                if index == batch.count { return }
            } else if let name = function, index >= 0 {
                // Without the "(discriminator 2)" that may follow.
                let end = line.hasSuffix(")") ? line.lastIndex(of: "(") : nil
                let source = known(end.map { line[..<$0].dropLast() } ?? line[...])
                found.append(
                    Call(
                        function: name, source: source, module: module.path,
                        offset: batch[index] - module.bias))
                function = nil
            } else {
                function = known(line)
            }
        }
        if index >= 0 { keep(found, batch[index]) }
    }

    private mutating func keep(_ found: [Call], _ address: UInt) {
        if found.contains(where: { !$0.function.isEmpty }) { calls[address] = found }
    }

    // MARK: Stacks

    /// Frames without those of the library at the inner end.
    func withoutLibrary(_ frames: [UInt]) -> [UInt] {
        var rest = frames[...]
        while rest.count > 1, let first = rest.first, let call = calls[first]?.first,
            Symbolizer.isOwn(call)
        {
            rest.removeFirst()
        }
        return Array(rest)
    }

    /// The calls of a stack, the innermost first: not those of the library, and none beyond main.
    func stack(_ frames: [UInt]) -> [Call] {
        var stack: [Call] = []
        for frame in withoutLibrary(frames) {
            let calls = calls[frame] ?? []
            stack += calls
            if calls.last?.function == "main" { break }
        }
        return stack
    }

    private static func isOwn(_ call: Call) -> Bool {
        let file = call.module.split(separator: "/").last ?? ""
        if file.hasPrefix("libmidl_user") || file.hasPrefix("libmidl_diagnostics") { return true }
        // In an archive, or in the Swift package.
        return ownFunctions.contains { call.function.hasPrefix($0) }
    }

    private static let ownFunctions = [
        "midl_", "MIDL_user_", "$e10MIDLMemory", "$e15MIDLDiagnostics", "$s10MIDLMemory",
        "$s15MIDLDiagnostics",
    ]
}
