/*
 * inherit.c - servers with threads that come and go: two lines of threads, each thread inherits
 * 1,000 live blocks, replaces random ones 10,000 times, starts its successor and ends.
 *
 * After Larson and Krishnan, "Memory Allocation for Long-Running Server Applications", 1998.
 */
#include "workload.h"

#include "timing.h"

#include <pthread.h>

enum { LIVE_COUNT = 1000, LIFE = 10000 };

struct line {
    struct worker *worker;
    long operations_left;
    pthread_barrier_t *end;
};

static void replace(struct worker *worker, long count) {
    for (long i = 0; i < count; i++) {
        struct block *block = &worker->blocks[random_below(&worker->random, LIVE_COUNT)];
        block_release(&worker->allocator, *block);
        *block = block_allocate(&worker->allocator, random_between(&worker->random, 16, 1024),
                                (uint32_t)i);
    }
}

static void *live(void *argument) {
    struct line *line = argument;
    pthread_barrier_t *end = line->end;
    long count = line->operations_left < LIFE ? line->operations_left : LIFE;
    timing_pin(line->worker->index);
    replace(line->worker, count);
    line->operations_left -= count;
    pthread_t successor;
    if (line->operations_left == 0)
        pthread_barrier_wait(end);
    else if (pthread_create(&successor, NULL, live, line) != 0 || pthread_detach(successor) != 0)
        block_fail("no thread");
    return NULL;
}

static void run(struct worker *workers, long operation_count) {
    struct line lines[WORKER_COUNT];
    pthread_barrier_t end;
    pthread_barrier_init(&end, NULL, WORKER_COUNT + 1);
    for (int i = 0; i < WORKER_COUNT; i++) {
        pthread_t thread;
        lines[i] = (struct line){&workers[i], operation_count / WORKER_COUNT, &end};
        if (pthread_create(&thread, NULL, live, &lines[i]) != 0 || pthread_detach(thread) != 0)
            block_fail("no thread");
    }
    pthread_barrier_wait(&end);
    pthread_barrier_destroy(&end);
}

static void begin(struct worker *workers) {
    for (int i = 0; i < WORKER_COUNT; i++)
        for (uint32_t k = 0; k < LIVE_COUNT; k++)
            workers[i].blocks[k] = block_allocate(&workers[i].allocator,
                                                  random_between(&workers[i].random, 16, 1024), k);
}

static void end(struct worker *workers) {
    for (int i = 0; i < WORKER_COUNT; i++)
        for (uint32_t k = 0; k < LIVE_COUNT; k++)
            block_release(&workers[i].allocator, workers[i].blocks[k]);
}

const struct workload workload_inherit = {
    .name = "inherit",
    .title = "threads come and go, each inherits 1,000 blocks",
    .begin = begin,
    .end = end,
    .run = run,
    .has_threads = true,
    .operation_count = 1000000,
    .operations_at_once = WORKER_COUNT,
};
