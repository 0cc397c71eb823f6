// From the text of MIDL_MEMORY to settings: words joined with commas, some of them with
// an argument behind "=".

extension Settings {
    /// What a text asks for; nothing, and a line is printed, when a word of it is unknown.
    init(parsing text: Text) {
        self.init()
        var rest: Text? = text
        while let current = rest {
            let (item, following) = current.split(at: 0x2C)
            rest = following
            if item.isEmpty { continue }
            let (name, argument) = item.split(at: 0x3D)
            guard let word = ChoiceWord(named: name), word.apply(argument, &self) else {
                ChoiceWord.complain(about: item)
                self = Settings()
                return
            }
        }
    }
}
