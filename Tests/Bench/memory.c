/*
 * memory.c - how much memory our heap keeps: what goes back after a peak, what threads cost, what
 * is lost between blocks, and whether a stream of blocks from one thread to another grows.
 *
 *   memory           3 million allocations of the random mix
 *   memory --long    100 million
 *
 * TAP, with the figures as comments: these are amounts, not times. Each test is a process of its
 * own; all it works on besides the heap is resident before it begins.
 */
#include "../Harness/tap.h"
#include "block.h"
#include "midl_memory.h"
#include "random.h"
#include "resident.h"
#include "ring.h"

#include <pthread.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static const double MEBIBYTE = 1024 * 1024;
static const struct allocator pair = {midl_user_allocate, midl_user_free};

enum { SLOT_LIMIT = 500000, FIGURE_LIMIT = 4, PAGE_BYTE_COUNT = 4096 };

/* Shared with the children, and resident. */
static struct {
    double figures[FIGURE_LIMIT];
    struct block blocks[SLOT_LIMIT];
} *shared;

/* ---- The process of a test ---- */

/* Runs `measure` in a child; false when it died, or a block lost its contents. */
static bool run_in_child(void (*measure)(long argument), long argument) {
    memset(shared, 0, sizeof *shared);
    pid_t child = fork();
    if (child == 0) {
        measure(argument);
        _exit(0);
    }
    int status;
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

/* The child's own view of the shared pages, which fork leaves unmapped. */
static double begin(void) {
    volatile unsigned char *bytes = (unsigned char *)shared;
    for (size_t i = 0; i < sizeof *shared; i += PAGE_BYTE_COUNT)
        bytes[i] = bytes[i];
    double before = resident_now();
    resident_reset_peak();
    return before;
}

/* ---- The pages of a peak go back ---- */

enum order { IN_ORDER, IN_REVERSE, AT_RANDOM, ORDER_COUNT };

static void measure_peak(long order) {
    struct random random = {1};
    struct block *blocks = shared->blocks;
    double before = begin(), byte_count = 0;
    uint32_t count = 0;
    for (; byte_count < 200 * MEBIBYTE; count++) {
        blocks[count] = block_allocate(&pair, random_between(&random, 16, 1024), count);
        byte_count += blocks[count].byte_count;
    }
    shared->figures[0] = resident_now() - before;
    for (uint32_t left = count; left > 0; left--) {
        uint32_t chosen = left - 1;
        if (order == IN_ORDER)
            chosen = count - left;
        else if (order == AT_RANDOM)
            chosen = random_below(&random, left);
        block_release(&pair, blocks[chosen]);
        if (order == AT_RANDOM)
            blocks[chosen] = blocks[left - 1];
    }
    shared->figures[1] = resident_now() - before;
}

static void test_peak(void) {
    static const char *const names[ORDER_COUNT] = {"in order", "in reverse", "at random"};
    tap_begin("memory", "peak");
    for (int order = 0; order < ORDER_COUNT; order++) {
        bool ended = run_in_child(measure_peak, order);
        tap_ok(ended && shared->figures[1] < 20 * MEBIBYTE,
               "of 200 MiB in blocks of 16 to 1024 bytes, freed %s, less than 20 MiB stay",
               names[order]);
        tap_note("%.1f MiB, then %.1f MiB", shared->figures[0] / MEBIBYTE,
                 shared->figures[1] / MEBIBYTE);
    }
}

/* ---- Ten threads ---- */

enum { THREAD_COUNT = 10, REPLACEMENT_COUNT = 20000 };

static pthread_barrier_t all_live, all_measured;

static void *hold_one_mebibyte(void *argument) {
    struct random random = {(uintptr_t)argument + 1};
    struct block *blocks = shared->blocks + (uintptr_t)argument * (SLOT_LIMIT / THREAD_COUNT);
    uint32_t count = 0;
    for (double live = 0; live < MEBIBYTE; live += blocks[count++].byte_count)
        blocks[count] = block_allocate(&pair, random_between(&random, 16, 1024), count);
    for (uint32_t i = 0; i < REPLACEMENT_COUNT; i++) {
        struct block *block = &blocks[random_below(&random, count)];
        block_release(&pair, *block);
        *block = block_allocate(&pair, random_between(&random, 16, 1024), i);
    }
    pthread_barrier_wait(&all_live);
    pthread_barrier_wait(&all_measured);
    for (uint32_t i = 0; i < count; i++)
        block_release(&pair, blocks[i]);
    return NULL;
}

static void measure_threads(long unused) {
    (void)unused;
    pthread_t threads[THREAD_COUNT];
    double before = begin();
    pthread_barrier_init(&all_live, NULL, THREAD_COUNT + 1);
    pthread_barrier_init(&all_measured, NULL, THREAD_COUNT + 1);
    for (uintptr_t i = 0; i < THREAD_COUNT; i++)
        if (pthread_create(&threads[i], NULL, hold_one_mebibyte, (void *)i) != 0)
            block_fail("no thread");
    pthread_barrier_wait(&all_live);
    shared->figures[0] = resident_now();
    shared->figures[1] = resident_now() - before;
    pthread_barrier_wait(&all_measured);
    for (int i = 0; i < THREAD_COUNT; i++)
        pthread_join(threads[i], NULL);
}

static void test_threads(void) {
    tap_begin("memory", "threads");
    bool ended = run_in_child(measure_threads, 0);
    tap_ok(ended && shared->figures[0] < 100e6,
           "ten threads with 1 MiB live each: the process has less than 100 MB");
    tap_note("%.1f MiB, of which %.1f MiB came with the threads", shared->figures[0] / MEBIBYTE,
             shared->figures[1] / MEBIBYTE);
}

/* ---- A random mix ---- */

/* A kind of mix, and what of the peak of live bytes it may take. */
static const struct mix {
    const char *title;
    double bound;
    bool is_wide;
} mixes[] = {
    {"16 to 1024 bytes", 1.2, false},
    /* Of each large class there are few blocks, and of their slabs of eight and more some are free
     * as a rule. */
    {"16 bytes to 32 KiB, each doubling as likely as the others,", 1.5, true},
};
static const struct mix *mix;

static uint32_t mixed_byte_count(struct random *random) {
    return mix->is_wide ? random_doubling(random, 4, 15) : random_between(random, 16, 1024);
}

static struct block allocate_touched(uint32_t byte_count, uint32_t stamp) {
    struct block block = block_allocate(&pair, byte_count, stamp);
    block_touch(block, PAGE_BYTE_COUNT);
    return block;
}

static void measure_mix(long allocation_count) {
    struct random random = {1};
    struct block *blocks = shared->blocks;
    double before = begin(), live = 0, live_peak = 0;
    uint32_t count = 0;
    for (; live < 50 * MEBIBYTE; live += blocks[count++].byte_count)
        blocks[count] = allocate_touched(mixed_byte_count(&random), count);
    live_peak = live;
    for (long i = count; i < allocation_count; i++) {
        struct block *block = &blocks[random_below(&random, count)];
        block_release(&pair, *block);
        live -= block->byte_count;
        *block = allocate_touched(mixed_byte_count(&random), (uint32_t)i);
        live += block->byte_count;
        live_peak = live > live_peak ? live : live_peak;
    }
    shared->figures[0] = live_peak;
    shared->figures[1] = resident_peak() - before;
    for (uint32_t i = 0; i < count; i++) {
        shared->figures[2] += (double)midl_memory_size(blocks[i].start) / live;
        block_release(&pair, blocks[i]);
    }
}

static void test_mix(long allocation_count) {
    tap_begin("memory", "mix");
    for (size_t index = 0; index < sizeof mixes / sizeof mixes[0]; index++) {
        mix = &mixes[index];
        bool ended = run_in_child(measure_mix, allocation_count);
        tap_ok(ended && shared->figures[1] <= mix->bound * shared->figures[0],
               "%ld allocations of %s at random: at most %.1f times the peak of live bytes",
               allocation_count, mix->title, mix->bound);
        tap_note("%.1f MiB live, %.1f MiB resident: %.3f; %.3f by size classes alone",
                 shared->figures[0] / MEBIBYTE, shared->figures[1] / MEBIBYTE,
                 shared->figures[1] / shared->figures[0], shared->figures[2]);
    }
}

/* ---- One thread allocates, another frees ---- */

enum { FIRST_COUNT = 1000000, LAST_COUNT = 20000000 };
_Static_assert(FIRST_COUNT % RING_BATCH == 0 && LAST_COUNT % RING_BATCH == 0, "");

static struct ring ring;

static void *hand_over(void *argument) {
    struct random random = {1};
    (void)argument;
    struct block blocks[RING_BATCH];
    for (uint32_t done = 0; done < LAST_COUNT; done += RING_BATCH) {
        for (uint32_t i = 0; i < RING_BATCH; i++)
            blocks[i] = block_allocate(&pair, random_between(&random, 16, 1024), done + i);
        ring_put(&ring, blocks);
    }
    return NULL;
}

static void measure_hand_over(long unused) {
    (void)unused;
    pthread_t thread;
    double before = begin();
    if (pthread_create(&thread, NULL, hand_over, NULL) != 0)
        block_fail("no thread");
    struct block blocks[RING_BATCH];
    for (uint32_t done = 0; done < LAST_COUNT; done += RING_BATCH) {
        ring_take(&ring, blocks);
        for (uint32_t i = 0; i < RING_BATCH; i++)
            block_release(&pair, blocks[i]);
        if (done + RING_BATCH == FIRST_COUNT)
            shared->figures[0] = resident_now() - before;
    }
    shared->figures[1] = resident_now() - before;
    pthread_join(thread, NULL);
}

static void test_hand_over(void) {
    tap_begin("memory", "hand-over");
    bool ended = run_in_child(measure_hand_over, 0);
    double growth = shared->figures[1] - shared->figures[0];
    /* A heap of 4 MiB may well come to one more slab: with a huge page, when it does so soon. */
    tap_ok(ended && growth < 3 * MEBIBYTE,
           "one thread allocates, another frees: from 1 to 20 million blocks less than 3 MiB more");
    tap_note("%.1f MiB, then %.1f MiB", shared->figures[0] / MEBIBYTE,
             shared->figures[1] / MEBIBYTE);
}

int main(int count, char **arguments) {
    bool is_long = count == 2 && strcmp(arguments[1], "--long") == 0;
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return 1;
    test_peak();
    test_threads();
    test_mix(is_long ? 100000000 : 3000000);
    test_hand_over();
    return tap_end();
}
