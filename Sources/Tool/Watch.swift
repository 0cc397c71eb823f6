// The records of a run, looked at while it goes on.

import Glibc

struct Watch {
    private let directory: String
    private var files: [(file: RecordFile, series: Series)] = []
    private var seen: Set<String> = []
    /// Records that were made by another version of the library.
    private(set) var otherVersions: Set<Int> = []

    /// Milliseconds from one look to the next.
    private(set) var interval: Int
    private let isFixed: Bool
    private var lookCount = 0
    private static let longestInterval = 1000

    init(_ directory: String, interval: Int?) {
        self.directory = directory
        self.interval = interval ?? 1
        isFixed = interval != nil
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
        lookCount += 1
        // As often as the samples are thinned.
        if !isFixed && lookCount % Series.limit == 0 {
            interval = min(interval * 2, Watch.longestInterval)
        }
    }

    private mutating func find() {
        for name in System.names(in: directory) where !seen.contains(name) {
            // Links to libraries are there as well.
            guard name.allSatisfy({ $0.isNumber || $0 == "-" }) else { continue }
            switch RecordFile.open("\(directory)/\(name)") {
            case .opened(let file): files.append((file, Series()))
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
