// The file of a report: it is opened before the program runs, and written after.

import Glibc

struct OutputFile {
    let path: String
    private let file: Int32

    init(_ path: String) throws(Failure) {
        self.path = path
        file = unsafe open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o666)
        guard file >= 0 else { throw Failure(message: "\(path): \(System.errorText)") }
    }

    /// Puts a text in the place of what is there; what went wrong, if anything did.
    func write(_ text: String) -> String? {
        // Of a pipe or a terminal nothing needs to go.
        ftruncate(file, 0)
        let isWritten = System.write(text, to: file)
        let error = System.errorText
        if isWritten && close(file) == 0 { return nil }
        return isWritten ? System.errorText : error
    }

    /// As it was: when the program could not be run.
    func leave() {
        var status = stat()
        let isEmpty = unsafe fstat(file, &status) == 0 && status.st_size == 0
        close(file)
        if isEmpty && status.st_mode & S_IFMT == S_IFREG { unsafe unlink(path) }
    }
}
