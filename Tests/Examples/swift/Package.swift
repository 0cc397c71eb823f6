// swift-tools-version: 6.2
// A Swift program that depends on this package by its path.

import PackageDescription

let package = Package(
    name: "Server",
    dependencies: [.package(name: "midl_user", path: "../../..")],
    targets: [
        .executableTarget(
            name: "Server", dependencies: [.product(name: "MIDLMemory", package: "midl_user")])
    ]
)
