/*
 * exchange.c - two threads exchange blocks: each puts a new block of 16 to 128 bytes into a random
 * one of 512 places and frees what it found there, its own or the other's.
 */
#include "workload.h"

#include <stdatomic.h>

enum { PLACE_COUNT = 512 };

/* Who frees it knows nothing but its address: it says itself what it is. The stamp, never 0, also
 * stands in the block's last bytes, and is cleared with the free, so that two holders of one
 * address are found out. */
struct message {
    uint32_t byte_count;
    uint32_t stamp;
};

static _Atomic(struct message *) places[PLACE_COUNT];

static struct message *allocate(struct worker *worker, uint32_t number) {
    struct block block =
        block_allocate(&worker->allocator, random_between(&worker->random, 16, 128),
                       number * WORKER_COUNT * 2 + (uint32_t)worker->index * 2 + 1);
    struct message *message = (struct message *)block.start;
    *message = (struct message){block.byte_count, block.stamp};
    return message;
}

static void release(struct worker *worker, struct message *message) {
    uint32_t last, cleared = 0;
    unsigned char *end = (unsigned char *)message + message->byte_count;
    if (message->byte_count < 16 || message->byte_count > 128)
        block_fail("a message has lost its size");
    memcpy(&last, end - sizeof last, sizeof last);
    if (message->stamp == 0 || last != message->stamp)
        block_fail("a message has lost its contents");
    message->stamp = 0;
    memcpy(end - sizeof cleared, &cleared, sizeof cleared);
    worker->allocator.release(message);
}

/* `acq_rel`: the block's contents go with its address, both ways. */
static void work(struct worker *worker, long operation_count) {
    for (long i = 0; i < operation_count / WORKER_COUNT; i++) {
        struct message *message = allocate(worker, (uint32_t)i);
        message = atomic_exchange_explicit(&places[random_below(&worker->random, PLACE_COUNT)],
                                           message, memory_order_acq_rel);
        if (message != NULL)
            release(worker, message);
    }
}

static void run(struct worker *workers, long operation_count) {
    workload_run_on_two(workers, work, operation_count);
    for (int i = 0; i < PLACE_COUNT; i++) {
        struct message *message = atomic_exchange(&places[i], NULL);
        if (message != NULL)
            release(&workers[0], message);
    }
}

const struct workload workload_exchange = {
    .name = "exchange",
    .title = "two threads exchange blocks",
    .run = run,
    .has_threads = true,
    .operation_count = 600000,
    .operations_at_once = WORKER_COUNT,
};
