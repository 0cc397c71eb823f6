/*
 * test_contents.c - no operation disturbs a live block.
 *
 * Several thousand blocks live at a time; each is filled over its whole usable
 * size when it is made and compared byte by byte before it is freed.
 */
#include "groups.h"
#include "pair.h"
#include "support.h"
#include "tap.h"

#include <stdint.h>
#include <string.h>

enum { SLOTS = 4000 };

struct slot {
    void *block;
    size_t usable;
    uint64_t seed;
};

static int disturbed, wrong_size;

static void make(struct slot *slot, size_t byte_count, uint64_t seed) {
    slot->block = (seed & 1 ? pair.allocate : pair.allocate_upper)(byte_count);
    slot->usable = pair.size(slot->block);
    slot->seed = seed;
    wrong_size += slot->block == NULL || slot->usable < byte_count;
    pattern_fill(slot->block, slot->usable, seed);
}

static void drop(struct slot *slot) {
    disturbed += !pattern_holds(slot->block, slot->usable, slot->seed);
    wrong_size += pair.size(slot->block) != slot->usable;
    (slot->seed & 2 ? pair.free : pair.free_upper)(slot->block);
    slot->block = NULL;
}

static void operations(int operation_count, size_t limit, uint64_t seed, const char *what) {
    static struct slot slots[SLOTS];
    struct random random = {seed};
    disturbed = wrong_size = 0;
    for (int operation = 0; operation < operation_count; operation++) {
        struct slot *slot = &slots[random_below(&random, SLOTS)];
        if (slot->block != NULL)
            drop(slot);
        else
            make(slot, random_byte_count(&random, limit), random_next(&random));
        if (operation % 50000 == 49999)
            pair.trim();
    }
    for (int index = 0; index < SLOTS; index++)
        if (slots[index].block != NULL)
            drop(&slots[index]);
    tap_ok(disturbed == 0, "%d random operations on blocks %s disturb none", operation_count, what);
    tap_ok(wrong_size == 0, "and the usable size of each stays the same");
}

/* Frees in the order of allocation, in reverse, and every second first. */
static void orders(void) {
    static struct slot slots[SLOTS];
    for (size_t size = 1; size < 40000; size = size * 5 / 3 + 1) {
        int count = size < 2000 ? SLOTS : SLOTS / 8;
        disturbed = wrong_size = 0;
        for (int order = 0; order < 3; order++) {
            for (int index = 0; index < count; index++)
                make(&slots[index], size, (uint64_t)index + 1);
            for (int index = 0; index < count; index++)
                if (order == 0)
                    drop(&slots[index]);
                else if (order == 1)
                    drop(&slots[count - 1 - index]);
                else
                    drop(&slots[index < count / 2 ? index * 2 : (index - count / 2) * 2 + 1]);
        }
        tap_ok(disturbed == 0 && wrong_size == 0,
               "blocks of %zu bytes, freed forwards, backwards and every second first", size);
    }
}

/* Touched at both ends and at every 64 MiB between. */
static void touch(unsigned char *block, size_t byte_count, unsigned char mark) {
    for (size_t offset = 0; offset < byte_count; offset += 64 * MEBI)
        block[offset] = mark;
    block[byte_count - 1] = mark;
}

static bool touched(const unsigned char *block, size_t byte_count, unsigned char mark) {
    for (size_t offset = 0; offset < byte_count; offset += 64 * MEBI)
        if (block[offset] != mark)
            return false;
    return block[byte_count - 1] == mark;
}

static void huge(void) {
    static const size_t sizes[] = {33 * KIBI, 1 * MEBI + 1, 100 * MEBI, 1024 * MEBI};
    enum { COUNT = sizeof sizes / sizeof sizes[0] };
    unsigned char *blocks[COUNT] = {NULL};
    for (int index = 0; index < COUNT; index++) {
        blocks[index] = pair.allocate(sizes[index]);
        if (blocks[index] != NULL)
            touch(blocks[index], pair.size(blocks[index]), (unsigned char)(index + 1));
    }
    for (int index = 0; index < COUNT; index++) {
        tap_ok(blocks[index] != NULL && (uintptr_t)blocks[index] % 16 == 0 &&
                   pair.size(blocks[index]) >= sizes[index] &&
                   touched(blocks[index], pair.size(blocks[index]), (unsigned char)(index + 1)),
               "a block of %zu bytes, its first and last byte used", sizes[index]);
        pair.free(blocks[index]);
    }
}

void test_contents(void) {
    operations(TIMES(400000), 2048, 1, "below 2 KiB");
    operations(TIMES(200000), 40000, 2, "around the largest size class");
    operations(TIMES(20000), 600000, 3, "up to 600,000 bytes");
    orders();
    huge();
}
