// What MIDL_MEMORY asks for.

struct Settings {
    enum Allocator { case unnamed, heap, malloc, `guard` }

    var allocator = Allocator.unnamed
}
