// What the program finds in its environment: the library is loaded first, and keeps a
// record.

import Glibc

enum Launch {
    /// Changes the environment of this process, which the program gets.
    static func prepare(_ options: Options, _ scratch: ScratchDirectory) throws(Failure) {
        let library = try Libraries.preloadable(Libraries.find(options), scratch)
        var choices = ["record=\(scratch.path)"]
        if options.guardPeriod == 1 { choices.append("guard") }
        if options.guardPeriod > 1 { choices.append("guard=\(options.guardPeriod)") }
        if options.findsOrphans { choices.append("orphans") }
        // What there is already stays: choices of the user's, other libraries.
        if let own = System.environment("MIDL_MEMORY"), !own.isEmpty { choices.insert(own, at: 0) }
        unsafe setenv("MIDL_MEMORY", choices.joined(separator: ","), 1)
        var libraries = library
        if let others = System.environment("LD_PRELOAD"), !others.isEmpty {
            libraries += ":\(others)"
        }
        unsafe setenv("LD_PRELOAD", libraries, 1)
    }
}
