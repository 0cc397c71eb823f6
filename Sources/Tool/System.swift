// Calls to the system that more than one part of the tool makes.

import Glibc
import MIDLPlatform

enum System {
    /// Of the last call that failed.
    static var errorText: String { unsafe String(cString: strerror(errno)) }

    /// Writes all of a text; what cannot be written is lost.
    static func print(_ text: String, to file: Int32) { _ = write(text, to: file) }

    /// False, and errno says why, when not all of it could be written.
    static func write(_ text: String, to file: Int32) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            var written = 0
            while written < bytes.count {
                let count = unsafe Glibc.write(
                    file, bytes.baseAddress! + written, bytes.count - written)
                if count < 0 && errno == EINTR { continue }
                if count <= 0 { return false }
                written += count
            }
            return true
        }
    }

    static var milliseconds: Double {
        var now = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &now)
        return Double(now.tv_sec) * 1000 + Double(now.tv_nsec) / 1_000_000
    }

    static func environment(_ name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }

    static func exists(_ path: String) -> Bool { unsafe access(path, R_OK) == 0 }

    /// The path of this program.
    static var ownPath: String {
        var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = unsafe readlink("/proc/self/exe", &bytes, bytes.count)
        return text(bytes.prefix(max(0, count)))
    }

    static func text(_ characters: ArraySlice<CChar>) -> String {
        String(decoding: characters.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// The names in a directory, without those that begin with a dot; none when it cannot be read.
    static func names(in directory: String) -> [String] {
        guard let stream = unsafe opendir(directory) else { return [] }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
                unsafe String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    /// An absolute path without links; nil when there is no such file.
    static func realPath(_ path: String) -> String? {
        guard let real = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(real) }
        return unsafe String(cString: real)
    }
}

/// A directory for files of one run, which goes with it.
final class ScratchDirectory {
    let path: String

    /// Its path has no comma, colon or blank, which separate names in the environment.
    init() throws(Failure) {
        var parent = System.environment("TMPDIR") ?? "/tmp"
        if parent.isEmpty || parent.contains(where: { ",: \n\t".contains($0) })
            || !parent.hasPrefix("/")
        {
            parent = "/tmp"
        }
        var template = Array("\(parent)/midl-memory.XXXXXX".utf8CString)
        guard unsafe mkdtemp(&template) != nil else {
            throw Failure(message: "\(parent): no directory can be made there: \(System.errorText)")
        }
        path = System.text(template.dropLast())
    }

    func remove() {
        for name in System.names(in: path) { unsafe unlink("\(path)/\(name)") }
        unsafe rmdir(path)
    }
}
