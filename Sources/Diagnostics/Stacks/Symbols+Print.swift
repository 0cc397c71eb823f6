// A stack as text: for a person a line for each call, for a program a JSON array with an
// object for each.

extension Symbols {
    // MARK: For a person

    func print(_ stack: Stack, _ report: inout Report) {
        if stack.count == 0 { report.add("    (no stack)\n") }
        var number = 0
        forEachCall(stack) { call in
            report.add("    #")
            report.add(number)
            report.add(" ")
            number += 1
            print(call, &report)
            report.endLine()
        }
    }

    private func print(_ call: Call, _ report: inout Report) {
        if call.entry.address == 0 { return report.add(address: call.address) }
        if call.function.isEmpty { return printFromModule(call, &report) }
        report.add(call.function)
        report.add(call.source.isEmpty ? " in " : " at ")
        report.add(call.source.isEmpty ? call.module : call.source)
    }

    private func printFromModule(_ call: Call, _ report: inout Report) {
        if call.entry.function != 0 {
            report.add(call.symbol)
            report.add("+")
            report.add(address: call.address + 1 - call.entry.functionStart)
            report.add(" in ")
            report.add(call.module)
        } else {
            report.add(call.module)
            report.add("+")
            report.add(address: call.address + 1 - call.entry.bias)
        }
    }

    // MARK: For a program

    func printJSON(_ stack: Stack, _ report: inout Report) {
        report.add("[")
        var isFirst = true
        forEachCall(stack) { call in
            report.add(isFirst ? "{" : ", {")
            isFirst = false
            printJSON(call, &report)
            report.add("}")
        }
        report.add("]")
    }

    private func printJSON(_ call: Call, _ report: inout Report) {
        report.add("\"address\": ")
        report.add(Int(bitPattern: call.address + 1))
        let function = call.function.isEmpty ? call.symbol : call.function
        addMember("function", function, &report)
        // A file's name may have a colon; a line's number has none.
        var (file, rest, line): (Text, Text?, Text) = (.empty, call.source, .empty)
        while let text = rest {
            (line, rest) = text.split(at: 0x3A)
            if rest != nil {
                file = Text(start: call.source.start, byteCount: Int(line.end - call.source.start))
            }
        }
        addMember("file", file, &report)
        if let number = line.number {
            report.add(", \"line\": ")
            report.add(number)
        }
        if call.entry.address == 0 { return }
        addMember("module", call.module, &report)
        report.add(", \"offset\": ")
        report.add(Int(bitPattern: call.address + 1 - call.entry.bias))
    }

    /// Unless there is nothing to say.
    private func addMember(_ name: StaticString, _ value: Text, _ report: inout Report) {
        if value.isEmpty { return }
        report.add(", \"")
        report.add(name)
        report.add("\": \"")
        report.add(escaped: value)
        report.add("\"")
    }
}
