// A small chart in characters: the most live bytes of each slice of time.

struct TerminalChart {
    private let columns: [Int]
    private let most: Int
    private let milliseconds: Double
    private let marks: [Character]

    private static let width = 60
    private static let height = 6
    private static let axisWidth = 12

    init(_ series: Series, most: Int) {
        let last = max(series.milliseconds, 0.001)
        var columns = [Int](repeating: 0, count: TerminalChart.width)
        var isSet = [Bool](repeating: false, count: TerminalChart.width)
        for sample in series.samples {
            let place = Int(sample.milliseconds / last * Double(TerminalChart.width - 1) + 0.5)
            let column = min(max(0, place), TerminalChart.width - 1)
            columns[column] = max(columns[column], sample.liveByteCount)
            isSet[column] = true
        }
        // Where nobody looked it is as it was.
        for column in 1..<TerminalChart.width where !isSet[column] {
            columns[column] = columns[column - 1]
        }
        self.columns = columns
        self.most = max(most, 1)
        milliseconds = series.milliseconds
        marks = TerminalChart.isUTF8 ? Array(" ▁▂▃▄▅▆▇█") : Array("    ####")
    }

    private static var isUTF8: Bool {
        for name in ["LC_ALL", "LC_CTYPE", "LANG"] {
            guard let value = System.environment(name), !value.isEmpty else { continue }
            let upper = value.uppercased()
            return upper.hasSuffix("UTF-8") || upper.hasSuffix("UTF8")
        }
        return false
    }

    var lines: [String] {
        let steps = marks.count - 1
        var lines: [String] = []
        for row in (0..<TerminalChart.height).reversed() {
            let label = row == TerminalChart.height - 1 ? Format.bytes(most) : ""
            var line = Format.right(label, TerminalChart.axisWidth) + " |"
            for column in columns {
                let full = Double(column) / Double(most) * Double(TerminalChart.height * steps)
                // What is there shows.
                let filled = max(Int(full.rounded()), column > 0 ? 1 : 0) - row * steps
                line.append(marks[min(max(0, filled), steps)])
            }
            while line.last == " " { line.removeLast() }
            lines.append(line)
        }
        let axis = String(repeating: "-", count: TerminalChart.width)
        let end = Format.time(milliseconds)
        lines.append(Format.right("0", TerminalChart.axisWidth) + " +\(axis)")
        lines.append(
            Format.right("0", TerminalChart.axisWidth + 3)
                + Format.right(end, TerminalChart.width - 1))
        return lines
    }
}
