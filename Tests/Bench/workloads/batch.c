/* batch.c - 64 blocks of 16 to 1024 bytes at a time, freed in the order of a stack or of a queue.
 */
#include "workload.h"

enum { BATCH = 64 };

static inline void allocate_batch(struct worker *worker) {
    for (uint32_t i = 0; i < BATCH; i++)
        worker->blocks[i] =
            block_allocate(&worker->allocator, random_between(&worker->random, 16, 1024), i);
}

static void run_lifo(struct worker *worker, long operation_count) {
    for (long done = 0; done < operation_count; done += BATCH) {
        allocate_batch(worker);
        for (int i = BATCH - 1; i >= 0; i--)
            block_release(&worker->allocator, worker->blocks[i]);
    }
}

static void run_fifo(struct worker *worker, long operation_count) {
    for (long done = 0; done < operation_count; done += BATCH) {
        allocate_batch(worker);
        for (int i = 0; i < BATCH; i++)
            block_release(&worker->allocator, worker->blocks[i]);
    }
}

const struct workload workload_batch_lifo = {
    .name = "batch-lifo",
    .title = "64 blocks of 16 to 1024 bytes, last in first out",
    .run = run_lifo,
    .operation_count = 2000000,
    .operations_at_once = BATCH,
    .bump_byte_count = (BATCH + 2) * 1024,
};
const struct workload workload_batch_fifo = {
    .name = "batch-fifo",
    .title = "64 blocks of 16 to 1024 bytes, first in first out",
    .run = run_fifo,
    .operation_count = 2000000,
    .operations_at_once = BATCH,
    .bump_byte_count = (BATCH + 2) * 1024,
};
