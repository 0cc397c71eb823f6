/*
 * ring.h - blocks on their way from one thread to another.
 *
 *     one thread puts -> [ 1,024 blocks ] -> one thread takes
 *
 * written - read <= 1,024. Each index has one writer; `release` on its store and `acquire` on its
 * load hand over the slots, and with them the blocks.
 */
#ifndef RING_H
#define RING_H

#include "block.h"

#include <sched.h>
#include <stdatomic.h>

enum { RING_SLOT_COUNT = 1024, RING_PATIENCE = 200 };

/* Each side's fields on lines of their own, two apart: processors fetch lines in pairs. A side
 * remembers what it last saw of the other's index, and looks again only when it has to. */
struct ring {
    _Alignas(128) atomic_uint_fast64_t written;
    uint64_t read_seen;
    _Alignas(128) atomic_uint_fast64_t read;
    uint64_t written_seen;
    _Alignas(128) struct block slots[RING_SLOT_COUNT];
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

static inline void ring_put(struct ring *ring, struct block block) {
    uint64_t written = atomic_load_explicit(&ring->written, memory_order_relaxed);
    if (written - ring->read_seen == RING_SLOT_COUNT)
        ring->read_seen = ring_wait(&ring->read, ring->read_seen);
    ring->slots[written % RING_SLOT_COUNT] = block;
    atomic_store_explicit(&ring->written, written + 1, memory_order_release);
}

static inline struct block ring_take(struct ring *ring) {
    uint64_t read = atomic_load_explicit(&ring->read, memory_order_relaxed);
    if (read == ring->written_seen)
        ring->written_seen = ring_wait(&ring->written, read);
    struct block block = ring->slots[read % RING_SLOT_COUNT];
    atomic_store_explicit(&ring->read, read + 1, memory_order_release);
    return block;
}

#endif /* RING_H */
