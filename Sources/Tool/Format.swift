// Figures as texts.

enum Format {
    /// "12,345"
    static func count(_ number: Int) -> String {
        let digits = Array(String(number.magnitude))
        var text = number < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0 && (digits.count - index) % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return text
    }

    /// "1 block", "2 blocks"
    static func count(_ number: Int, _ noun: String) -> String {
        "\(count(number)) \(noun)\(number == 1 ? "" : "s")"
    }

    private static let units = ["KiB", "MiB", "GiB", "TiB"]

    /// "144 bytes", "4.1 KiB"
    static func bytes(_ number: Int) -> String {
        if number < 10000 { return count(number, "byte") }
        var value = Double(number) / 1024
        var unit = 0
        while value >= 1000 && unit + 1 < units.count {
            value /= 1024
            unit += 1
        }
        return "\(decimal(value)) \(units[unit])"
    }

    /// "20 ms", "1.2 s", "3 min 20 s"
    static func time(_ milliseconds: Double) -> String {
        if milliseconds < 1000 { return "\(decimal(milliseconds)) ms" }
        if milliseconds < 100_000 { return "\(decimal(milliseconds / 1000)) s" }
        let seconds = Int(milliseconds / 1000)
        return "\(seconds / 60) min \(seconds % 60) s"
    }

    /// Three digits that matter: "1.25", "12.5", "125".
    static func decimal(_ value: Double) -> String {
        let digitCount = value < 9.995 ? 2 : value < 99.95 ? 1 : 0
        let scale = [1, 10, 100][digitCount]
        let scaled = Int((value * Double(scale)).rounded())
        if digitCount == 0 { return count(scaled) }
        var fraction = String(scaled % scale)
        while fraction.count < digitCount { fraction = "0" + fraction }
        while fraction.last == "0" { fraction.removeLast() }
        return fraction.isEmpty ? String(scaled / scale) : "\(scaled / scale).\(fraction)"
    }

    static func left(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    /// A command as a shell would take it.
    static func command(_ words: [String]) -> String {
        words.map { word in
            if !word.isEmpty && word.allSatisfy(isPlain) { return word }
            let parts = word.split(separator: "'", omittingEmptySubsequences: false)
            return "'" + parts.joined(separator: "'\\''") + "'"
        }.joined(separator: " ")
    }

    private static func isPlain(_ character: Character) -> Bool {
        character.isASCII
            && (character.isLetter || character.isNumber || "-_./=:,+@%".contains(character))
    }
}
