// Real threads, what they hand one another, and a system that refuses memory.

import XCTest

private final class Job {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

/// Runs `body` on `count` threads and waits until all have ended, their end handlers included,
/// which `Thread` cannot.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    let threads = (0..<count).map { index in
        var thread = pthread_t()
        let job = Unmanaged.passRetained(Job { body(index) })
        let error = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Job>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, job.toOpaque())
        precondition(error == 0)
        return thread
    }
    for thread in threads { pthread_join(thread, nil) }
}

/// Bytes of address space that the process uses, as the system counts them against the limit.
func addressSpaceInUse() throws -> Int {
    let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
    let first = try XCTUnwrap(text.split(separator: " ").first.flatMap { Int($0) })
    return first * 4096
}

/// Runs `body` under a limit on the address space. `body` must do nothing but what is tested:
/// whatever else needs memory in it fails as well.
func withAddressSpaceLimit<Result>(_ byteCount: Int, _ body: () -> Result) -> Result {
    var former = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &former)
    var limited = former
    limited.rlim_cur = rlim_t(byteCount)
    setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limited)
    defer { setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &former) }
    return body()
}

/// Blocks on their way to threads. Under a lock of the system: the thread sanitizer does not see
/// what Swift's own `Mutex` orders.
final class Mailboxes: @unchecked Sendable {
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private var blocks: [[UInt]]
    private var isClosed = false

    init(_ count: Int) {
        lock = .allocate(capacity: 1)
        pthread_mutex_init(lock, nil)
        blocks = Array(repeating: [], count: count)
    }

    deinit {
        pthread_mutex_destroy(lock)
        lock.deallocate()
    }

    private func locked<Result>(_ body: () -> Result) -> Result {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return body()
    }

    func put(_ block: UInt, for thread: Int) { locked { blocks[thread].append(block) } }

    func take(for thread: Int) -> UInt? { locked { blocks[thread].popLast() } }

    func count(for thread: Int) -> Int { locked { blocks[thread].count } }

    func close() { locked { isClosed = true } }

    /// nil when the mailboxes are closed and this one is empty.
    func waitAndTake(for thread: Int) -> UInt? {
        while true {
            let (block, isLast) = locked { (blocks[thread].popLast(), isClosed) }
            if block != nil || isLast { return block }
            sched_yield()
        }
    }
}

/// Expects that `body` ends the program, in a child of this process, with the signal that follows
/// the message.
func expectStop(
    _ body: () -> Void, after preparation: () -> Void, file: StaticString = #filePath,
    line: UInt = #line
) {
    // Swift does not offer it: a child may not do much. This one does little.
    typealias Fork = @convention(c) () -> pid_t
    guard let symbol = dlsym(nil, "fork") else { return XCTFail("no fork", file: file, line: line) }
    let child = unsafeBitCast(symbol, to: Fork.self)()
    if child == 0 {
        // Quietly, and without a core.
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        dup2(open("/dev/null", O_WRONLY), STDERR_FILENO)
        signal(SIGABRT, SIG_DFL)
        preparation()
        body()
        _exit(0)
    }
    var status: Int32 = 0
    waitpid(child, &status, 0)
    XCTAssertEqual(status & 0x7F, SIGABRT, "status \(status)", file: file, line: line)
}
