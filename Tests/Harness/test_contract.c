/*
 * test_contract.c - what midl_user.h and midl_memory.h promise of one call.
 */
#include "groups.h"
#include "pair.h"
#include "support.h"
#include "tap.h"

#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <string.h>

enum { EVERY_SIZE = 4097, ZERO_BLOCKS = 5000 };

/* Where size classes, pages and mappings begin and end, one to each side. */
static size_t edge_size(int index) {
    return ((size_t)1 << (12 + index / 3)) - 1 + (size_t)(index % 3);
}
enum { EDGE_SIZES = 3 * 13 }; /* 4 KiB - 1 to 16 MiB + 1 */

static bool aligned(const void *block) { return (uintptr_t)block % 16 == 0; }

static void alignment(void) {
    static void *blocks[EVERY_SIZE];
    int missing = 0, misaligned = 0, short_ones = 0, disturbed = 0;
    for (size_t size = 0; size < EVERY_SIZE; size++) {
        blocks[size] = pair.allocate(size);
        missing += blocks[size] == NULL;
        misaligned += !aligned(blocks[size]);
        short_ones += pair.size(blocks[size]) < size;
        pattern_fill(blocks[size], pair.size(blocks[size]), size + 1);
    }
    for (size_t size = 0; size < EVERY_SIZE; size++) {
        disturbed += !pattern_holds(blocks[size], pair.size(blocks[size]), size + 1);
        pair.free(blocks[size]);
    }
    tap_ok(missing == 0, "every size from 0 to 4096 gives a block");
    tap_ok(misaligned == 0, "each of them is aligned to 16");
    tap_ok(short_ones == 0, "midl_memory_size of each is at least what was asked for");
    tap_ok(disturbed == 0, "each may be written over its whole usable size");
}

static void edges(void) {
    static void *blocks[EDGE_SIZES];
    int missing = 0, misaligned = 0, short_ones = 0, disturbed = 0;
    for (int index = 0; index < EDGE_SIZES; index++) {
        blocks[index] = pair.allocate_upper(edge_size(index));
        missing += blocks[index] == NULL;
        misaligned += !aligned(blocks[index]);
        short_ones += pair.size(blocks[index]) < edge_size(index);
        pattern_fill(blocks[index], pair.size(blocks[index]), (uint64_t)index + 1);
    }
    for (int index = 0; index < EDGE_SIZES; index++) {
        disturbed += !pattern_holds(blocks[index], pair.size(blocks[index]), (uint64_t)index + 1);
        pair.free_upper(blocks[index]);
    }
    tap_ok(missing == 0 && misaligned == 0 && short_ones == 0 && disturbed == 0,
           "sizes at and beside every power of two to 16 MiB");
}

static void zero(void) {
    static void *blocks[ZERO_BLOCKS];
    int missing = 0, misaligned = 0;
    for (int index = 0; index < ZERO_BLOCKS; index++) {
        blocks[index] = pair.allocate(0);
        missing += blocks[index] == NULL;
        misaligned += !aligned(blocks[index]);
        if (blocks[index] != NULL && pair.size(blocks[index]) >= sizeof index)
            memcpy(blocks[index], &index, sizeof index);
    }
    /* Two equal pointers among them: the later write would show in the earlier. */
    int shared = 0;
    for (int index = 0; index < ZERO_BLOCKS; index++)
        for (int other = index + 1; other < ZERO_BLOCKS && other < index + 300; other++)
            shared += blocks[index] == blocks[other];
    int disturbed = 0;
    for (int index = 0; index < ZERO_BLOCKS; index++) {
        if (blocks[index] != NULL && pair.size(blocks[index]) >= sizeof index)
            disturbed += memcmp(blocks[index], &index, sizeof index) != 0;
        pair.free(blocks[index]);
    }
    tap_ok(missing == 0, "0 bytes is a block, not NULL");
    tap_ok(misaligned == 0, "0 bytes is aligned to 16");
    tap_ok(shared == 0 && disturbed == 0, "0 bytes is a pointer of its own");
}

static void null(void) {
    errno = 4711;
    pair.free(NULL);
    pair.free_upper(NULL);
    tap_ok(errno == 4711, "free(NULL) does nothing and keeps errno, in both spellings");
    tap_ok(pair.size(NULL) == 0 && errno == 4711, "midl_memory_size(NULL) is 0");
}

