/*
 * test_malloc.c - malloc's entry points, with libmidl_malloc.so in LD_PRELOAD: zeros, limits,
 * errno, usable sizes, misuse. Compiled without builtins, so that every call is made.
 */
#define _GNU_SOURCE
#include "test_malloc.h"

#include "../../Harness/support.h"
#include "../../Harness/tap.h"

#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

static void test_who_is_called(void) {
    static const char *const names[] = {
        "malloc",        "free",           "calloc",  "realloc", "reallocarray",
        "memalign",      "posix_memalign", "valloc",  "pvalloc", "malloc_usable_size",
        "aligned_alloc", "malloc_trim",    "mallopt", "cfree",   "mallinfo2",
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        Dl_info info;
        void *function = dlsym(RTLD_DEFAULT, names[i]);
        bool is_ours = function != NULL && dladdr(function, &info) != 0 &&
                       strstr(info.dli_fname, "libmidl_malloc.so") != NULL;
        tap_ok(is_ours, "%s is libmidl_malloc.so's", names[i]);
    }
}

static void test_sizes(void) {
    bool aligned = true, distinct = true, usable = true;
    struct random random = {7};
    for (size_t i = 0; i < 4000; i++) {
        size_t byte_count = i < 2100 ? i : random_byte_count(&random, 3 * MEBI);
        char *block = malloc(byte_count), *other = malloc(byte_count);
        aligned = aligned && (uintptr_t)block % 16 == 0 && block != NULL;
        distinct = distinct && block != other;
        usable = usable && malloc_usable_size(block) >= byte_count;
        pattern_fill(block, malloc_usable_size(block), i);
        pattern_fill(other, malloc_usable_size(other), i + 1);
        distinct = distinct && pattern_holds(block, malloc_usable_size(block), i);
        free(block);
        free(other);
    }
    tap_ok(aligned, "malloc: blocks at multiples of 16");
    tap_ok(distinct, "malloc: two blocks of any size, 0 too, do not overlap");
    tap_ok(usable, "malloc_usable_size: no less than was asked");
    tap_ok(malloc_usable_size(NULL) == 0, "malloc_usable_size: 0 for NULL");
}

static bool is_zero(const char *block, size_t byte_count) {
    for (size_t i = 0; i < byte_count; i++)
        if (block[i] != 0)
            return false;
    return true;
}

static void test_calloc(void) {
    bool zero = true;
    struct random random = {11};
    char *blocks[64] = {NULL};
    for (size_t i = 0; i < 20000; i++) {
        size_t slot = random_below(&random, 64);
        size_t byte_count = random_byte_count(&random, i % 100 == 0 ? 2 * MEBI : 4096);
        free(blocks[slot]);
        blocks[slot] = calloc(byte_count / 8 + 1, 8);
        byte_count = (byte_count / 8 + 1) * 8;
        zero = zero && is_zero(blocks[slot], byte_count);
        memset(blocks[slot], 0xA5, malloc_usable_size(blocks[slot]));
        if (i % 5000 == 0)
            malloc_trim(0);
    }
    for (size_t slot = 0; slot < 64; slot++)
        free(blocks[slot]);
    tap_ok(zero, "calloc: zeros, whatever was there before");
    errno = 0;
    tap_ok(calloc(SIZE_MAX / 16, 32) == NULL && errno == ENOMEM, "calloc: a product too large");
    char *none = calloc(0, 8);
    tap_ok(none != NULL, "calloc: a block of no bytes");
    free(none);
}

static void test_errno(void) {
    errno = 0;
    tap_ok(malloc(SIZE_MAX) == NULL && errno == ENOMEM, "malloc: ENOMEM for SIZE_MAX");
    errno = 0;
    tap_ok(malloc(PTRDIFF_MAX) == NULL && errno == ENOMEM, "malloc: ENOMEM for PTRDIFF_MAX");
    bool kept = true;
    for (size_t byte_count = 1; byte_count < 8 * MEBI; byte_count *= 2) {
        void *block = malloc(byte_count);
        errno = EDOM;
        free(block);
        kept = kept && errno == EDOM;
    }
    errno = EDOM;
    free(NULL);
    tap_ok(kept && errno == EDOM, "free: keeps errno");
}

static void test_harmless(void) {
    struct mallinfo2 info = mallinfo2();
    tap_ok(mallopt(M_MMAP_THRESHOLD, 1 << 20) == 1 && info.arena == 0,
           "mallopt and mallinfo2: accepted");
    char *block = malloc(8 * MEBI);
    memset(block, 1, 8 * MEBI);
    free(block);
    size_t before = resident_bytes();
    malloc_trim(0);
    tap_ok(resident_bytes() <= before, "malloc_trim: no more memory than before");
}

void test_one_thread(void) {
    test_who_is_called();
    test_sizes();
    test_calloc();
    test_errno();
    test_harmless();
}

static char foreign[64];

static void free_foreign(void *unused) {
    (void)unused;
    free(foreign + 16);
}

static void free_twice(void *unused) {
    (void)unused;
    void *block = malloc(100);
    free(block);
    free(block);
}

static void realloc_freed(void *unused) {
    (void)unused;
    void *block = malloc(100);
    free(block);
    block = realloc(block, 200);
}

void test_misuse(void) {
    static const struct {
        const char *name;
        void (*body)(void *);
        const char *text;
    } cases[] = {
        {"free of a pointer from elsewhere", free_foreign, "did not come from this heap"},
        {"a second free", free_twice, "free already"},
        {"realloc of a free block", realloc_freed, "free already"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct child_result result;
        child_run(&result, cases[i].body, NULL);
        if (!tap_ok(child_died_of(&result, SIGABRT) && strstr(result.text, cases[i].text) != NULL,
                    "%s: one line, SIGABRT", cases[i].name))
            child_note(&result);
    }
}

int main(void) {
    tap_begin("libmidl_malloc.so", "preloaded");
    test_one_thread();
    test_aligned();
    test_realloc();
    test_threads();
    test_fork();
    test_misuse();
    return tap_end();
}
