/*
 * test_overwrite.c - free blocks that the program wrote to.
 *
 * Bytes 4 to 11 of a free block are the heap's. When they have changed, the heap
 * must not hand the block out and must not follow what stands there.
 */
#include "groups.h"
#include "misuse.h"
#include "pair.h"
#include "tap.h"

#include <string.h>

enum { MOST = 300000 };

static struct overwrite {
    size_t byte_count;
    size_t written; /* bytes, 0: all */
    int value;      /* -1: one bit flipped */
} current;

static void overwrite(unsigned char *block) {
    size_t written = current.written == 0 ? current.byte_count : current.written;
    if (current.value < 0)
        block[written - 1] ^= 1;
    else
        memset(block, current.value, written);
}

/* Allocates until the block comes, which must not happen. */
static void allocate_until(const void *block) {
    misuse_expect(block);
    for (int count = 0; count < MOST; count++)
        if (pair.allocate(current.byte_count) == block)
            misuse_survived();
    misuse_survived();
}

static void *free_one(void *block) {
    pair.free(block);
    return NULL;
}

static void after_own_free(void *unused) {
    (void)unused;
    void *before = pair.allocate(current.byte_count);
    unsigned char *block = pair.allocate(current.byte_count);
    void *after = pair.allocate(current.byte_count);
    pair.free(before);
    pair.free(block);
    pair.free(after);
    overwrite(block);
    allocate_until(block);
}

static void after_free_elsewhere(void *unused) {
    (void)unused;
    unsigned char *block = pair.allocate(current.byte_count);
    thread_join(thread_start(free_one, block));
    overwrite(block);
    allocate_until(block);
}

/* The thread's cache, with the block in it, goes back when the thread ends. */
static void *free_and_overwrite(void *block) {
    pair.free(block);
    overwrite(block);
    return NULL;
}

static void before_thread_end(void *unused) {
    (void)unused;
    unsigned char *block = pair.allocate(current.byte_count);
    misuse_expect(block);
    thread_join(thread_start(free_and_overwrite, block));
    allocate_until(block);
}

/* The second free must see it, or at the latest the allocation that would hand
 * the block out for the second time. */
static void freed_again(void *unused) {
    (void)unused;
    unsigned char *block = pair.allocate(current.byte_count);
    misuse_expect(block);
    pair.free(block);
    overwrite(block);
    pair.free(block);
    int handed_out = 0;
    for (int count = 0; count < MOST && handed_out < 2; count++)
        handed_out += pair.allocate(current.byte_count) == block;
    misuse_survived();
}

static void written(const char *what, size_t bytes, int value) {
    static const size_t sizes[] = {16, 48, 512, 4000, 20000};
    for (size_t index = 0; index < sizeof sizes / sizeof sizes[0]; index++) {
        current = (struct overwrite){sizes[index], bytes, value};
        size_t size = sizes[index];
        misuse_test(after_own_free, NULL, "midl_user_allocate", NULL, "free block of %zu bytes, %s",
                    size, what);
        misuse_test(after_free_elsewhere, NULL, "midl_user_allocate", NULL,
                    "block of %zu bytes that another thread freed, %s", size, what);
        /* Here a line of midl_user_free or midl_user_allocate is right. */
        misuse_test(freed_again, NULL, "midl_user_", NULL,
                    "free block of %zu bytes, %s, freed again", size, what);
    }
}

void test_overwrite(void) {
    written("first 8 bytes zero", 8, 0);
    written("first 8 bytes 0x41", 8, 0x41);
    written("first 8 bytes 0xff", 8, 0xff);
    written("first 16 bytes 0x10", 16, 0x10);
    written("all bytes 0x5a", 0, 0x5a);
    written("a bit of byte 4 flipped", 5, -1);
    written("a bit of byte 11 flipped", 12, -1);
    current = (struct overwrite){48, 8, 0x41};
    misuse_test(before_thread_end, NULL, "midl_user_", NULL,
                "free block overwritten right before its thread ends");
}
