/* hand_over.c - one thread allocates, another frees: a receiver and the threads that serve its
 * calls. */
#include "ring.h"
#include "workload.h"

static struct ring ring;

static void produce(struct worker *worker, long operation_count) {
    for (long done = 0; done < operation_count; done += RING_BATCH) {
        for (uint32_t i = 0; i < RING_BATCH; i++)
            worker->blocks[i] = block_allocate(
                &worker->allocator, random_between(&worker->random, 16, 128), (uint32_t)done + i);
        ring_put(&ring, worker->blocks);
    }
}

static void consume(struct worker *worker, long operation_count) {
    for (long done = 0; done < operation_count; done += RING_BATCH) {
        ring_take(&ring, worker->blocks);
        for (uint32_t i = 0; i < RING_BATCH; i++)
            block_release(&worker->allocator, worker->blocks[i]);
    }
}

static void work(struct worker *worker, long operation_count) {
    (worker->index == 0 ? produce : consume)(worker, operation_count);
}

static void run(struct worker *workers, long operation_count) {
    workload_run_on_two(workers, work, operation_count);
}

/* The incremented pointer has one user here as well, since its free does nothing. It must not reach
 * blocks that are still in the ring, or in the other's hand. */
const struct workload workload_hand_over = {
    .name = "hand-over",
    .title = "one thread allocates, another frees",
    .run = run,
    .has_threads = true,
    .operation_count = 1000000,
    .operations_at_once = RING_BATCH,
    .bump_byte_count = 256 * 1024,
};
