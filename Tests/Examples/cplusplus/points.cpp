/* C++ with an owning pointer of its own over the pair. */
#include "stub_ptr.hpp"

#include <cstdio>
#include <stdexcept>

namespace {

struct point {
    int x, y;
};

/* As a manager routine does it: the caller, a stub, frees the result. */
point *find_point(int x) {
    auto point = make_stub<struct point>(x, 0);
    if (x < 0)
        throw std::out_of_range("no such point"); /* the block is freed */
    point->y = x * x;
    return point.release();
}

/* As a client stub does it: what it allocates is the caller's. */
void fetch_point(int x, point **result) { *result = find_point(x); }

} // namespace

int main() {
    stub_ptr<point> first(find_point(3));
    stub_ptr<point> second;
    fetch_point(4, second.receive());
    std::printf("(%d, %d) (%d, %d)\n", first->x, first->y, second->x, second->y);
    first = std::move(second); /* the first block is freed here */
    std::printf("(%d, %d), and the second is %s\n", first->x, first->y, second ? "there" : "gone");
    try {
        find_point(-1);
    } catch (const std::out_of_range &error) {
        std::printf("%s\n", error.what());
    }
}
