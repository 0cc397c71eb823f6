/*
 * ring.h - blocks on their way from one thread to another, 64 at a time: so the ring itself, whose
 * cache lines travel between processors, costs little beside the allocator.
 *
 *     one thread puts -> [ 16 batches of 64 blocks ] -> one thread takes
 *
 * written - read <= 16. Each index has one writer; `release` on its store and `acquire` on its
 * load hand over the slots, and with them the blocks.
 */
#ifndef RING_H
#define RING_H

#include "block.h"

#include <sched.h>
#include <stdatomic.h>

enum { RING_BATCH = 64, RING_SLOT_COUNT = 16, RING_PATIENCE = 200 };

/* Each side's fields on lines of their own, two apart: processors fetch lines in pairs. A side
 * remembers what it last saw of the other's index, and looks again only when it has to. */
struct ring {
    _Alignas(128) atomic_uint_fast64_t written;
    uint64_t read_seen;
    _Alignas(128) atomic_uint_fast64_t read;
    uint64_t written_seen;
    _Alignas(128) struct block slots[RING_SLOT_COUNT][RING_BATCH];
};

/* Waits until `*index` is no longer `old`; returns its value. A yield now and then, since both
 * threads may have to share one processor. */
static inline uint64_t ring_wait(atomic_uint_fast64_t *index, uint64_t old) {
    uint64_t now;
    for (int turn = 0; (now = atomic_load_explicit(index, memory_order_acquire)) == old; turn++) {
        if (turn % RING_PATIENCE == RING_PATIENCE - 1)
            sched_yield();
        else
            __builtin_ia32_pause();
    }
    return now;
}

static inline void ring_put(struct ring *ring, const struct block blocks[RING_BATCH]) {
    uint64_t written = atomic_load_explicit(&ring->written, memory_order_relaxed);
    if (written - ring->read_seen == RING_SLOT_COUNT)
        ring->read_seen = ring_wait(&ring->read, ring->read_seen);
    memcpy(ring->slots[written % RING_SLOT_COUNT], blocks, sizeof ring->slots[0]);
    atomic_store_explicit(&ring->written, written + 1, memory_order_release);
}

static inline void ring_take(struct ring *ring, struct block blocks[RING_BATCH]) {
    uint64_t read = atomic_load_explicit(&ring->read, memory_order_relaxed);
    if (read == ring->written_seen)
        ring->written_seen = ring_wait(&ring->written, read);
    memcpy(blocks, ring->slots[read % RING_SLOT_COUNT], sizeof ring->slots[0]);
    atomic_store_explicit(&ring->read, read + 1, memory_order_release);
}

#endif /* RING_H */
