// test_operators.cpp - C++'s operators, with libmidl_malloc.so in LD_PRELOAD: whose they are,
// blocks of every form, and what happens where there is no memory.
extern "C" {
#include "../../Harness/tap.h"
}

#include <cstdint>
#include <cstring>
#include <dlfcn.h>
#include <malloc.h>
#include <new>

namespace {

// Read where the compiler cannot foresee it, so that no call is left out.
volatile std::size_t too_much = PTRDIFF_MAX / 2;
int handler_calls;

void give_up() {
    handler_calls++;
    std::set_new_handler(nullptr);
}

void test_whose_they_are() {
    static const char *const names[] = {"_Znwm", "_Znam", "_ZdlPv", "_ZdaPv", "_ZdlPvm", "_ZdaPvm"};
    for (const char *name : names) {
        Dl_info info;
        void *function = dlsym(RTLD_DEFAULT, name);
        tap_ok(function && dladdr(function, &info) && strstr(info.dli_fname, "libmidl_malloc.so"),
               "%s is libmidl_malloc.so's", name);
    }
}

// Filled to the end, which a block that is too small would not stand.
bool holds(void *block, std::size_t byte_count, std::size_t alignment) {
    if (!block || reinterpret_cast<std::uintptr_t>(block) % alignment != 0 ||
        malloc_usable_size(block) < byte_count)
        return false;
    std::memset(block, 0x5A, malloc_usable_size(block));
    return true;
}

void test_blocks() {
    bool plain = true, aligned = true;
    for (std::size_t byte_count = 0; byte_count < 3000; byte_count += 7) {
        void *block = ::operator new(byte_count), *array = ::operator new[](byte_count);
        void *other = ::operator new(byte_count, std::nothrow);
        void *more = ::operator new[](byte_count, std::nothrow);
        plain = plain && holds(block, byte_count, 16) && holds(array, byte_count, 16) &&
                holds(other, byte_count, 16) && holds(more, byte_count, 16);
        ::operator delete(block, byte_count);
        ::operator delete[](array, byte_count);
        ::operator delete(other);
        ::operator delete[](more);
        for (std::size_t alignment = 16; alignment <= 4096; alignment *= 16) {
            auto as = std::align_val_t(alignment);
            block = ::operator new(byte_count, as);
            array = ::operator new[](byte_count, as, std::nothrow);
            aligned = aligned && holds(block, byte_count, alignment) &&
                      holds(array, byte_count, alignment);
            ::operator delete(block, byte_count, as);
            ::operator delete[](array, as);
        }
    }
    tap_ok(plain, "new: blocks of the size that was asked for, at multiples of 16");
    tap_ok(aligned, "new: blocks at multiples of what was asked for");
}

template <typename Make> bool throws(Make make) {
    try {
        make();
        return false;
    } catch (const std::bad_alloc &) {
        return true;
    }
}

void test_no_memory() {
    tap_ok(throws([] { return ::operator new(too_much); }), "new: too much: std::bad_alloc");
    tap_ok(throws([] { return ::operator new[](too_much); }), "new[]: too much: std::bad_alloc");
    tap_ok(throws([] { return ::operator new(too_much, std::align_val_t(64)); }),
           "new: too much, aligned: std::bad_alloc");
    tap_ok(!::operator new(too_much, std::nothrow), "new: too much, std::nothrow: null");
    tap_ok(!::operator new[](too_much, std::align_val_t(64), std::nothrow),
           "new[]: too much, aligned, std::nothrow: null");
    std::set_new_handler(give_up);
    tap_ok(throws([] { return ::operator new(too_much); }) && handler_calls == 1,
           "new: too much: the new_handler is asked");
}

} // namespace

int main() {
    tap_begin("libmidl_malloc.so", "operators");
    test_whose_they_are();
    test_blocks();
    test_no_memory();
    return tap_end();
}
