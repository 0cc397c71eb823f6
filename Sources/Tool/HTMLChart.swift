// Live bytes and pages in use over time, as a drawing.

struct HTMLChart {
    private let series: Series
    /// Most live bytes at any time, also between two looks.
    private let most: Int
    private let limit: Int
    private let step: Int
    private let milliseconds: Double

    private static let width = 960.0, height = 280.0
    private static let left = 76.0, right = 12.0, top = 12.0, bottom = 30.0

    init(_ series: Series, most: Int) {
        self.series = series
        self.most = most
        let largest = max(most, series.samples.map(\.usedByteCount).max() ?? 0, 1)
        (step, limit) = HTMLChart.scale(largest)
        milliseconds = max(series.milliseconds, 0.001)
    }

    /// A round step, in the unit that it is written in, and a multiple of it that has room for all.
    private static func scale(_ largest: Int) -> (step: Int, limit: Int) {
        // Format writes bytes below 10,000.
        var unit = 1
        while largest >= unit * 10000 { unit *= 1024 }
        var step = unit
        var factors = [2, 5, 10]
        while largest > step * 5 {
            step = step / (factors[0] == 2 ? 1 : factors[0] == 5 ? 2 : 5) * factors[0]
            factors.append(factors.removeFirst())
        }
        return (step, (largest + step - 1) / step * step)
    }

    private func x(_ milliseconds: Double) -> Double {
        HTMLChart.left + milliseconds / self.milliseconds
            * (HTMLChart.width - HTMLChart.left - HTMLChart.right)
    }

    private func y(_ byteCount: Int) -> Double {
        let height = HTMLChart.height - HTMLChart.top - HTMLChart.bottom
        return HTMLChart.height - HTMLChart.bottom - Double(byteCount) / Double(limit) * height
    }

    private static func number(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }

    private func points(_ figure: (Sample) -> Int) -> [String] {
        series.samples.map {
            HTMLChart.number(x($0.milliseconds)) + "," + HTMLChart.number(y(figure($0)))
        }
    }

    var text: String {
        let base = HTMLChart.number(HTMLChart.height - HTMLChart.bottom)
        var text =
            "<svg viewBox=\"0 0 \(Int(HTMLChart.width)) \(Int(HTMLChart.height))\" role=\"img\" "
            + "aria-label=\"Live bytes over time\">\n"
        for byteCount in stride(from: 0, through: limit, by: step) {
            text += line("grid", y(byteCount))
            text += label(HTMLChart.left - 8, y(byteCount) + 4, "end", HTMLChart.tick(byteCount))
        }
        for index in 0...4 {
            let time = milliseconds * Double(index) / 4
            let anchor = index == 0 ? "start" : index == 4 ? "end" : "middle"
            text += label(x(time), HTMLChart.height - 10, anchor, Format.time(time))
        }
        if most > 0 { text += line("peak", y(most)) }
        let live = points(\.liveByteCount)
        if let first = series.samples.first, let last = series.samples.last {
            text +=
                "<polygon class=\"area\" points=\"\(HTMLChart.number(x(first.milliseconds))),\(base) "
                + live.joined(separator: " ")
                + " \(HTMLChart.number(x(last.milliseconds))),\(base)\"/>\n"
        }
        text += HTMLChart.polyline("used", points(\.usedByteCount))
        text += HTMLChart.polyline("live", live)
        return text + "</svg>\n"
    }

    private static func polyline(_ kind: String, _ points: [String]) -> String {
        "<polyline class=\"\(kind)\" points=\"\(points.joined(separator: " "))\"/>\n"
    }

    private static func tick(_ byteCount: Int) -> String {
        byteCount == 0 ? "0" : Format.bytes(byteCount)
    }

    private func line(_ kind: String, _ y: Double) -> String {
        "<line class=\"\(kind)\" x1=\"\(HTMLChart.number(HTMLChart.left))\" "
            + "x2=\"\(HTMLChart.number(HTMLChart.width - HTMLChart.right))\" "
            + "y1=\"\(HTMLChart.number(y))\" y2=\"\(HTMLChart.number(y))\"/>\n"
    }

    private func label(_ x: Double, _ y: Double, _ anchor: String, _ text: String) -> String {
        "<text x=\"\(HTMLChart.number(x))\" y=\"\(HTMLChart.number(y))\" "
            + "text-anchor=\"\(anchor)\">\(text.escaped)</text>\n"
    }
}
