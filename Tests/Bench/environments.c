/*
 * Environments against the arenas that a C programmer could choose instead: nanoseconds for each
 * block over "make an environment, allocate N blocks of 32 bytes and write to each, release it".
 *
 * All candidates run in turn within each round, on one processor, in one process.
 */
#include "rpcss.h"
#include "timing.h"

#include <apr_pools.h>
#include <obstack.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#define obstack_chunk_alloc malloc
#define obstack_chunk_free free

enum { BLOCK_BYTE_COUNT = 32, ROUND_COUNT = 21 };

static void touch(void *block) { *(volatile char *)block = 1; }

static void run_environment(long count) {
    RpcSsEnableAllocate();
    for (long i = 0; i < count; i++)
        touch(RpcSsAllocate(BLOCK_BYTE_COUNT));
    RpcSsDisableAllocate();
}

static void run_apr(long count) {
    apr_pool_t *pool;
    apr_pool_create(&pool, NULL);
    for (long i = 0; i < count; i++)
        touch(apr_palloc(pool, BLOCK_BYTE_COUNT));
    apr_pool_destroy(pool);
}

static void run_talloc(long count) {
    void *context = talloc_new(NULL);
    for (long i = 0; i < count; i++)
        touch(talloc_size(context, BLOCK_BYTE_COUNT));
    talloc_free(context);
}

static void run_talloc_pool(long count) {
    void *context = talloc_pool(NULL, (size_t)count * (BLOCK_BYTE_COUNT + 112));
    for (long i = 0; i < count; i++)
        touch(talloc_size(context, BLOCK_BYTE_COUNT));
    talloc_free(context);
}

static void run_obstack(long count) {
    struct obstack stack;
    obstack_init(&stack);
    for (long i = 0; i < count; i++)
        touch(obstack_alloc(&stack, BLOCK_BYTE_COUNT));
    obstack_free(&stack, NULL);
}

static void *malloced[1000000];

static void run_malloc(long count) {
    for (long i = 0; i < count; i++)
        touch(malloced[i] = malloc(BLOCK_BYTE_COUNT));
    for (long i = 0; i < count; i++)
        free(malloced[i]);
}

static const struct {
    const char *name;
    void (*run)(long count);
} candidates[] = {
    {"environment", run_environment}, {"APR pool", run_apr},    {"talloc", run_talloc},
    {"talloc pool", run_talloc_pool}, {"obstack", run_obstack}, {"malloc/free", run_malloc},
};
enum { CANDIDATE_COUNT = sizeof candidates / sizeof candidates[0] };

static void compare_at(long count) {
    long repetitions = 400000 / count > 0 ? 400000 / count : 1;
    struct timing timings[CANDIDATE_COUNT] = {0};
    for (int round = -2; round < ROUND_COUNT; round++) {
        for (int i = 0; i < CANDIDATE_COUNT; i++) {
            double start = timing_now();
            for (long k = 0; k < repetitions; k++)
                candidates[i].run(count);
            double each = (timing_now() - start) / (double)repetitions / (double)count;
            if (round >= 0) /* the first rounds warm up */
                timing_add(&timings[i], each);
        }
    }
    double best = timing_median(&timings[1]);
    for (int i = 2; i < CANDIDATE_COUNT; i++)
        if (timing_median(&timings[i]) < best)
            best = timing_median(&timings[i]);
    for (int i = 0; i < CANDIDATE_COUNT; i++)
        printf("%9ld  %-12s  %8.2f  %6.1f %%  %6.2f\n", count, candidates[i].name,
               timing_median(&timings[i]), timing_spread(&timings[i]),
               timing_median(&timings[i]) / best);
}

/* ---- Blocks freed one by one ---- */

static void free_one_by_one(long count, int is_reversed) {
    struct timing timing = {0};
    long repetitions = 400000 / count;
    for (int round = 0; round < ROUND_COUNT; round++) {
        double spent = 0;
        for (long k = 0; k < repetitions; k++) {
            RpcSmEnableAllocate();
            for (long i = 0; i < count; i++)
                touch(malloced[i] = RpcSsAllocate(BLOCK_BYTE_COUNT));
            double start = timing_now();
            for (long i = 0; i < count; i++)
                RpcSsFree(malloced[is_reversed ? count - 1 - i : i]);
            spent += timing_now() - start;
            RpcSmDisableAllocate();
        }
        timing_add(&timing, spent / (double)repetitions / (double)count);
    }
    printf("%9ld  free, %-8s %7.2f  %6.1f %%\n", count, is_reversed ? "reverse" : "in order",
           timing_median(&timing), timing_spread(&timing));
}

/* ---- Two threads in one environment ----
 *
 * Each allocates 10,000 blocks and frees them, again and again. The first time is not measured: it
 * is the system's, which provides the pages. */

struct worker {
    RPC_SS_THREAD_HANDLE handle;
    pthread_barrier_t *barrier;
    int processor;
};

enum { SHARED_BLOCK_COUNT = 10000, SHARED_TURN_COUNT = 100 };

static void take_turns(int count) {
    void *blocks[SHARED_BLOCK_COUNT];
    for (int turn = 0; turn < count; turn++) {
        for (int i = 0; i < SHARED_BLOCK_COUNT; i++)
            touch(blocks[i] = RpcSsAllocate(BLOCK_BYTE_COUNT));
        for (int i = 0; i < SHARED_BLOCK_COUNT; i++)
            RpcSsFree(blocks[i]);
    }
}

static void *work(void *argument) {
    struct worker *worker = argument;
    timing_pin(worker->processor);
    RpcSsSetThreadHandle(worker->handle);
    take_turns(1);
    pthread_barrier_wait(worker->barrier);
    take_turns(SHARED_TURN_COUNT);
    pthread_barrier_wait(worker->barrier);
    RpcSsSetThreadHandle(NULL);
    return NULL;
}

/* Blocks a nanosecond of `count` threads in one environment. */
static double shared_throughput(int count) {
    pthread_barrier_t barrier;
    pthread_barrier_init(&barrier, NULL, (unsigned)count + 1);
    RpcSsEnableAllocate();
    struct worker workers[2];
    pthread_t threads[2];
    for (int i = 0; i < count; i++) {
        workers[i] = (struct worker){RpcSsGetThreadHandle(), &barrier, i};
        pthread_create(&threads[i], NULL, work, &workers[i]);
    }
    pthread_barrier_wait(&barrier);
    double start = timing_now();
    pthread_barrier_wait(&barrier);
    double spent = timing_now() - start;
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    RpcSsDisableAllocate();
    pthread_barrier_destroy(&barrier);
    return (double)SHARED_BLOCK_COUNT * SHARED_TURN_COUNT * count / spent;
}

static void share(void) {
    struct timing ratio = {0};
    for (int round = 0; round < ROUND_COUNT; round++)
        timing_add(&ratio, shared_throughput(2) / shared_throughput(1));
    printf("two threads in one environment: %.2f times the throughput of one (+- %.1f %%)\n",
           timing_median(&ratio), timing_spread(&ratio));
}

int main(void) {
    static const long counts[] = {1, 100, 10000, 1000000};
    apr_initialize();
    timing_print_machine("make bench-rpcss");
    timing_pin(0);
    printf("\n        N  candidate     ns/block  spread    to the fastest other\n");
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        compare_at(counts[i]);
    printf("\n");
    for (int is_reversed = 0; is_reversed < 2; is_reversed++) {
        free_one_by_one(100, is_reversed);
        free_one_by_one(10000, is_reversed);
    }
    printf("\n");
    share();
    apr_terminate();
    return 0;
}
