/*
 * test_sized.c - midl_memory_free_sized: right sizes free, wrong ones end the program.
 */
#include "groups.h"
#include "misuse.h"
#include "pair.h"
#include "tap.h"

#include <errno.h>
#include <string.h>

static struct claim {
    size_t byte_count, said;
} current;

static void free_as(void *block) { pair.free_sized(misuse_expect(block), current.said); }

static void free_with_other_size(void *unused) {
    (void)unused;
    free_as(pair.allocate(current.byte_count));
    misuse_survived();
}

static void free_twice(void *unused) {
    (void)unused;
    void *block = pair.allocate(current.byte_count);
    pair.free_sized(block, current.byte_count);
    free_as(block);
    misuse_survived();
}

static void free_inside(void *unused) {
    (void)unused;
    free_as((char *)pair.allocate(current.byte_count) + 16);
    misuse_survived();
}

static void free_foreign(void *unused) {
    (void)unused;
    static _Alignas(16) char foreign[64];
    free_as(foreign);
    misuse_survived();
}

static void right_sizes(void) {
    int wrong = 0;
    for (size_t size = 0; size < 200000; size += size < 3000 ? 1 : 997) {
        unsigned char *block = pair.allocate(size);
        memset(block, 1, size);
        size_t usable = pair.size(block);
        errno = 4711;
        pair.free_sized(block, size);
        wrong += errno != 4711;
        block = pair.allocate(size);
        wrong += pair.size(block) != usable;
        pair.free_sized(block, usable);
    }
    tap_ok(wrong == 0, "blocks of all sizes go with the bytes asked for, and with those usable");
    pair.free_sized(NULL, 0);
    pair.free_sized(NULL, 100);
    tap_ok(true, "NULL of any size does nothing");
}

void test_sized(void) {
    right_sizes();
    static const struct claim claims[] = {
        {16, 17},
        {17, 16},
        {40, 400},
        {400, 40},
        {1024, 1025},
        {3000, 30000},
        {30000, 70000},
        {70000, 30000},
        {5000000, 5010000},
        {100, 0},
        {100, (size_t)-1},
        {100, (size_t)1 << 62},
        {70000, (size_t)-1},
    };
    for (size_t index = 0; index < sizeof claims / sizeof claims[0]; index++) {
        current = claims[index];
        misuse_test(free_with_other_size, NULL, "midl_memory_free_sized", NULL,
                    "a block of %zu bytes freed as one of %zu", current.byte_count, current.said);
    }
    static const size_t sizes[] = {40, 3000, 100000};
    for (size_t index = 0; index < sizeof sizes / sizeof sizes[0]; index++) {
        current = (struct claim){sizes[index], sizes[index]};
        misuse_test(free_twice, NULL, "midl_memory_free_sized", NULL,
                    "a block of %zu bytes freed twice with its size", sizes[index]);
        misuse_test(free_inside, NULL, "midl_memory_free_sized", NULL,
                    "an address inside a block of %zu bytes freed with its size", sizes[index]);
    }
    misuse_test(free_foreign, NULL, "midl_memory_free_sized", NULL,
                "a foreign pointer freed with a size");
}
