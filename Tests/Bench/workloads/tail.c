/*
 * tail.c - growth and shrinkage with a long tail of live blocks.
 *
 * In each phase 8,000 blocks are allocated and all but every 16th are freed, in random order. What
 * remains lives for eight phases, scattered over the memory of its phase. Sizes change from phase
 * to phase, so that memory must pass from one size to another to be used again.
 */
#include "workload.h"

enum { PHASE_COUNT = 8, PHASE_BLOCK_COUNT = 8000, TAIL_COUNT = PHASE_BLOCK_COUNT / 16 };

static struct block tails[WORKER_COUNT][PHASE_COUNT][TAIL_COUNT];
static int phases[WORKER_COUNT];

static void release_tail(struct worker *worker, int phase) {
    struct block *tail = tails[worker->index][phase];
    for (int i = 0; i < TAIL_COUNT; i++) {
        if (tail[i].start != NULL)
            block_release(&worker->allocator, tail[i]);
        tail[i].start = NULL;
    }
}

static void begin(struct worker *worker) {
    memset(tails[worker->index], 0, sizeof tails[worker->index]);
    phases[worker->index] = 0;
}

static void end(struct worker *worker) {
    for (int phase = 0; phase < PHASE_COUNT; phase++)
        release_tail(worker, phase);
}

static void run_phase(struct worker *worker, int phase) {
    struct block *blocks = worker->blocks;
    uint32_t power = 4 + (uint32_t)(phase * 3 % PHASE_COUNT);
    for (uint32_t i = 0; i < PHASE_BLOCK_COUNT; i++)
        blocks[i] = block_allocate(&worker->allocator,
                                   random_doubling(&worker->random, power, power + 2), i);
    release_tail(worker, phase);
    for (uint32_t left = PHASE_BLOCK_COUNT; left > TAIL_COUNT; left--) {
        uint32_t chosen = random_below(&worker->random, left);
        block_release(&worker->allocator, blocks[chosen]);
        blocks[chosen] = blocks[left - 1];
    }
    memcpy(tails[worker->index][phase], blocks, sizeof tails[worker->index][phase]);
}

static void run(struct worker *worker, long operation_count) {
    for (long done = 0; done < operation_count; done += PHASE_BLOCK_COUNT) {
        run_phase(worker, phases[worker->index]);
        phases[worker->index] = (phases[worker->index] + 1) % PHASE_COUNT;
    }
}

const struct workload workload_tail = {
    .name = "tail",
    .title = "growth and shrinkage, 16 bytes to 8 KiB, with a long tail",
    .begin = begin,
    .end = end,
    .run = run,
    .operation_count = 4 * PHASE_COUNT * PHASE_BLOCK_COUNT,
    .operations_at_once = PHASE_BLOCK_COUNT,
};
