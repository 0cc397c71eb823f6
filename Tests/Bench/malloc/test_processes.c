/* test_processes.c - threads that pass blocks to one another, end late, and fork. */
#define _GNU_SOURCE
#include "test_malloc.h"

#include "../../Harness/support.h"
#include "../../Harness/tap.h"

#include <malloc.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* A block of any kind, or another size for one: with its size and a seed before the pattern. */
struct head {
    size_t byte_count;
    uint64_t seed;
};

static struct head *filled(struct head *block, size_t byte_count, uint64_t seed) {
    if (block == NULL)
        abort();
    *block = (struct head){byte_count, seed};
    pattern_fill(block + 1, byte_count - sizeof *block, seed);
    return block;
}

static bool is_intact(struct head *block) {
    return pattern_holds(block + 1, block->byte_count - sizeof *block, block->seed);
}

static struct head *make(struct random *random) {
    size_t byte_count =
        sizeof(struct head) + random_byte_count(random, random_below(random, 50) ? 4000 : 200000);
    uint64_t seed = random_next(random);
    switch (random_below(random, 4)) {
    case 0:
        return filled(malloc(byte_count), byte_count, seed);
    case 1:
        return filled(calloc(1, byte_count), byte_count, seed);
    case 2:
        return filled(memalign((size_t)1 << (4 + random_below(random, 14)), byte_count), byte_count,
                      seed);
    default:
        return filled(realloc(malloc(random_byte_count(random, 4000)), byte_count), byte_count,
                      seed);
    }
}

enum { THREADS = 4, SLOTS = 256, TURNS = 40000 };

static _Atomic(struct head *) slots[SLOTS];
static atomic_int damaged;

static void exchange_blocks(struct random *random, int turns) {
    for (int i = 0; i < turns; i++) {
        struct head *block = random_below(random, 3) != 0 ? make(random) : NULL;
        block = atomic_exchange(&slots[random_below(random, SLOTS)], block);
        if (block == NULL)
            continue;
        if (!is_intact(block))
            atomic_fetch_add(&damaged, 1);
        if (random_below(random, 4) == 0) {
            /* Shrunk or grown by a thread that did not make it. */
            size_t byte_count = sizeof *block + random_byte_count(random, 4000);
            size_t common = byte_count < block->byte_count ? byte_count : block->byte_count;
            uint64_t seed = block->seed;
            block = realloc(block, byte_count);
            if (!pattern_holds(block + 1, common - sizeof *block, seed))
                atomic_fetch_add(&damaged, 1);
        }
        free(block);
    }
}

static void empty_slots(void) {
    for (size_t i = 0; i < SLOTS; i++)
        free(atomic_exchange(&slots[i], NULL));
}

static void *exchanging_thread(void *seed) {
    struct random random = {(uintptr_t)seed};
    exchange_blocks(&random, TURNS);
    return NULL;
}

/* Allocates and frees in a thread's last moments, after the heap has had its notice. */
static pthread_key_t late_key;
static atomic_int late_calls;

static void late(void *block) {
    free(block);
    if (atomic_fetch_add(&late_calls, 1) % 3 != 2)
        pthread_setspecific(late_key, malloc(100));
    free(calloc(10, 1000));
}

static void *late_thread(void *unused) {
    pthread_setspecific(late_key, malloc(50));
    return unused;
}

void test_threads(void) {
    pthread_t threads[THREADS];
    for (uintptr_t i = 0; i < THREADS; i++)
        threads[i] = thread_start(exchanging_thread, (void *)(i * 77 + 1));
    for (size_t i = 0; i < THREADS; i++)
        thread_join(threads[i]);
    tap_ok(damaged == 0, "threads: blocks that others resize and free keep their contents");
    empty_slots();

    pthread_key_create(&late_key, late);
    for (int i = 0; i < 200; i++)
        thread_join(thread_start(late_thread, NULL));
    tap_ok(late_calls >= 200, "threads: destructors allocate and free");
    pthread_key_delete(late_key);
}

/* ---- Fork ---------------------------------------------------------------- */

static atomic_bool is_over;

static void *busy_thread(void *seed) {
    struct random random = {(uintptr_t)seed};
    while (!is_over)
        exchange_blocks(&random, 50);
    return NULL;
}

static void in_child(void *seed) {
    struct random random = {(uintptr_t)seed};
    struct head *blocks[50];
    for (int turn = 0; turn < 20; turn++) {
        for (size_t i = 0; i < 50; i++)
            blocks[i] = make(&random);
        for (size_t i = 0; i < 50; i++) {
            if (!is_intact(blocks[i]))
                abort();
            free(blocks[i]);
        }
    }
    /* What the parent's threads had made, and a thread of the child's own. */
    empty_slots();
    thread_join(thread_start(exchanging_thread, (void *)5));
}

void test_fork(void) {
    pthread_t threads[2];
    for (uintptr_t i = 0; i < 2; i++)
        threads[i] = thread_start(busy_thread, (void *)(i + 3));
    int failures = 0;
    for (uintptr_t i = 0; i < 40; i++) {
        struct child_result result;
        child_run(&result, in_child, (void *)(i + 1));
        if (!child_exited(&result, 0) && failures++ == 0)
            child_note(&result);
    }
    is_over = true;
    for (size_t i = 0; i < 2; i++)
        thread_join(threads[i]);
    empty_slots();
    tap_ok(failures == 0, "fork: 40 children of a process with busy threads allocate and free");
    tap_ok(damaged == 0, "fork: and the parent's blocks are intact");
}
