/* workloads.c - the list of workloads, in the order of the table, and what several of them need. */
#include "workload.h"

#include "timing.h"

#include <pthread.h>

const struct workload *const workloads[] = {
    &workload_pair_40,      &workload_pair_1024,     &workload_pair_8192,   &workload_batch_lifo,
    &workload_batch_fifo,   &workload_random_order,  &workload_replacement, &workload_list,
    &workload_tree,         &workload_mix,           &workload_tail,        &workload_rebuild,
    &workload_large_sparse, &workload_large_written, &workload_hand_over,   &workload_exchange,
    &workload_inherit,      &workload_brief,         &workload_sharing,     NULL,
};

struct part {
    struct worker *worker;
    void (*work)(struct worker *worker, long operation_count);
    long operation_count;
};

static void *run_part(void *argument) {
    struct part *part = argument;
    timing_pin(part->worker->index);
    part->work(part->worker, part->operation_count);
    return NULL;
}

void workload_run_on_two(struct worker *workers,
                         void (*work)(struct worker *worker, long operation_count),
                         long operation_count) {
    pthread_t threads[WORKER_COUNT];
    struct part parts[WORKER_COUNT];
    for (int i = 0; i < WORKER_COUNT; i++) {
        parts[i] = (struct part){&workers[i], work, operation_count};
        if (pthread_create(&threads[i], NULL, run_part, &parts[i]) != 0)
            block_fail("no thread");
    }
    for (int i = 0; i < WORKER_COUNT; i++)
        pthread_join(threads[i], NULL);
}
