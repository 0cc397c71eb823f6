/*
 * mix.c - some 50 MB live in blocks of 16 bytes to 32 KiB, each doubling as likely as the others; a
 * random one is replaced, and written to once in each page. What is lost between blocks shows in
 * the peak of memory.
 */
#include "workload.h"

enum { COUNT = WORKER_BLOCK_LIMIT, PAGE_BYTE_COUNT = 4096 };

static struct block allocate(struct worker *worker, uint32_t stamp) {
    struct block block =
        block_allocate(&worker->allocator, random_doubling(&worker->random, 4, 15), stamp);
    block_touch(block, PAGE_BYTE_COUNT);
    return block;
}

static void begin(struct worker *worker) {
    for (uint32_t i = 0; i < COUNT; i++)
        worker->blocks[i] = allocate(worker, i);
}

static void end(struct worker *worker) {
    for (uint32_t i = 0; i < COUNT; i++)
        block_release(&worker->allocator, worker->blocks[i]);
}

static void run(struct worker *worker, long operation_count) {
    for (long i = 0; i < operation_count; i++) {
        struct block *block = &worker->blocks[random_below(&worker->random, COUNT)];
        block_release(&worker->allocator, *block);
        *block = allocate(worker, (uint32_t)i);
    }
}

const struct workload workload_mix = {
    .name = "mix",
    .title = "a random one of 10,000 blocks of 16 bytes to 32 KiB replaced",
    .begin = begin,
    .end = end,
    .run = run,
    .operation_count = 200000,
    .operations_at_once = 1,
};
