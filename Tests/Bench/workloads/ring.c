/*
 * ring.c - one thread allocates, another frees: a receiver and the threads that serve its calls.
 *
 *     worker 0, allocates -> [ ring of 1,024 blocks ] -> worker 1, frees
 *
 * written - read <= 1,024. Each index has one writer; `release` on its store and `acquire` on its
 * load hand over the slots, and with them the blocks.
 */
#include "workload.h"

#include <sched.h>
#include <stdatomic.h>

enum { SLOT_COUNT = 1024, PATIENCE = 200 };

/* Each side's fields on lines of their own, two apart: processors fetch lines in pairs. */
static struct {
    _Alignas(128) atomic_uint_fast64_t written;
    _Alignas(128) atomic_uint_fast64_t read;
    _Alignas(128) struct block slots[SLOT_COUNT];
} ring;

/* Waits until `*index` is no longer `old`; returns its value. A yield now and then, since both
 * threads may have to share one processor. */
static uint64_t wait_for(atomic_uint_fast64_t *index, uint64_t old) {
    uint64_t now;
    for (int turn = 0; (now = atomic_load_explicit(index, memory_order_acquire)) == old; turn++) {
        if (turn % PATIENCE == PATIENCE - 1)
            sched_yield();
        else
            __builtin_ia32_pause();
    }
    return now;
}

static void produce(struct worker *worker, long operation_count) {
    uint64_t read = 0;
    for (uint64_t i = 0; i < (uint64_t)operation_count; i++) {
        struct block block = block_allocate(&worker->allocator,
                                            random_between(&worker->random, 16, 128), (uint32_t)i);
        if (i - read == SLOT_COUNT)
            read = wait_for(&ring.read, read);
        ring.slots[i % SLOT_COUNT] = block;
        atomic_store_explicit(&ring.written, i + 1, memory_order_release);
    }
}

static void consume(struct worker *worker, long operation_count) {
    uint64_t written = 0;
    for (uint64_t i = 0; i < (uint64_t)operation_count; i++) {
        if (i == written)
            written = wait_for(&ring.written, written);
        struct block block = ring.slots[i % SLOT_COUNT];
        atomic_store_explicit(&ring.read, i + 1, memory_order_release);
        block_release(&worker->allocator, block);
    }
}

static void work(struct worker *worker, long operation_count) {
    (worker->index == 0 ? produce : consume)(worker, operation_count);
}

static void run(struct worker *workers, long operation_count) {
    atomic_store(&ring.written, 0);
    atomic_store(&ring.read, 0);
    workload_run_on_two(workers, work, operation_count);
}

/* The incremented pointer has one user here as well: `consume` does nothing with it. It must not
 * reach blocks that are still in the ring, or in the consumer's hand. */
const struct workload workload_ring = {
    .name = "ring",
    .title = "one thread allocates, another frees",
    .run = run,
    .has_threads = true,
    .operation_count = 1000000,
    .operations_at_once = 1,
    .bump_byte_count = 256 * 1024,
};
