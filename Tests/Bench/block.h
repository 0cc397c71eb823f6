/*
 * block.h - a block as a program holds it: where it is, how long it is, and what was written to it.
 *
 *     start                                   start + byte_count
 *     [ stamp ][ not written ....... ][ stamp ]
 *
 * Each block has a stamp of its own at both ends from its allocation to its free. A block that
 * shares bytes with another, or that its allocator writes to, has lost it by then. A block has at
 * least eight bytes.
 */
#ifndef BLOCK_H
#define BLOCK_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The two functions of whatever allocator is measured. */
struct allocator {
    void *(*allocate)(size_t byte_count);
    void (*release)(void *block);
};

struct block {
    unsigned char *start; /* NULL: none */
    uint32_t byte_count;
    uint32_t stamp;
};

enum { DAMAGE_EXIT_STATUS = 3 };

/* Ends the process with one line and DAMAGE_EXIT_STATUS. */
__attribute__((cold, noreturn)) void block_fail(const char *what);

static inline void *checked_allocate(const struct allocator *allocator, size_t byte_count) {
    void *start = allocator->allocate(byte_count);
    if (__builtin_expect(start == NULL, 0))
        block_fail("allocate returned NULL");
    return start;
}

static inline struct block block_allocate(const struct allocator *allocator, uint32_t byte_count,
                                          uint32_t stamp) {
    unsigned char *start = checked_allocate(allocator, byte_count);
    memcpy(start, &stamp, sizeof stamp);
    memcpy(start + byte_count - sizeof stamp, &stamp, sizeof stamp);
    return (struct block){start, byte_count, stamp};
}

/* Writes one byte in every byte_count between the stamps: with that of a page all becomes resident.
 */
static inline void block_touch(struct block block, uint32_t byte_count) {
    for (uint32_t at = byte_count / 2; at + sizeof block.stamp < block.byte_count; at += byte_count)
        *(volatile unsigned char *)&block.start[at] = 1;
}

static inline void block_release(const struct allocator *allocator, struct block block) {
    uint32_t first, last;
    memcpy(&first, block.start, sizeof first);
    memcpy(&last, block.start + block.byte_count - sizeof last, sizeof last);
    if (__builtin_expect(first != block.stamp || last != block.stamp, 0))
        block_fail("a block has lost its contents");
    allocator->release(block.start);
}

#endif /* BLOCK_H */
