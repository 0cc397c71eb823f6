/*
 * test_thread_life.c - a program that makes and ends many threads does not
 * grow, whatever the threads leave behind.
 *
 * Each thread leaves some blocks to the threads that follow, which free them:
 * what is live at any time is bounded, so what is mapped must be.
 */
#include "groups.h"
#include "pair.h"
#include "support.h"
#include "tap.h"

#include <stdatomic.h>
#include <string.h>

enum { LEGACIES = 64 };
static _Atomic(void *) legacies[LEGACIES];
static atomic_uint thread_number;
static atomic_int wrong;

static void *short_life(void *unused) {
    unsigned number = atomic_fetch_add(&thread_number, 1);
    void *own[8];
    for (unsigned index = 0; index < 8; index++) {
        size_t byte_count = 16 + (number * 8 + index) * 37 % 2000;
        own[index] = pair.allocate(byte_count);
        pattern_fill(own[index], byte_count, byte_count);
    }
    for (unsigned index = 0; index < 8; index++) {
        size_t byte_count = 16 + (number * 8 + index) * 37 % 2000;
        if (!pattern_holds(own[index], byte_count, byte_count))
            atomic_fetch_add(&wrong, 1);
        void *leaving = own[index];
        if (index % 4 == 0)
            leaving = atomic_exchange(&legacies[(number * 2 + index / 4) % LEGACIES], leaving);
        pair.free(leaving);
    }
    return unused;
}

static void *short_life_large(void *unused) {
    unsigned number = atomic_fetch_add(&thread_number, 1);
    char *block = pair.allocate(40000 + number % 7 * 30000);
    block[0] = block[39999] = 1;
    pair.free(atomic_exchange(&legacies[number % LEGACIES], block));
    return unused;
}

static void generations(int thread_total, int at_a_time, void *(*body)(void *)) {
    pthread_t threads[50];
    for (int count = 0; count < thread_total; count += at_a_time) {
        for (int index = 0; index < at_a_time; index++)
            threads[index] = thread_start(body, NULL);
        for (int index = 0; index < at_a_time; index++)
            thread_join(threads[index]);
    }
}

static bool grown(size_t mapped, size_t resident) {
    size_t mapped_now = mapped_bytes(), resident_now = resident_bytes();
    /* A tool remembers each thread that it has seen. */
    size_t allowed = WATCHED ? 512 * MEBI : 8 * MEBI;
    /* The caches of threads that have ended come to have slabs of ever more sizes, up to 64 MiB of
     * them, of which few pages are touched. */
    if (mapped_now < mapped + allowed + 64 * MEBI && resident_now < resident + allowed)
        return false;
    tap_note("mapped %zu KiB, then %zu; resident %zu KiB, then %zu", mapped / KIBI,
             mapped_now / KIBI, resident / KIBI, resident_now / KIBI);
    return true;
}

static void lives(const char *what, int thread_total, int at_a_time, void *(*body)(void *)) {
    atomic_store(&wrong, 0);
    generations(2000, at_a_time, body); /* stacks, caches and slabs of the first */
    size_t mapped = mapped_bytes(), resident = resident_bytes();
    generations(thread_total, at_a_time, body);
    tap_ok(!grown(mapped, resident), "%d threads made and ended, %s: no growth", thread_total,
           what);
    tap_ok(atomic_load(&wrong) == 0, "and no block was disturbed");
}

void test_thread_life(void) {
    /* The heap is the same code in every form: one of them bears the whole number. */
    int share = strcmp(pair_form, "shared") == 0 ? 1 : 5;
    lives("one after the other", TIMES(100000 / share), 1, short_life);
    lives("50 at a time", TIMES(30000 / share), 50, short_life);
    lives("50 at a time with large blocks", TIMES(5000), 50, short_life_large);
    for (int index = 0; index < LEGACIES; index++)
        pair.free(atomic_exchange(&legacies[index], NULL));
}
