/*
 * workload.h - what is measured: a loop of allocations and frees as some program would make them.
 *
 * An operation is one allocation and its free. A workload is deterministic: every allocator gets
 * the same calls.
 */
#ifndef WORKLOAD_H
#define WORKLOAD_H

#include "block.h"
#include "random.h"

#include <stdbool.h>

enum {
    WORKER_BLOCK_LIMIT = 10000,
    WORKER_WIRE_BYTE_COUNT = 256 * 1024,
    WORKER_COUNT = 2,
};

/* All that one thread's part of a workload works on. None of it comes from the allocator. */
struct worker {
    struct allocator allocator;
    int index; /* 0 or 1: also the processor it runs on */
    struct random random;
    struct block blocks[WORKER_BLOCK_LIMIT];
    uint32_t order[WORKER_BLOCK_LIMIT];
    unsigned char wire[WORKER_WIRE_BYTE_COUNT];
};

struct workload {
    const char *name;
    const char *title;
    /* Before and after all runs, on the thread that runs; either may be NULL. */
    void (*begin)(struct worker *worker);
    void (*end)(struct worker *worker);
    /* Makes operation_count operations, or somewhat fewer where they come in batches of
     * operations_at_once. Leaves no block behind that `end` does not free. With has_threads it
     * gets both workers and makes threads of its own, else one. */
    void (*run)(struct worker *worker, long operation_count);
    bool has_threads;
    long operation_count; /* of one timed repetition: some 10 to 50 ms */
    long operations_at_once;
    /* The area in which a pointer that is only incremented can serve this workload without ever
     * touching a live block; 0: it cannot. */
    size_t bump_byte_count;
};

/* Ends with NULL. */
extern const struct workload *const workloads[];

extern const struct workload workload_pair_40, workload_pair_1024, workload_pair_8192;
extern const struct workload workload_batch_lifo, workload_batch_fifo;
extern const struct workload workload_random_order, workload_replacement;
extern const struct workload workload_list, workload_tree, workload_mix, workload_tail,
    workload_rebuild;
extern const struct workload workload_large_sparse, workload_large_written;
extern const struct workload workload_hand_over, workload_exchange, workload_inherit,
    workload_brief, workload_sharing;

/* Runs `work` on two threads, a worker each, until both have returned. */
void workload_run_on_two(struct worker *workers,
                         void (*work)(struct worker *worker, long operation_count),
                         long operation_count);

#endif /* WORKLOAD_H */
