/* pair.c - one block, allocated and freed at once: the shortest way through an allocator. */
#include "workload.h"

static inline void run(struct worker *worker, long operation_count, uint32_t byte_count) {
    for (long i = 0; i < operation_count; i++)
        block_release(&worker->allocator,
                      block_allocate(&worker->allocator, byte_count, (uint32_t)i));
}

static void run_40(struct worker *worker, long count) { run(worker, count, 40); }
static void run_1024(struct worker *worker, long count) { run(worker, count, 1024); }
static void run_8192(struct worker *worker, long count) { run(worker, count, 8192); }

const struct workload workload_pair_40 = {
    .name = "pair-40",
    .title = "one block of 40 bytes",
    .run = run_40,
    .operation_count = 3000000,
    .operations_at_once = 1,
    .bump_byte_count = 16 * 1024,
};
const struct workload workload_pair_1024 = {
    .name = "pair-1024",
    .title = "one block of 1 KiB",
    .run = run_1024,
    .operation_count = 3000000,
    .operations_at_once = 1,
    .bump_byte_count = 16 * 1024,
};
const struct workload workload_pair_8192 = {
    .name = "pair-8192",
    .title = "one block of 8 KiB",
    .run = run_8192,
    .operation_count = 3000000,
    .operations_at_once = 1,
    .bump_byte_count = 16 * 1024,
};
