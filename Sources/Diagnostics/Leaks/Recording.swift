enum Recording {
    static func frames(ofBlockAt address: UInt) -> (start: UInt, count: Int) { (0, 0) }
}
