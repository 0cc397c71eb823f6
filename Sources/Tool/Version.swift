// The version, which is the library's: of the header that both are built with.

import MIDLShim

enum Version {
    static let text = MIDL_MEMORY_VERSION_STRING
}
