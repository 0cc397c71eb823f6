// swift-tools-version: 6.2
// A package of somebody else. The test puts it into the build directory and writes the path.

import PackageDescription

let package = Package(
    name: "consumer",
    dependencies: [.package(name: "midl_user", path: "@MIDL_USER@")],
    targets: [
        .executableTarget(
            name: "Consumer", dependencies: [.product(name: "MIDLMemory", package: "midl_user")])
    ]
)
