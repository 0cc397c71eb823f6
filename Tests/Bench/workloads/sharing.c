/*
 * sharing.c - passive false sharing: the main thread allocates two small blocks and gives one to
 * each of two threads. Each frees it, then again and again allocates one of that size, writes to it
 * and frees it. An allocator that gives the freed block back to the thread which freed it lets both
 * write to one cache line.
 *
 * After Berger et al., "Hoard: A Scalable Memory Allocator for Multithreaded Applications", 2000.
 */
#include "workload.h"

enum { BYTE_COUNT = 16, WRITE_COUNT = 20, LIFE = 20000 };

static void work(struct worker *worker, long operation_count) {
    block_release(&worker->allocator, worker->blocks[0]);
    for (long i = 0; i < operation_count; i++) {
        struct block block = block_allocate(&worker->allocator, BYTE_COUNT, (uint32_t)i);
        for (int k = 0; k < WRITE_COUNT; k++)
            *(volatile unsigned char *)&block.start[sizeof block.stamp] += 1;
        block_release(&worker->allocator, block);
    }
}

static void run(struct worker *workers, long operation_count) {
    for (long done = 0; done < operation_count; done += WORKER_COUNT * LIFE) {
        for (uint32_t i = 0; i < WORKER_COUNT; i++)
            workers[i].blocks[0] = block_allocate(&workers[i].allocator, BYTE_COUNT, i);
        workload_run_on_two(workers, work, LIFE);
    }
}

const struct workload workload_sharing = {
    .name = "sharing",
    .title = "two threads write to blocks, the first of them from one thread",
    .run = run,
    .has_threads = true,
    .operation_count = 600000,
    .operations_at_once = WORKER_COUNT * LIFE,
};
