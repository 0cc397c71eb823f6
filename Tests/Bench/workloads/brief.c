/*
 * brief.c - threads that live for one call: ten at a time, each allocates 200 blocks and frees
 * them. Making and joining the threads is a part of it, the same for all allocators.
 */
#include "workload.h"

#include "timing.h"

#include <pthread.h>

enum { THREAD_COUNT = 10, LIFE = 200 };

struct life {
    const struct allocator *allocator;
    struct random random;
    int processor;
};

static void *live(void *argument) {
    struct life *life = argument;
    struct block blocks[LIFE];
    timing_pin(life->processor);
    for (uint32_t i = 0; i < LIFE; i++)
        blocks[i] = block_allocate(life->allocator, random_between(&life->random, 16, 512), i);
    for (uint32_t i = 0; i < LIFE; i++)
        block_release(life->allocator, blocks[i]);
    return NULL;
}

static void run(struct worker *workers, long operation_count) {
    for (long done = 0; done < operation_count; done += THREAD_COUNT * LIFE) {
        pthread_t threads[THREAD_COUNT];
        struct life lives[THREAD_COUNT];
        for (int i = 0; i < THREAD_COUNT; i++) {
            lives[i] = (struct life){
                &workers->allocator, {random_next(&workers->random)}, i % WORKER_COUNT};
            if (pthread_create(&threads[i], NULL, live, &lives[i]) != 0)
                block_fail("no thread");
        }
        for (int i = 0; i < THREAD_COUNT; i++)
            pthread_join(threads[i], NULL);
    }
}

const struct workload workload_brief = {
    .name = "brief",
    .title = "threads that each live for 200 blocks, ten at a time",
    .run = run,
    .has_threads = true,
    .operation_count = 200000,
    .operations_at_once = THREAD_COUNT * LIFE,
};
