// The program that is run: started, waited for, and ended like.
//
// The terminal sends its signals to the program as well. Those that somebody sends to
// this process alone are passed on. All of them are taken one by one, with a time limit
// (sigtimedwait), so that nothing runs in a handler.

import Glibc

/// How a program ended.
enum Ending {
    case exit(Int32)
    case signal(Int32)

    var text: String {
        switch self {
        case .exit(let status): return "exit status \(status)"
        case .signal(let number):
            return unsafe "signal \(number) (\(String(cString: strsignal(number))))"
        }
    }
}

final class Child {
    private let process: pid_t

    private static let awaited: [Int32] = [SIGCHLD, SIGINT, SIGQUIT, SIGTERM, SIGHUP]

    /// Starts the program whose name is the tool's own argument with an index; the arguments go on
    /// as the bytes that they are.
    init(_ name: String, argumentIndex: Int) throws(Failure) {
        var mask = Child.awaitedSet, before = sigset_t()
        signal(SIGCHLD, SIG_DFL)
        unsafe sigprocmask(SIG_BLOCK, &mask, &before)
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        unsafe posix_spawnattr_setsigmask(&attributes, &before)
        let arguments = unsafe CommandLine.unsafeArgv + argumentIndex
        var process: pid_t = 0
        let error = unsafe posix_spawnp(
            &process, arguments[0]!, nil, &attributes, arguments, environ)
        guard error == 0 else {
            let isMissing = error == ENOENT || error == ENOTDIR
            throw Failure(
                message: unsafe "\(name): \(String(cString: strerror(error)))",
                status: isMissing ? Failure.notFound : Failure.notRunnable)
        }
        self.process = process
    }

    private static var awaitedSet: sigset_t {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for number in awaited { unsafe sigaddset(&set, number) }
        return set
    }

    /// Waits for the end for some milliseconds; nil when the program goes on.
    func wait(milliseconds: Int) -> Ending? {
        var set = Child.awaitedSet, information = unsafe siginfo_t()
        var limit = timespec(
            tv_sec: milliseconds / 1000, tv_nsec: milliseconds % 1000 * 1_000_000)
        let number = unsafe sigtimedwait(&set, &information, &limit)
        // Above 0 it is the system's own, which sends to all that are concerned.
        if number > 0 && number != SIGCHLD, unsafe information.si_code <= 0 {
            kill(process, number)
        }
        var status: Int32 = 0
        guard unsafe waitpid(process, &status, WNOHANG) == process else { return nil }
        return status & 0x7F == 0 ? .exit(status >> 8 & 0xFF) : .signal(status & 0x7F)
    }

    /// Ends this process in the same way; without a core file of its own.
    static func end(like ending: Ending) -> Never {
        switch ending {
        case .exit(let status): exit(status)
        case .signal(let number):
            var none = rlimit(rlim_cur: 0, rlim_max: 0), set = sigset_t()
            unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
            signal(number, SIG_DFL)
            unsafe sigemptyset(&set)
            unsafe sigprocmask(SIG_SETMASK, &set, nil)
            raise(number)
            exit(128 + number)
        }
    }
}
