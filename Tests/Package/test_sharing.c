/*
 * test_sharing.c - threads in one environment free their own and each other's blocks.
 */
#include "package.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>

enum { MOST_THREADS = 8, PLACES = 64, STEPS = 12000 };

/* A block carries its own size and seed, so whoever takes it can look at it. */
struct content {
    size_t byte_count;
    uint64_t seed;
};

static _Atomic(struct content *) places[PLACES];

static struct content *make(struct random *random) {
    size_t byte_count = sizeof(struct content) +
                        random_byte_count(random, random_below(random, 200) ? 2000 : 90000);
    struct content *content = sm_allocate(byte_count);
    if (!CHECK(content != NULL))
        return NULL;
    content->byte_count = byte_count;
    content->seed = random_next(random);
    pattern_fill(content + 1, byte_count - sizeof *content, content->seed);
    return content;
}

static void take_apart(struct content *content) {
    if (content == NULL)
        return;
    CHECK(pattern_holds(content + 1, content->byte_count - sizeof *content, content->seed));
    CHECK(RpcSmFree(content) == RPC_S_OK);
}

/* Blocks change threads through the places: half of those freed are another thread's. */
static void work(uint64_t seed) {
    struct random random = {seed};
    struct content *own[32] = {NULL};
    for (int step = 0; step < TIMES(STEPS) && !check_failed(); step++) {
        struct content *made = make(&random);
        size_t place = random_below(&random, PLACES);
        if (random_below(&random, 2) == 0) {
            take_apart(atomic_exchange_explicit(&places[place], made, memory_order_acq_rel));
        } else {
            take_apart(own[place % 32]);
            own[place % 32] = made;
        }
    }
    for (int index = 0; index < 32; index++)
        take_apart(own[index]);
}

struct worker {
    RPC_SS_THREAD_HANDLE handle;
    uint64_t seed;
    int times;
};

static void *attached(void *argument) {
    struct worker *worker = argument;
    CHECK(RpcSmSetThreadHandle(worker->handle) == RPC_S_OK);
    work(worker->seed);
    return NULL;
}

static void share(int thread_count, bool owner_works) {
    pthread_t threads[MOST_THREADS];
    struct worker workers[MOST_THREADS];
    CHECK(RpcSmEnableAllocate() == RPC_S_OK);
    for (int index = 0; index < thread_count; index++) {
        workers[index] = (struct worker){RpcSmGetThreadHandle(NULL), 10u + index, 0};
        threads[index] = thread_start(attached, &workers[index]);
    }
    if (owner_works)
        work(99);
    for (int index = 0; index < thread_count; index++)
        thread_join(threads[index]);
    for (int place = 0; place < PLACES; place++)
        take_apart(atomic_exchange(&places[place], NULL));
    work(100); /* with what the others left */
    for (int place = 0; place < PLACES; place++)
        take_apart(atomic_exchange(&places[place], NULL));
    CHECK(RpcSmDisableAllocate() == RPC_S_OK);
    check_end("%d threads%s in one environment", thread_count, owner_works ? " and its owner" : "");
}

/* Attaching and detaching all the time: blocks outlive the arena that they came from. */
static void *comes_and_goes(void *argument) {
    struct worker *worker = argument;
    struct random random = {worker->seed};
    for (int visit = 0; visit < TIMES(4000) && !check_failed(); visit++) {
        CHECK(RpcSmSetThreadHandle(worker->handle) == RPC_S_OK);
        for (int index = 0; index < 5; index++) {
            size_t place = random_below(&random, PLACES);
            take_apart(
                atomic_exchange_explicit(&places[place], make(&random), memory_order_acq_rel));
        }
        switch (visit % 3) {
        case 0:
            CHECK(RpcSmDisableAllocate() == RPC_S_OK);
            break;
        case 1:
            CHECK(RpcSmSetThreadHandle(NULL) == RPC_S_OK);
            break;
        case 2: /* on top of it, one of its own that goes */
            CHECK(RpcSmEnableAllocate() == RPC_S_OK && sm_allocate(100) != NULL);
            CHECK(RpcSmDisableAllocate() == RPC_S_OK);
            CHECK(RpcSmGetThreadHandle(NULL) == worker->handle);
        }
    }
    return NULL;
}

