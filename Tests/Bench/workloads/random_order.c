/* random_order.c - 10,000 blocks of 16 to 128 bytes: freed in random order, and steadily replaced.
 */
#include "workload.h"

enum { COUNT = WORKER_BLOCK_LIMIT };

static struct block allocate(struct worker *worker, uint32_t stamp) {
    return block_allocate(&worker->allocator, random_between(&worker->random, 16, 128), stamp);
}

/* ---- All freed, in random order ---- */

static void shuffle(struct worker *worker) {
    for (uint32_t i = 0; i < COUNT; i++) {
        uint32_t other = random_below(&worker->random, i + 1);
        worker->order[i] = worker->order[other];
        worker->order[other] = i;
    }
}

static void run_random_order(struct worker *worker, long operation_count) {
    for (long done = 0; done < operation_count; done += COUNT) {
        for (uint32_t i = 0; i < COUNT; i++)
            worker->blocks[i] = allocate(worker, i);
        for (uint32_t i = 0; i < COUNT; i++)
            block_release(&worker->allocator, worker->blocks[worker->order[i]]);
    }
}

const struct workload workload_random_order = {
    .name = "random-order",
    .title = "10,000 blocks of 16 to 128 bytes, freed in random order",
    .begin = shuffle,
    .run = run_random_order,
    .operation_count = 1500000,
    .operations_at_once = COUNT,
    .bump_byte_count = 1024 * 1024,
};

/* ---- One replaced at a time ---- */

static void fill(struct worker *worker) {
    for (uint32_t i = 0; i < COUNT; i++)
        worker->blocks[i] = allocate(worker, i);
}

static void empty(struct worker *worker) {
    for (uint32_t i = 0; i < COUNT; i++)
        block_release(&worker->allocator, worker->blocks[i]);
}

static void run_replacement(struct worker *worker, long operation_count) {
    for (long i = 0; i < operation_count; i++) {
        struct block *block = &worker->blocks[random_below(&worker->random, COUNT)];
        block_release(&worker->allocator, *block);
        *block = allocate(worker, (uint32_t)i);
    }
}

const struct workload workload_replacement = {
    .name = "replacement",
    .title = "a random one of 10,000 blocks of 16 to 128 bytes replaced",
    .begin = fill,
    .end = empty,
    .run = run_replacement,
    .operation_count = 1500000,
    .operations_at_once = 1,
};
