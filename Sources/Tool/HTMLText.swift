// Text of HTML: what comes from outside is escaped.

extension String {
    /// As the text of an element or the value of an attribute.
    var escaped: String {
        var text = ""
        for scalar in unicodeScalars {
            switch scalar {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "\"": text += "&quot;"
            case "'": text += "&#39;"
            case "\t", "\n": text.unicodeScalars.append(scalar)
            default:
                // No page may have these.
                let isNone =
                    scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
                    || scalar.value & 0xFFFE == 0xFFFE
                text.unicodeScalars.append(isNone ? "\u{FFFD}" : scalar)
            }
        }
        return text
    }
}

enum HTML {
    static func row(_ cells: [String], _ element: String = "td") -> String {
        "<tr>" + cells.map { "<\(element)>\($0)</\(element)>" }.joined() + "</tr>\n"
    }
}
