/* test_sizes.c - aligned blocks, and blocks that change their size. */
#define _GNU_SOURCE
#include "test_malloc.h"

#include "../../Harness/support.h"
#include "../../Harness/tap.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- Aligned blocks ------------------------------------------------------ */

/* By pointers, because of what these functions promise the compiler would take the alignment for
 * granted. */
static void *(*const volatile call_memalign)(size_t, size_t) = memalign;
static void *(*const volatile call_aligned_alloc)(size_t, size_t) = aligned_alloc;

static void test_alignments(void) {
    enum { SLOTS = 96 };
    char *blocks[SLOTS] = {NULL};
    size_t seeds[SLOTS] = {0};
    bool aligned = true, intact = true, usable = true;
    struct random random = {13};
    for (size_t i = 1; i < 30000; i++) {
        size_t slot = random_below(&random, SLOTS);
        char *block = blocks[slot];
        intact = intact &&
                 (block == NULL || pattern_holds(block, malloc_usable_size(block), seeds[slot]));
        free(block);
        size_t alignment = (size_t)1 << (3 + random_below(&random, i % 50 == 0 ? 20 : 10));
        size_t byte_count = random_byte_count(&random, i % 40 == 0 ? MEBI : 5000);
        void *result = NULL;
        switch (i % 3) {
        case 0:
            aligned = posix_memalign(&result, alignment, byte_count) == 0 && aligned;
            break;
        case 1:
            result = call_memalign(alignment, byte_count);
            break;
        default:
            result = call_aligned_alloc(alignment, byte_count);
        }
        aligned = aligned && result != NULL && (uintptr_t)result % alignment == 0;
        usable = usable && malloc_usable_size(result) >= byte_count;
        seeds[slot] = i;
        blocks[slot] = result;
        pattern_fill(result, malloc_usable_size(result), i);
    }
    for (size_t slot = 0; slot < SLOTS; slot++)
        free(blocks[slot]);
    tap_ok(aligned, "memalign and its like: multiples of 8 to 4 MiB");
    tap_ok(usable, "memalign and its like: the size that was asked");
    tap_ok(intact, "memalign and its like: no two blocks overlap");
}

/* Spans that are cut for an alignment give back what they do not need. */
static void test_units_return(void) {
    size_t before = resident_bytes(), mapped = mapped_bytes();
    for (int i = 0; i < 2000; i++)
        free(call_memalign(4 * MEBI, 100 * KIBI));
    tap_ok(resident_bytes() < before + 16 * MEBI && mapped_bytes() < mapped + 64 * MEBI,
           "memalign: 2000 times 4 MiB, in turn, take no memory");
}

void test_aligned(void) {
    test_alignments();
    test_units_return();
    void *result = &result;
    tap_ok(posix_memalign(&result, 24, 8) == EINVAL && posix_memalign(&result, 4, 8) == EINVAL &&
               posix_memalign(&result, 0, 8) == EINVAL && result == &result,
           "posix_memalign: EINVAL for what is no alignment, and no result");
    errno = EDOM;
    tap_ok(posix_memalign(&result, 64, SIZE_MAX - 10) == ENOMEM && errno == EDOM,
           "posix_memalign: ENOMEM is returned, errno is kept");
    errno = 0;
    tap_ok(call_memalign((size_t)1 << 62, 8) == NULL && errno == ENOMEM,
           "memalign: 2^62 is ENOMEM");
    errno = 0;
    tap_ok(call_memalign((size_t)1 << 63, 8) == NULL && errno == ENOMEM,
           "memalign: 2^63 is ENOMEM");
    errno = 0;
    tap_ok(call_memalign(SIZE_MAX, 8) == NULL && errno == EINVAL, "memalign: above is EINVAL");
    char *block = call_memalign(48, 8);
    tap_ok((uintptr_t)block % 64 == 0, "memalign: 48 counts as 64");
    free(block);
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *one = valloc(1), *rounded = pvalloc(page + 1);
    tap_ok((uintptr_t)one % page == 0 && (uintptr_t)rounded % page == 0 &&
               malloc_usable_size(rounded) >= 2 * page,
           "valloc and pvalloc: whole pages");
    free(one);
    free(rounded);
    errno = 0;
    tap_ok(pvalloc(SIZE_MAX) == NULL && errno == ENOMEM, "pvalloc: ENOMEM for SIZE_MAX");
}

/* ---- realloc ------------------------------------------------------------- */

static void test_contents(void) {
    enum { SLOTS = 64 };
    unsigned char *blocks[SLOTS] = {NULL};
    size_t byte_counts[SLOTS] = {0};
    bool kept = true, slim = true;
    struct random random = {17};
    for (size_t i = 0; i < 30000; i++) {
        size_t slot = random_below(&random, SLOTS);
        size_t old = byte_counts[slot];
        size_t new = 1 + random_byte_count(&random, i % 20 == 0 ? 4 * MEBI : 70000);
        unsigned char *block = realloc(blocks[slot], new);
        size_t common = old < new ? old : new;
        kept = kept && pattern_holds(block, common, slot + 1);
        /* Of a block that stayed where it was, half may be idle; a quarter is slack of classes. */
        slim = slim && (new < 64 || malloc_usable_size(block) <= new * 2 + 4096);
        pattern_fill(block, new, slot + 1);
        blocks[slot] = block;
        byte_counts[slot] = new;
    }
    for (size_t slot = 0; slot < SLOTS; slot++)
        kept = realloc(blocks[slot], 0) == NULL && kept;
    tap_ok(kept, "realloc: contents up to the smaller size");
    tap_ok(slim, "realloc: at most half of a block is idle");
}

static void test_growth_in_place(void) {
    size_t moves = 0;
    char *block = malloc(100 * KIBI);
    for (size_t byte_count = 100 * KIBI; byte_count <= 64 * MEBI; byte_count += 100 * KIBI) {
        uintptr_t before = (uintptr_t)block;
        block = realloc(block, byte_count);
        block[byte_count - 1] = 1;
        moves += (uintptr_t)block != before;
    }
    tap_ok(moves < 64, "realloc: a block grown to 64 MiB moves less than 64 times");
    tap_note("%zu moves", moves);
    uintptr_t before = (uintptr_t)block;
    block = realloc(block, 50 * KIBI);
    tap_ok((uintptr_t)block == before && malloc_usable_size(block) < 60 * KIBI,
           "realloc: a block that shrinks stays and gives its end back");
    free(block);
}

void test_realloc(void) {
    test_contents();
    test_growth_in_place();
    char *block = realloc(NULL, 100);
    tap_ok(block != NULL && malloc_usable_size(block) >= 100, "realloc: of NULL is malloc");
    memset(block, 3, 100);
    errno = 0;
    tap_ok(realloc(block, SIZE_MAX) == NULL && errno == ENOMEM && block[99] == 3,
           "realloc: a failure leaves the block");
    errno = 0;
    tap_ok(reallocarray(block, SIZE_MAX / 4, 8) == NULL && errno == ENOMEM && block[99] == 3,
           "reallocarray: a product too large leaves the block");
    char *same = realloc(block, malloc_usable_size(block));
    tap_ok(same == block, "realloc: to the usable size stays in place");
    same = reallocarray(same, 10, 50);
    tap_ok(same != NULL && same[99] == 3, "reallocarray: contents");
    free(same);
    block = call_memalign(1024, 1024);
    memset(block, 5, 1024);
    block = realloc(block, 5000);
    tap_ok(block[1023] == 5, "realloc: of an aligned block");
    free(block);
}
