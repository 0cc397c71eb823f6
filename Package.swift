// swift-tools-version: 6.2
// Dependencies point one way: Shim -> MIDLMemory (entry points -> heap) -> Platform; the diagnostics
// reach the heap by a table of functions (Sources/Shim/include/midl_core.h).
// The Makefile builds the same sources as Embedded Swift for the C libraries.

import PackageDescription

let package = Package(
    name: "midl_user",
    products: [
        .library(name: "MIDLMemory", targets: ["MIDLMemory"]),
        // What MIDL_MEMORY asks for. A program that links it has its diagnostics inside.
        .library(name: "MIDLDiagnostics", targets: ["MIDLDiagnostics"]),
    ],
    targets: [
        // The public C headers.
        .target(name: "CMIDL", path: "Include", publicHeadersPath: "."),
        // System calls, locks, thread-locals, the end of the program.
        .target(name: "MIDLPlatform", path: "Sources/Platform"),
        // The C functions that programs link, and the prototypes of what they call in Swift.
        .target(
            name: "MIDLShim", dependencies: ["CMIDL", "MIDLPlatform"], path: "Sources/Shim"),
        .target(
            name: "MIDLMemory", dependencies: ["MIDLShim", "MIDLPlatform"],
            swiftSettings: [.strictMemorySafety(), .treatAllWarnings(as: .error)]),
        .target(
            name: "MIDLDiagnostics", dependencies: ["MIDLShim", "MIDLPlatform"],
            path: "Sources/Diagnostics", exclude: ["exports.map"],
            swiftSettings: [.strictMemorySafety(), .treatAllWarnings(as: .error)]),
        .testTarget(
            name: "MIDLMemoryTests",
            dependencies: ["MIDLMemory", "MIDLDiagnostics", "CMIDL", "MIDLPlatform"],
            swiftSettings: [.treatAllWarnings(as: .error)]),
    ]
)
