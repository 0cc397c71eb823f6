/*
 * test_limit.c - no memory: NULL and ENOMEM, and the heap works afterwards.
 *
 * Children with a limit on their address space or on their writable memory,
 * set before the library's first call or after it has been at work. The memory
 * is touched, so a heap that ignored the limit would fill the machine: each
 * child stops by itself at four times the limit and fails.
 */
#include "groups.h"
#include "pair.h"
#include "support.h"
#include "tap.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define LIMIT (400 * MEBI)
/* What must be had under the limit: the rest is for the program and the heap's
 * own tables and rounding. */
#define AT_LEAST (200 * MEBI)

static const struct limit {
    const char *name;
    int resource;
    bool warm;
} limits[] = {
    {"RLIMIT_AS before the first call", RLIMIT_AS, false},
    {"RLIMIT_AS after warm-up", RLIMIT_AS, true},
    {"RLIMIT_DATA before the first call", RLIMIT_DATA, false},
    {"RLIMIT_DATA after warm-up", RLIMIT_DATA, true},
};

static const struct sizes {
    const char *name;
    size_t least, most;
} sizes[] = {
    {"small blocks", 16, 2000},
    {"medium blocks", 2000, 32000},
    {"large blocks", 40000, 4000000},
};

struct exhaustion {
    const struct limit *limit;
    const struct sizes *sizes;
};

/* Blocks are chained through their first word. */
static size_t fill_to_the_brim(const struct sizes *range, void **chain) {
    struct random random = {12};
    size_t total = 0;
    for (;;) {
        size_t byte_count = range->least + random_below(&random, range->most - range->least);
        errno = 0;
        void **block = pair.allocate(byte_count);
        if (block == NULL) {
            if (errno != ENOMEM)
                _exit(2);
            return total;
        }
        memset(block, 1, byte_count);
        *block = *chain;
        *chain = block;
        total += byte_count;
        if (total > 4 * LIMIT)
            _exit(3);
    }
}

static void empty(void **chain) {
    while (*chain != NULL) {
        void **block = *chain;
        *chain = *block;
        errno = 4711;
        pair.free(block);
        if (errno != 4711)
            _exit(4);
    }
}

static void run_out(void *argument) {
    const struct exhaustion *one = argument;
    void *chain = NULL;
    if (one->limit->warm)
        for (int count = 0; count < 100; count++)
            pair.free(pair.allocate((size_t)count * 1000));
    struct rlimit limit = {LIMIT, LIMIT};
    if (setrlimit(one->limit->resource, &limit) != 0)
        _exit(5);
    size_t first = fill_to_the_brim(one->sizes, &chain);
    if (first < AT_LEAST) {
        fprintf(stderr, "only %zu bytes", first);
        _exit(6);
    }
    /* At the brim: still NULL, never a trap; what is freed can be had again. */
    for (int count = 0; count < 100; count++)
        if (pair.allocate(LIMIT) != NULL)
            _exit(7);
    empty(&chain);
    size_t second = fill_to_the_brim(one->sizes, &chain);
    if (second < first - first / 4) {
        fprintf(stderr, "first %zu bytes, then %zu", first, second);
        _exit(8);
    }
    empty(&chain);
    pair.trim();
    /* Another size must get what this one gave back. */
    const struct sizes *other = one->sizes == &sizes[0] ? &sizes[2] : &sizes[0];
    size_t third = fill_to_the_brim(other, &chain);
    if (third < AT_LEAST) {
        fprintf(stderr, "only %zu bytes of %s after %zu", third, other->name, first);
        _exit(9);
    }
    empty(&chain);
}

/* The threads start before the limit is set: afterwards there is no address space for stacks. */
static pthread_barrier_t limit_is_set;

/* Each thread fills up and empties by itself; how far it gets depends on the
 * others, so only the end is checked. */
static void *compete(void *range) {
    pthread_barrier_wait(&limit_is_set);
    for (int round = 0; round < 3; round++) {
        void *chain = NULL;
        fill_to_the_brim(range, &chain);
        empty(&chain);
    }
    return NULL;
}

static void competition(void *unused) {
    (void)unused;
    pthread_t threads[3];
    struct rlimit limit = {LIMIT, LIMIT};
    pthread_barrier_init(&limit_is_set, NULL, 4);
    for (int index = 0; index < 3; index++)
        threads[index] = thread_start(compete, (void *)(uintptr_t)&sizes[index]);
    setrlimit(RLIMIT_AS, &limit);
    pthread_barrier_wait(&limit_is_set);
    for (int index = 0; index < 3; index++)
        thread_join(threads[index]);
    pair.trim();
    void *chain = NULL;
    if (fill_to_the_brim(&sizes[0], &chain) < AT_LEAST)
        _exit(6);
}

void test_limit(void) {
    struct child_result result;
    for (size_t limit = 0; limit < sizeof limits / sizeof limits[0]; limit++)
        for (size_t range = 0; range < sizeof sizes / sizeof sizes[0]; range++) {
            struct exhaustion one = {&limits[limit], &sizes[range]};
            child_run(&result, run_out, &one);
            if (!tap_ok(child_exited(&result, 0), "%s: %s until NULL, and again",
                        limits[limit].name, sizes[range].name))
                child_note(&result);
        }
    child_run(&result, competition, NULL);
    if (!tap_ok(child_exited(&result, 0), "three threads run out of memory at the same time"))
        child_note(&result);
}
