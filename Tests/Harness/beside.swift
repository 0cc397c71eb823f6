// The pair in an ordinary Swift program: the library carries a Swift runtime of
// its own inside, which must not meet the program's.
//
//   swift-FORM [LIBRARY]
//
// With an argument the library is opened by dlopen, otherwise it is linked.

import Glibc

typealias Allocate = @convention(c) (Int) -> UnsafeMutableRawPointer?
typealias Free = @convention(c) (UnsafeMutableRawPointer?) -> Void
typealias Size = @convention(c) (UnsafeRawPointer?) -> Int
typealias Trim = @convention(c) () -> Int

#if LINKED
let form = CommandLine.arguments[1]
let allocate: Allocate = midl_user_allocate
let free: Free = MIDL_user_free
let size: Size = midl_memory_size
let trim: Trim = midl_memory_trim
#else
let form = CommandLine.arguments[1]
guard let handle = dlopen(CommandLine.arguments[2], RTLD_NOW | RTLD_LOCAL) else {
    fatalError(String(cString: dlerror()))
}
func find<Function>(_ name: String, as type: Function.Type) -> Function {
    unsafeBitCast(dlsym(handle, name)!, to: type)
}
let allocate = find("midl_user_allocate", as: Allocate.self)
let free = find("MIDL_user_free", as: Free.self)
let size = find("midl_memory_size", as: Size.self)
let trim = find("midl_memory_trim", as: Trim.self)
#endif

/// A class with a deinitialiser, so that retain and release of the program's
/// own runtime are counted while the library runs.
final class Node {
    static var live = 0
    let name: String
    let block: UnsafeMutableRawPointer
    var next: Node?

    init(_ number: Int, next: Node?) {
        name = "node \(number) of a list that is longer than a small string"
        block = allocate(name.utf8.count)!
        self.next = next
        name.withCString { block.copyMemory(from: $0, byteCount: name.utf8.count) }
        Node.live += 1
    }

    var isIntact: Bool {
        size(block) >= name.utf8.count
            && name.withCString { memcmp(block, $0, name.utf8.count) == 0 }
    }

    deinit {
        free(block)
        Node.live -= 1
    }
}

var testCount = 0
var failed = false
func ok(_ passed: Bool, _ name: String) {
    testCount += 1
    failed = failed || !passed
    print("\(passed ? "" : "not ")ok \(testCount) - \(form): swift program: \(name)")
}

func list(of count: Int) -> Bool {
    var first: Node?
    for number in 0..<count { first = Node(number, next: first) }
    var intact = true
    var found = 0
    while let node = first {
        intact = intact && node.isIntact
        found += 1
        first = node.next
    }
    return intact && found == count
}

ok(list(of: 20_000) && Node.live == 0, "classes and strings beside blocks")

var words: [String: [Int]] = [:]
var blocks: [UnsafeMutableRawPointer] = []
for number in 0..<20_000 {
    words["word \(number % 500)", default: []].append(number)
    blocks.append(allocate(number % 700)!)
}
let sum = words.values.joined().reduce(0, +)
ok(sum == 20_000 * 19_999 / 2, "dictionaries and arrays beside blocks")
blocks.sort { UInt(bitPattern: $0) < UInt(bitPattern: $1) }
ok(Set(blocks).count == blocks.count, "closures and generics beside blocks")
blocks.forEach { free($0) }

let any: [Any] = [1, "two", 3.0, blocks.count]
ok(any.compactMap { $0 as? Int } == [1, 20_000], "existentials and casts beside blocks")

var threads = [pthread_t](repeating: pthread_t(), count: 4)
var results = [Bool](repeating: false, count: 4)
for index in 0..<4 {
    let argument = UnsafeMutableRawPointer(bitPattern: index + 1)
    pthread_create(
        &threads[index], nil,
        { argument in
            var held: [UnsafeMutableRawPointer] = []
            var text = ""
            for number in 0..<5_000 {
                text += "\(number % 10)"
                held.append(allocate(number % 3_000)!)
            }
            held.forEach { free($0) }
            return text.count == 5_000 ? argument : nil
        }, argument)
}
var joined = 0
for index in 0..<4 {
    var result: UnsafeMutableRawPointer?
    pthread_join(threads[index], &result)
    joined += result == UnsafeMutableRawPointer(bitPattern: index + 1) ? 1 : 0
}
ok(joined == 4, "threads of the program use the pair")
_ = trim()
ok(list(of: 1_000) && Node.live == 0, "and all of it again after a trim")
print("1..\(testCount)")
exit(failed ? 1 : 0)
