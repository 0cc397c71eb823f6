/*
 * large.c - large blocks, 64 KiB to 8 MiB, eight of them live, a random one replaced: buffers, and
 * arrays of a reply. Written to in one byte of each page, or in all of them.
 */
#include "workload.h"

enum { LIVE_COUNT = 8, PAGE_BYTE_COUNT = 4096 };

static struct block allocate(struct worker *worker) {
    return block_allocate(&worker->allocator, random_doubling(&worker->random, 16, 23),
                          random_next(&worker->random));
}

static void begin(struct worker *worker) {
    for (int i = 0; i < LIVE_COUNT; i++)
        worker->blocks[i] = allocate(worker);
}

static void end(struct worker *worker) {
    for (int i = 0; i < LIVE_COUNT; i++)
        block_release(&worker->allocator, worker->blocks[i]);
}

static inline struct block *replace(struct worker *worker) {
    struct block *block = &worker->blocks[random_below(&worker->random, LIVE_COUNT)];
    block_release(&worker->allocator, *block);
    *block = allocate(worker);
    return block;
}

static void run_sparse(struct worker *worker, long operation_count) {
    for (long i = 0; i < operation_count; i++)
        block_touch(*replace(worker), PAGE_BYTE_COUNT);
}

static void run_written(struct worker *worker, long operation_count) {
    for (long i = 0; i < operation_count; i++) {
        struct block *block = replace(worker);
        memset(block->start + sizeof block->stamp, (int)i,
               block->byte_count - 2 * sizeof block->stamp);
    }
}

const struct workload workload_large_sparse = {
    .name = "large-sparse",
    .title = "blocks of 64 KiB to 8 MiB, a byte of each page written",
    .begin = begin,
    .end = end,
    .run = run_sparse,
    .operation_count = 300,
    .operations_at_once = 1,
};
const struct workload workload_large_written = {
    .name = "large-written",
    .title = "blocks of 64 KiB to 8 MiB, all bytes written",
    .begin = begin,
    .end = end,
    .run = run_written,
    .operation_count = 100,
    .operations_at_once = 1,
};
