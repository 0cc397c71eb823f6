// Where a report goes, and in what form.

import MIDLPlatform

struct ReportOutput {
    enum Form { case text, json, record }

    let form: Form
    /// The path of a file to append to; empty for `file`.
    private var path = Text.empty
    private let file: Int32

    static let standardError = ReportOutput(.text, 2)
    /// What is said besides goes to standard error.
    static let record = ReportOutput(.record, 2)

    private init(_ form: Form, _ file: Int32) {
        self.form = form
        self.file = file
    }

    /// Text, to an open file.
    init(to file: Int32) { self.init(.text, file) }

    /// What "json" or "json:FILE" says; nil for anything else.
    init?(json argument: Text) {
        let (word, path) = argument.split(at: 0x3A)
        guard word == "json" else { return nil }
        self.init(.json, 2)
        self.path = path ?? .empty
    }

    /// Calls `body` with the file; a line about `title` is printed, and the result is -1, when it
    /// cannot be opened.
    func withFile(_ title: StaticString, _ body: (Int32) -> Int) -> Int {
        if path.isEmpty { return body(file) }
        let number = unsafe midl_append_to(pointer(path.start), path.byteCount)
        if number < 0 { return complain(title, "its file cannot be opened") }
        defer { midl_close_file(number) }
        return body(number)
    }

    /// Prints a line instead of a report, where nobody takes it for one; -1.
    func complain(_ title: StaticString, _ cause: StaticString) -> Int {
        var report = Report(to: file)
        report.add("libmidl_user: ")
        report.add(title)
        report.add(": ")
        report.add(cause)
        report.endLine()
        return -1
    }
}
