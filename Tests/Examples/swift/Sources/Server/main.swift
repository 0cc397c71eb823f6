// What a manager routine in Swift does: builds a list for the reply, in the call's environment; and
// what a client does with a block that its stub returned.

import MIDLMemory

struct Entry: BitwiseCopyable {
    var name: UnsafeMutablePointer<CChar>
    var number: Int32
    var next: UnsafeMutablePointer<Entry>?
}

func makeList(
    _ book: [(String, Int32)], in environment: borrowing RPCEnvironment
) throws(RPCError) -> UnsafeMutablePointer<Entry>? {
    var head: UnsafeMutablePointer<Entry>?
    for (name, number) in book.reversed() {
        let copy = try environment.allocateCString(name)
        head = try environment.allocate(Entry(name: copy, number: number, next: head))
    }
    return head
}

try RPCEnvironment.withEnvironment { environment throws(RPCError) in
    var entry = try makeList([("Ada", 1815), ("Grace", 1906)], in: environment)
    while let each = entry?.pointee {
        print(String(cString: each.name), each.number)
        entry = each.next
    }
}  // the list is gone

do {
    try RPCEnvironment.withEnvironment { environment throws(RPCError) in
        _ = try environment.allocate(byteCount: .max)
    }
} catch {
    print("status \(error.status)")
}

/// A block of the pair on its way: to a stub, which frees it, and from one.
func handOver() throws(RPCError) -> UnsafeMutableRawPointer {
    let block = try StubBlock(byteCount: 100)
    block.withBytes { $0.storeBytes(of: 42, as: Int32.self) }
    return block.handOver()
}

let returned = StubBlock(takingOver: try handOver())
print(returned.withBytes { $0.load(as: Int32.self) })
