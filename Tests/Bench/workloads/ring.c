/* ring.c - one thread allocates, another frees: a receiver and the threads that serve its calls. */
#include "ring.h"
#include "workload.h"

static struct ring ring;

static void work(struct worker *worker, long operation_count) {
    for (long i = 0; i < operation_count; i++) {
        if (worker->index == 0)
            ring_put(&ring, block_allocate(&worker->allocator,
                                           random_between(&worker->random, 16, 128), (uint32_t)i));
        else
            block_release(&worker->allocator, ring_take(&ring));
    }
}

static void run(struct worker *workers, long operation_count) {
    workload_run_on_two(workers, work, operation_count);
}

/* The incremented pointer has one user here as well, since its free does nothing. It must not reach
 * blocks that are still in the ring, or in the other's hand. */
const struct workload workload_ring = {
    .name = "ring",
    .title = "one thread allocates, another frees",
    .run = run,
    .has_threads = true,
    .operation_count = 500000,
    .operations_at_once = 1,
    .bump_byte_count = 256 * 1024,
};
