// Why there may be no record of a program, and what to do.

import Glibc

struct NoRecord {
    let text: String

    init(_ findings: Findings, _ otherVersions: Set<Int>) {
        let program = findings.command[0]
        if let version = otherVersions.first {
            text =
                "midl-memory: \(program) has another version of the library, whose records are of "
                + "form \(version); this is midl-memory \(Version.text)\n"
            return
        }
        var lines = [
            "midl-memory: \(program) (\(findings.ending.text)) made no allocation through "
                + "midl_user_allocate of libmidl_user"
        ]
        if NoRecord.isStatic(program) {
            lines.append(
                "It is statically linked, so that no library can be loaded into it. Link it with "
                    + "libmidl_user.a, which has the diagnostics inside.")
        } else {
            lines.append(
                "A program that defines the pair itself, or has it in a static library, keeps its own: "
                    + "link it with -lmidl_user.")
            lines.append(
                "Programs with others' rights (set-user-ID) load nothing; the child of a fork has no "
                    + "record until it executes a program.")
        }
        text = lines.joined(separator: "\n  ") + "\n"
    }

    /// Whether an ELF file has no interpreter.
    private static func isStatic(_ program: String) -> Bool {
        guard let path = find(program) else { return false }
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { close(file) }
        var header = Elf64_Ehdr()
        let byteCount = MemoryLayout<Elf64_Ehdr>.size
        guard unsafe read(file, &header, byteCount) == byteCount,
            header.e_ident.0 == 0x7F, header.e_ident.1 == 0x45, header.e_ident.2 == 0x4C,
            header.e_ident.3 == 0x46, Int32(header.e_ident.4) == ELFCLASS64
        else { return false }
        for index in 0..<Int(header.e_phnum) {
            var segment = Elf64_Phdr()
            let offset = Int(header.e_phoff) + index * Int(header.e_phentsize)
            let size = MemoryLayout<Elf64_Phdr>.size
            guard unsafe pread(file, &segment, size, offset) == size else { return false }
            if segment.p_type == UInt32(PT_INTERP) { return false }
        }
        return true
    }

    /// The file that is run by a name.
    private static func find(_ program: String) -> String? {
        if program.contains("/") { return program }
        let path = System.environment("PATH") ?? "/usr/local/bin:/usr/bin:/bin"
        return path.split(separator: ":").map { "\($0)/\(program)" }.first(where: System.exists)
    }
}