static void too_much(void) {
    static const struct {
        const char *name;
        size_t byte_count;
    } counts[] = {
        {"SIZE_MAX", SIZE_MAX},
        {"SIZE_MAX - 1", SIZE_MAX - 1},
        {"SIZE_MAX - 15", SIZE_MAX - 15},
        {"SIZE_MAX - 16", SIZE_MAX - 16},
        {"SIZE_MAX - 4095", SIZE_MAX - 4095},
        {"SIZE_MAX - 65535", SIZE_MAX - 65535},
        {"PTRDIFF_MAX + 2", (size_t)PTRDIFF_MAX + 2},
        {"PTRDIFF_MAX + 1", (size_t)PTRDIFF_MAX + 1},
        {"PTRDIFF_MAX", (size_t)PTRDIFF_MAX},
        {"PTRDIFF_MAX - 1", (size_t)PTRDIFF_MAX - 1},
        {"PTRDIFF_MAX - 65536", (size_t)PTRDIFF_MAX - 65536},
        {"2 to the 47th", (size_t)1 << 47},
        {"2 to the 62nd", (size_t)1 << 62},
    };
    for (size_t index = 0; index < sizeof counts / sizeof counts[0]; index++) {
        errno = 0;
        void *lower = pair.allocate(counts[index].byte_count);
        int lower_error = errno;
        errno = 0;
        void *upper = pair.allocate_upper(counts[index].byte_count);
        int upper_error = errno;
        if (!tap_ok(lower == NULL && upper == NULL && lower_error == ENOMEM &&
                        upper_error == ENOMEM,
                    "%s bytes: NULL and ENOMEM, in both spellings", counts[index].name))
            tap_note("%p errno %d, %p errno %d", lower, lower_error, upper, upper_error);
        pair.free(lower);
        pair.free(upper);
    }
    void *block = pair.allocate(100);
    tap_ok(block != NULL, "after that the heap gives blocks");
    pair.free(block);
}

static bool frees_keep_errno(size_t byte_count, size_t block_count) {
    static void *blocks[20000];
    bool kept = true;
    for (size_t index = 0; index < block_count; index++)
        blocks[index] = pair.allocate(byte_count);
    for (size_t index = 0; index < block_count; index++) {
        errno = 4711 + (int)index;
        (index % 2 ? pair.free : pair.free_upper)(blocks[index]);
        kept = kept && errno == 4711 + (int)index;
    }
    return kept;
}

static void errors_kept(void) {
    tap_ok(frees_keep_errno(24, 20000), "free of small blocks keeps errno");
    tap_ok(frees_keep_errno(3000, 5000), "free of blocks of several slabs keeps errno");
    tap_ok(frees_keep_errno(30000, 500), "free of blocks of 30,000 bytes keeps errno");
    tap_ok(frees_keep_errno(3 * MEBI, 20), "free of large blocks keeps errno");
    void *block = pair.allocate(100);
    errno = 4711;
    pair.size(block);
    tap_ok(errno == 4711, "midl_memory_size keeps errno");
    pair.free(block);
    pair.trim();
    tap_ok(errno == 4711, "midl_memory_trim keeps errno");
}

static void spellings(void) {
    int disturbed = 0;
    for (size_t size = 0; size < 100000; size = size * 3 / 2 + 1) {
        void *lower = pair.allocate(size);
        void *upper = pair.allocate_upper(size);
        pattern_fill(lower, size, 1);
        pattern_fill(upper, size, 2);
        disturbed += !pattern_holds(lower, size, 1) || !pattern_holds(upper, size, 2);
        disturbed += pair.size(lower) < size || pair.size(upper) < size;
        pair.free_upper(lower);
        pair.free(upper);
    }
    tap_ok(disturbed == 0, "a block of either spelling goes to either free");
}

static void reuse(void) {
    /* 100,000 blocks one at a time are far beyond what may be kept: without
     * reuse the process would grow by 100 MB. */
    pair.free(pair.allocate(1)); /* whatever the heap reserves once */
    size_t start = mapped_bytes();
    for (int round = 0; round < 100000; round++) {
        char *block = pair.allocate(1000);
        block[0] = block[999] = 1;
        pair.free(block);
    }
    tap_ok(mapped_bytes() < start + 8 * MEBI, "what was freed is handed out again");
}

/* A real allocator, not a wrapper: the C library's does not see the blocks. */
static void not_of_malloc(void) {
#if !SANITIZED
    enum { COUNT = 1000 };
    static void *blocks[2 * COUNT];
    struct mallinfo2 before = mallinfo2();
    for (int index = 0; index < COUNT; index++) {
        blocks[2 * index] = pair.allocate(300);
        blocks[2 * index + 1] = pair.allocate_upper(50000);
    }
    struct mallinfo2 after = mallinfo2();
    for (int index = 0; index < 2 * COUNT; index++)
        pair.free(blocks[index]);
    tap_ok(after.uordblks + after.hblkhd < before.uordblks + before.hblkhd + 64 * KIBI,
           "50 MB of blocks do not come from malloc");
#endif
}

void test_contract(void) {
    alignment();
    edges();
    zero();
    null();
    too_much();
    errors_kept();
    spellings();
    reuse();
    not_of_malloc();
}
