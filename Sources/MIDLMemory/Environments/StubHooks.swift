// What generated server stubs call on entry and exit: NdrRpcSsEnableAllocate and
// NdrRpcSsDisableAllocate. Each call has an environment of its own, also when
// calls nest on one thread, and the thread's environment before it comes back
// however the call was left.

/// What an environment made by a stub remembers of the stub's message.
struct StubCall {
    /// The message's address; 0 when a stub did not make the environment.
    var message: UInt = 0
    /// The pair that the message held.
    var allocate: UInt = 0
    var free: UInt = 0
}

extension ThreadCache {
    /// Establishes an environment for a call.
    func enterStub(_ call: StubCall) -> RPCStatus {
        guard let environment = establish() else { return .outOfMemory }
        unsafe environment.record.pointee.isMadeByStub = true
        unsafe environment.record.pointee.isPlain = false
        unsafe environment.record.pointee.stub = call
        return .ok
    }

    /// Releases the environment of a call, and those made after it on the thread that were never
    /// left: an exception went past them. Returns what the message held; nil when the message has
    /// no environment on this thread.
    func leaveStub(message: UInt) -> StubCall? {
        guard let environment = environmentOfStub(message: message) else { return nil }
        let call = unsafe environment.record.pointee.stub
        while case let newest = unsafe Environment(at: record.pointee.package.environments),
            newest != environment
        {
            end(newest)
        }
        restoreSlot(before: environment)
        end(environment)
        return call
    }

    private func environmentOfStub(message: UInt) -> Environment? {
        var cursor = unsafe record.pointee.package.environments
        while cursor != 0 {
            let environment = Environment(at: cursor)
            if unsafe environment.record.pointee.isMadeByStub
                && environment.record.pointee.stub.message == message
            {
                return environment
            }
            cursor = unsafe environment.record.pointee.nextOfThread
        }
        return nil
    }
}
