// The records of a run, looked at while it goes on.

import Glibc

struct Watch {
    private let directory: String
    private var files: [(file: RecordFile, series: Series)] = []
    private var seen: Set<String> = []
    /// Records that were made by another version of the library.
    private(set) var otherVersions: Set<Int> = []

    private let fixedInterval: Int?
    private static let longestInterval = 1000

    init(_ directory: String, interval: Int?) {
        self.directory = directory
        fixedInterval = interval
    }

    /// Milliseconds to the next look: as many as a sample stands for, up to a limit.
    var interval: Int {
        if let interval = fixedInterval { return interval }
        let least = files.map(\.series.spacing).min() ?? 1
        return min(Int(least), Watch.longestInterval)
    }

    mutating func look() {
        find()
        let now = System.milliseconds
        for index in files.indices {
            let file = files[index].file
            files[index].series.add(
                Sample(
                    milliseconds: max(0, now - file.start), liveByteCount: file.liveByteCount,
                    usedByteCount: file.usedByteCount))
            file.request()
        }
    }

    private mutating func find() {
        for name in System.names(in: directory) where !seen.contains(name) {
            // Links to libraries are there as well.
            guard name.allSatisfy({ $0.isNumber || $0 == "-" }) else { continue }
            switch RecordFile.open("\(directory)/\(name)") {
            case .opened(let file): files.append((file, Series(spacing: fixedInterval ?? 1)))
            case .otherVersion(let version): otherVersions.insert(version)
            case .notReady: continue
            }
            seen.insert(name)
        }
    }

    /// What was recorded of each process, the one with the most allocations first.
    var findings: [ProcessFindings] {
        files.map { $0.file.read($0.series) }
            .sorted { $0.all.allocationCount > $1.all.allocationCount }
    }
}
