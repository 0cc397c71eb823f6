// Samples over time, a bounded number: when there are too many, every two neighbours
// become one, and from then on each stands for twice the time.

struct Sample {
    /// Since the start of the process.
    var milliseconds: Double
    var liveByteCount: Int
    /// In slabs, large blocks and chunks.
    var usedByteCount: Int
}

struct Series {
    /// Nothing is allocated when the record is made.
    private(set) var samples = [Sample(milliseconds: 0, liveByteCount: 0, usedByteCount: 0)]
    /// How many looks there were.
    private(set) var lookCount = 0
    /// Milliseconds that a sample stands for, the last one from a moment on.
    private(set) var spacing: Double
    private var lastStart = 0.0

    private static let limit = 1024

    init(spacing: Int) { self.spacing = Double(spacing) }

    /// Of several looks that are one sample, the one with the most live bytes stays.
    mutating func add(_ sample: Sample) {
        lookCount += 1
        if sample.milliseconds - lastStart < spacing && samples.count > 1 {
            samples[samples.count - 1] = Series.larger(samples[samples.count - 1], sample)
            return
        }
        if samples.count == Series.limit { thin() }
        samples.append(sample)
        lastStart = sample.milliseconds
    }

    private mutating func thin() {
        samples = stride(from: 0, to: samples.count, by: 2).map { index in
            Series.larger(samples[index], samples[min(index + 1, samples.count - 1)])
        }
        spacing *= 2
    }

    private static func larger(_ first: Sample, _ second: Sample) -> Sample {
        first.liveByteCount >= second.liveByteCount ? first : second
    }

    var milliseconds: Double { samples.last?.milliseconds ?? 0 }
}
