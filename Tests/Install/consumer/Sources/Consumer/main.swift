// What the public Swift declarations promise to a program that has nothing else of this package.
import MIDLMemory

func countInEnvironment() throws(RPCError) -> Int {
    try RPCEnvironment.withEnvironment { environment throws(RPCError) in
        let name = try environment.allocateCString("printer")
        let ports = try environment.allocateArray([9100, 9101] as [UInt16])
        return Int(name[0]) + ports.count
    }
}

guard try countInEnvironment() == 112 + 2 else { fatalError("an environment has what was put in") }
let block = try StubBlock(byteCount: 100)
guard block.byteCount >= 100 else { fatalError("a block has what was asked for") }
guard try RPCEnvironment.withCurrent({ environment in environment.handle }) == nil
else { fatalError("without an environment there is no current one") }
print("0 failures")
