// The record of a process (midl_record.h), mapped: read while the process goes on.

import Glibc
import MIDLPlatform

@safe final class RecordFile {
    private let record: UnsafeMutablePointer<midl_record>

    enum Opening {
        case opened(RecordFile)
        /// The process has not finished making it.
        case notReady
        case otherVersion(Int)
    }

    static func open(_ path: String) -> Opening {
        let file = unsafe Glibc.open(path, O_RDWR | O_CLOEXEC)
        guard file >= 0 else { return .notReady }
        defer { close(file) }
        var status = stat()
        guard unsafe fstat(file, &status) == 0, status.st_size >= midl_record_byte_count(),
            let memory = unsafe mmap(
                nil, midl_record_byte_count(), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0),
            unsafe memory != MAP_FAILED
        else { return .notReady }
        let record = unsafe memory.assumingMemoryBound(to: midl_record.self)
        let version = unsafe Int(record.pointee.version)
        if version == Int(MIDL_RECORD_VERSION) { return .opened(unsafe RecordFile(record)) }
        unsafe munmap(memory, midl_record_byte_count())
        return version == 0 ? .notReady : .otherVersion(version)
    }

    private init(_ record: UnsafeMutablePointer<midl_record>) { unsafe self.record = record }

    deinit { unsafe munmap(record, midl_record_byte_count()) }

    // MARK: While the process goes on

    var process: Int { unsafe Int(record.pointee.process) }

    /// Of the clock of System.milliseconds.
    var start: Double { unsafe Double(record.pointee.start_nanoseconds) / 1_000_000 }

    var liveByteCount: Int { unsafe max(0, record.pointee.all.live_byte_count) }

    /// As the process gave it when it was last asked.
    var usedByteCount: Int { unsafe record.pointee.used_byte_count }

    /// Asks for the heap's figures.
    func request() { unsafe record.pointee.requested &+= 1 }

    // MARK: At the end

    func read(_ samples: Series) -> ProcessFindings {
        var findings = ProcessFindings(
            process: process, program: unsafe String(cString: midl_record_program(record)),
            all: Counts(unsafe record.pointee.all), samples: samples)
        findings.peakUsedByteCount = unsafe record.pointee.peak_used_byte_count
        findings.returnedByteCount = unsafe record.pointee.returned_byte_count
        findings.orphans =
            switch unsafe record.pointee.orphans {
            case Int(MIDL_ORPHANS_COUNTED.rawValue): .counted
            case Int(MIDL_ORPHANS_FAILED.rawValue): .failed
            default: .notCounted
            }
        for index in 0..<Int(MIDL_RECORD_CLASS_LIMIT) {
            let counts = Counts(unsafe midl_record_class(record, index).pointee)
            if counts.allocationCount == 0 { continue }
            findings.classes.append(SizeClass(blockByteCount: index * 16, counts: counts))
        }
        // Large blocks last.
        if let first = findings.classes.first, first.isLarge {
            findings.classes.append(findings.classes.removeFirst())
        }
        for index in 0...Int(MIDL_RECORD_SITE_LIMIT) {
            let site = unsafe RecordFile.site(midl_record_site(record, index))
            if site.counts.allocationCount > 0 || site.orphanBlockCount > 0 {
                findings.sites.append(site)
            }
        }
        for index in 0..<(unsafe record.pointee.module_count) {
            let module = unsafe midl_record_module(record, index)
            findings.modules.append(
                unsafe Module(
                    start: module.pointee.start, end: module.pointee.end,
                    bias: module.pointee.bias, path: String(cString: midl_record_path(module))))
        }
        if unsafe record.pointee.has_misuse != 0 {
            let site = unsafe RecordFile.site(midl_record_misuse(record))
            findings.misuse = (unsafe record.pointee.misused_pointer, site.frames)
        }
        findings.text = unsafe String(
            decoding: UnsafeRawBufferPointer(
                start: midl_record_text(record), count: record.pointee.text_byte_count),
            as: UTF8.self)
        return findings
    }

    private static func site(_ site: UnsafeMutablePointer<midl_record_site>) -> Site {
        let frames = unsafe midl_record_frames(site)
        let count = unsafe min(site.pointee.frame_count, Int(MIDL_RECORD_FRAME_LIMIT))
        return unsafe Site(
            counts: Counts(site.pointee.counts),
            orphanBlockCount: site.pointee.orphan_block_count,
            orphanByteCount: site.pointee.orphan_byte_count,
            frames: (0..<count).map { unsafe frames[$0] })
    }
}

extension Counts {
    fileprivate init(_ counts: midl_record_counts) {
        self.init(
            allocationCount: counts.allocation_count,
            allocatedByteCount: counts.allocated_byte_count,
            // A block that was made before the record was, and freed after, counts as -1.
            liveBlockCount: max(0, counts.live_block_count),
            liveByteCount: max(0, counts.live_byte_count),
            peakBlockCount: counts.peak_block_count, peakByteCount: counts.peak_byte_count)
    }
}