static void visitors(void) {
    pthread_t threads[4];
    struct worker workers[4];
    CHECK(RpcSmEnableAllocate() == RPC_S_OK);
    for (int index = 0; index < 4; index++) {
        workers[index] = (struct worker){RpcSmGetThreadHandle(NULL), 30u + index, 0};
        threads[index] = thread_start(comes_and_goes, &workers[index]);
    }
    work(40);
    for (int index = 0; index < 4; index++)
        thread_join(threads[index]);
    for (int place = 0; place < PLACES; place++)
        take_apart(atomic_exchange(&places[place], NULL));
    CHECK(RpcSmDisableAllocate() == RPC_S_OK);
    check_end("threads that come and go, by Disable, by NULL and below an environment of theirs");
}

/* ---- Two threads free one block ---- */

static _Atomic(void *) contested;
static atomic_int successes, done, rounds_begun;
enum { ROUNDS = 8000 };

static void *free_contested(void *argument) {
    struct worker *worker = argument;
    CHECK(RpcSmSetThreadHandle(worker->handle) == RPC_S_OK);
    for (int round = 1; round <= worker->times; round++) {
        while (atomic_load_explicit(&rounds_begun, memory_order_acquire) < round)
            sched_yield();
        RPC_STATUS status = RpcSmFree(atomic_load_explicit(&contested, memory_order_relaxed));
        CHECK(status == RPC_S_OK || status == RPC_S_INVALID_ARG);
        if (status == RPC_S_OK)
            atomic_fetch_add_explicit(&successes, 1, memory_order_relaxed);
        atomic_fetch_add_explicit(&done, 1, memory_order_acq_rel);
    }
    return NULL;
}

static void one_of_many_frees(size_t byte_count) {
    pthread_t threads[3];
    struct worker worker = {NULL, 0, TIMES(ROUNDS)};
    atomic_store(&rounds_begun, 0);
    CHECK(RpcSmEnableAllocate() == RPC_S_OK);
    worker.handle = RpcSmGetThreadHandle(NULL);
    for (int index = 0; index < 3; index++)
        threads[index] = thread_start(free_contested, &worker);
    for (int round = 1; round <= worker.times; round++) {
        atomic_store(&contested, sm_allocate(byte_count));
        atomic_store(&successes, 0);
        atomic_store(&done, 0);
        atomic_store(&rounds_begun, round);
        /* The owner's free is the fast one: the block is its arena's. */
        if (round % 2 == 0 && RpcSmFree(atomic_load(&contested)) == RPC_S_OK)
            atomic_fetch_add(&successes, 1);
        while (atomic_load(&done) < 3)
            sched_yield();
        CHECK(atomic_load(&successes) == 1);
    }
    for (int index = 0; index < 3; index++)
        thread_join(threads[index]);
    CHECK(RpcSmDisableAllocate() == RPC_S_OK);
    check_end("of threads that free one block of %zu bytes one succeeds", byte_count);
}

/* ---- Frees of blocks that are another environment's, which is at work ---- */

static atomic_bool stop;
static _Atomic(void *) seen;

static void *free_foreign(void *unused) {
    (void)unused;
    CHECK(RpcSmEnableAllocate() == RPC_S_OK && RpcSmGetThreadHandle(NULL) != NULL);
    while (!atomic_load_explicit(&stop, memory_order_relaxed)) {
        void *block = atomic_load_explicit(&seen, memory_order_relaxed);
        CHECK(block == NULL || RpcSmFree(block) == RPC_S_INVALID_ARG);
    }
    CHECK(RpcSmDisableAllocate() == RPC_S_OK);
    return NULL;
}

static void foreign_frees(void) {
    atomic_store(&stop, false);
    pthread_t thread = thread_start(free_foreign, NULL);
    for (int call = 0; call < TIMES(4000); call++) {
        CHECK(RpcSmEnableAllocate() == RPC_S_OK);
        for (int index = 0; index < 20; index++) {
            size_t byte_count = index == 19 ? 100000 : 10u + 30u * index;
            char *block = sm_allocate(byte_count);
            pattern_fill(block, byte_count, 1u + call);
            atomic_store_explicit(&seen, block, memory_order_relaxed);
            CHECK(pattern_holds(block, byte_count, 1u + call));
            CHECK(index % 2 || RpcSmFree(block) == RPC_S_OK);
        }
        CHECK(RpcSmDisableAllocate() == RPC_S_OK);
    }
    atomic_store(&stop, true);
    thread_join(thread);
    check_end("frees from another environment are refused while its own works");
}

void test_sharing(void) {
    static const int counts[] = {1, 2, 4, 8};
    for (int index = 0; index < 4; index++)
        share(counts[index], index % 2 != 0);
    visitors();
    one_of_many_frees(48);
    one_of_many_frees(5000);
    one_of_many_frees(200000);
    foreign_frees();
}
