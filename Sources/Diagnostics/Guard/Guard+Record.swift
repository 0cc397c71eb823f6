// Guarded blocks in the record of the process: outside of the guard's lock, since the
// heap's is taken.

extension Guard {
    static func recordMade(_ address: UInt) {
        if let block = recordedBlock(at: address) {
            Record.made(byteCount: block.byteCount, block.allocationStack)
        }
    }

    /// Before a block is freed; nothing for what is none, of which the guard has its own report.
    static func recordFreed(_ address: UInt) {
        if let block = recordedBlock(at: address) {
            Record.freed(byteCount: block.byteCount, block.allocationStack)
        }
    }

    private static func recordedBlock(at address: UInt) -> GuardRecord? {
        unsafe Diagnostics.settings.records ? liveRecord(at: address)?.pointee : nil
    }
}
