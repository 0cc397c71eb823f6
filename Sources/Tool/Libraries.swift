// Where the library is that the program is to load first.

import Glibc

enum Libraries {
    #if arch(x86_64)
    private static let architecture = "x86_64-linux-gnu"
    #else
    private static let architecture = "aarch64-linux-gnu"
    #endif
    private static let diagnostics = "libmidl_diagnostics.so.1"

    /// The path of the library that an option names, or of the one that was installed with this
    /// program.
    static func find(_ options: Options) throws(Failure) -> String {
        if let path = options.library {
            guard let real = System.realPath(path) else {
                throw Failure(message: "\(path): \(System.errorText)")
            }
            return real
        }
        let name = options.isWinelib ? "libmidl_user_winelib.so.1" : "libmidl_user.so.1"
        let prefix = System.ownPath.split(separator: "/").dropLast(2).map { "/\($0)" }.joined()
        let lib = "\(prefix)/lib"
        let directories =
            [lib, "\(lib)/\(architecture)", "\(prefix)/lib64"]
            + System.names(in: lib).map { "\(lib)/\($0)" }
        for directory in directories where System.exists("\(directory)/\(name)") {
            return "\(directory)/\(name)"
        }
        throw Failure(message: "\(name) is not in \(lib); say where it is with --library")
    }

    /// The library by a path that can stand in LD_PRELOAD, which separates names with blanks and
    /// colons: by links in a directory of ours if need be.
    static func preloadable(_ path: String, _ scratch: ScratchDirectory) throws(Failure) -> String {
        guard path.contains(where: { ": \t\n".contains($0) }) else { return path }
        let slash = path.lastIndex(of: "/") ?? path.startIndex
        let directory = path[..<slash]
        let name = path[path.index(after: slash)...]
        for (target, link) in [(path, String(name)), ("\(directory)/\(diagnostics)", diagnostics)] {
            guard unsafe symlink(target, "\(scratch.path)/\(link)") == 0 else {
                throw Failure(message: "\(scratch.path): \(System.errorText)")
            }
        }
        return "\(scratch.path)/\(name)"
    }
}
