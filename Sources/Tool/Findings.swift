// What a run has shown: values alone, for the reports.

/// Blocks of one kind.
struct Counts {
    var allocationCount = 0
    var allocatedByteCount = 0
    /// When it was read last.
    var liveBlockCount = 0
    var liveByteCount = 0
    /// Most of these at any time.
    var peakBlockCount = 0
    var peakByteCount = 0

    mutating func join(_ other: Counts) {
        allocationCount += other.allocationCount
        allocatedByteCount += other.allocatedByteCount
        liveBlockCount += other.liveBlockCount
        liveByteCount += other.liveByteCount
        peakBlockCount += other.peakBlockCount
        peakByteCount += other.peakByteCount
    }
}

struct SizeClass {
    /// 0 for those of blocks above 32 KiB.
    let blockByteCount: Int
    let counts: Counts

    var isLarge: Bool { blockByteCount == 0 }
}

/// What one stack of calls has allocated.
struct Site {
    private(set) var counts: Counts
    private(set) var orphanBlockCount: Int
    private(set) var orphanByteCount: Int
    /// Return addresses, the innermost first; empty when they are not known.
    let frames: [UInt]

    /// Another way through the library to the same calls: the first block of a thread has one of its
    /// own. The peaks are added up, so that they are blocks too large at most by these.
    mutating func join(_ other: Site) {
        counts.join(other.counts)
        orphanBlockCount += other.orphanBlockCount
        orphanByteCount += other.orphanByteCount
    }
}

/// A file that code is loaded from.
struct Module {
    let start, end, bias: UInt
    let path: String
}

struct ProcessFindings {
    enum Orphans { case notCounted, counted, failed }

    let process: Int
    /// The path of what it runs.
    let program: String
    let all: Counts
    let samples: Series
    var peakUsedByteCount = 0
    var returnedByteCount = 0
    var classes: [SizeClass] = []
    var sites: [Site] = []
    var modules: [Module] = []
    var orphans = Orphans.notCounted
    /// A pointer that was passed to free and was no live block, and who did.
    var misuse: (pointer: UInt, frames: [UInt])?
    /// What the diagnostics printed.
    var text = ""

    init(process: Int, program: String, all: Counts, samples: Series) {
        self.process = process
        self.program = program
        self.all = all
        self.samples = samples
    }
}

struct Findings {
    let command: [String]
    let options: Options
    let ending: Ending
    let milliseconds: Double
    /// The process with the most allocations; nil when none has a record.
    let main: ProcessFindings?
    let others: [ProcessFindings]
    let symbols: Symbolizer
    private let sites: [Site]

    init(
        _ options: Options, _ ending: Ending, milliseconds: Double, _ processes: [ProcessFindings]
    ) {
        command = options.program
        self.options = options
        self.ending = ending
        self.milliseconds = milliseconds
        main = processes.first
        others = Array(processes.dropFirst())
        symbols = Symbolizer(processes.first)
        var sites: [[UInt]: Site] = [:]
        for site in processes.first?.sites ?? [] {
            let frames = symbols.withoutLibrary(site.frames)
            if sites[frames]?.join(site) == nil { sites[frames] = site }
        }
        self.sites = Array(sites.values)
    }

    /// Sites by a figure, the largest first, without those where it is 0.
    func sites(by figure: (Site) -> Int) -> [Site] {
        sites.filter { figure($0) > 0 }.sorted {
            // The order of equal ones is the same in every run.
            (figure($0), $0.counts.allocationCount, $0.frames.first ?? 0)
                > (figure($1), $1.counts.allocationCount, $1.frames.first ?? 0)
        }
    }
}
