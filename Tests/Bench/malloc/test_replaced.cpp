// test_replaced.cpp - a program that replaces two of C++'s operators, with libmidl_malloc.so in
// LD_PRELOAD: the others come to them, as the standard wants.
extern "C" {
#include "../../Harness/tap.h"
}

#include <cstdlib>
#include <new>

namespace {
int news, deletes;
constexpr std::size_t header = 16;
} // namespace

void *operator new(std::size_t byte_count) {
    char *block = static_cast<char *>(std::malloc(byte_count + header));
    if (!block)
        throw std::bad_alloc();
    news++;
    return block + header;
}

void operator delete(void *block) noexcept {
    if (!block)
        return;
    deletes++;
    std::free(static_cast<char *>(block) - header);
}

int main() {
    tap_begin("libmidl_malloc.so", "replaced operators");
    void *block = ::operator new(100);
    ::operator delete(block, std::size_t(100));
    tap_ok(news == 1 && deletes == 1, "a sized delete comes to the program's delete");
    block = ::operator new[](100);
    ::operator delete[](block);
    tap_ok(news == 2 && deletes == 2, "new[] and delete[] come to the program's new and delete");
    block = ::operator new[](100);
    ::operator delete[](block, std::size_t(100));
    tap_ok(news == 3 && deletes == 3, "a sized delete[] comes to the program's delete");
    block = ::operator new(100, std::nothrow);
    ::operator delete(block, std::nothrow);
    tap_ok(news == 4 && deletes == 4, "those with std::nothrow come to the program's");
    return tap_end();
}
