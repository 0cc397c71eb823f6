/*
 * test_return.c - memory goes back to the operating system after a peak.
 *
 * What midl_memory.h lets the heap keep: 12 MiB or an eighth of what is in use,
 * and the slabs of blocks in the calling thread's cache: an empty one and about
 * four that one or two cached blocks hold, of 64 KiB, for each of 48 size
 * classes, and 2 MiB more. KEPT is the sum; the peaks are eight times as high, so a heap that
 * keeps a peak cannot pass.
 */
#include "groups.h"
#include "pair.h"
#include "support.h"
#include "tap.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

#define PEAK (300 * MEBI)
#define KEPT (36 * MEBI)

enum { MOST_BLOCKS = 1200000 };
static void **blocks; /* touched before anything is measured */
static size_t block_count;

static size_t small_size(struct random *random) { return 16 + random_byte_count(random, 4000); }
static size_t medium_size(struct random *random) { return 4000 + random_below(random, 28000); }
static size_t large_size(struct random *random) { return 40000 + random_below(random, 4000000); }
static size_t one_size(struct random *random) { return (void)random, 512; }

/* Not after another peak without midl_memory_trim between them: the heap keeps more when what it
 * gave back is wanted again within a second. */
static bool grow(size_t (*size)(struct random *), uint64_t seed) {
    struct random random = {seed};
    size_t total = 0;
    for (block_count = 0; total < PEAK && block_count < MOST_BLOCKS; block_count++) {
        size_t byte_count = size(&random);
        void *block = blocks[block_count] = pair.allocate(byte_count);
        if (block == NULL)
            return false;
        memset(block, 1, byte_count);
        total += byte_count;
    }
    return total >= PEAK;
}

static void shrink_in_order(void) {
    for (size_t index = 0; index < block_count; index++)
        pair.free(blocks[index]);
}

static void shrink_at_random(void) {
    struct random random = {99};
    for (size_t index = block_count; index > 0; index--) {
        size_t chosen = random_below(&random, index);
        void *block = blocks[chosen];
        blocks[chosen] = blocks[index - 1];
        pair.free(block);
    }
}

static bool near(size_t start) {
    size_t now = resident_bytes();
    if (now < start + KEPT)
        return true;
    tap_note("resident %zu KiB at the start, %zu KiB now", start / KIBI, now / KIBI);
    return false;
}

static void peak(const char *what, size_t (*size)(struct random *), void (*shrink)(void)) {
    size_t start = resident_bytes();
    bool has_all = grow(size, 7);
    size_t top = resident_bytes();
    bool grown = has_all && top > start + PEAK / 2;
    if (!grown)
        tap_note("%zu blocks, %s; resident %zu KiB at the start, %zu KiB at the top", block_count,
                 has_all ? "all" : "then NULL", start / KIBI, top / KIBI);
    shrink();
    tap_ok(grown && near(start), "a peak of 300 MiB of %s goes back when it is freed", what);
    pair.trim();
    tap_ok(near(start), "and after midl_memory_trim the rest of it");
}

static void *shrinking_thread(void *unused) {
    shrink_at_random();
    return unused;
}

static void *growing_thread(void *size) {
    bool *grown = size;
    *grown = grow(small_size, 11);
    return NULL;
}

static void other_threads(void) {
    size_t start = resident_bytes();
    bool grown = grow(small_size, 5);
    thread_join(thread_start(shrinking_thread, NULL));
    pair.trim();
    tap_ok(grown && near(start), "a peak freed by another thread goes back");

    start = resident_bytes();
    thread_join(thread_start(growing_thread, &grown));
    shrink_at_random();
    pair.trim();
    tap_ok(grown && near(start), "the peak of a thread that has ended goes back");

    thread_join(thread_start(growing_thread, &grown));
    thread_join(thread_start(shrinking_thread, NULL));
    pair.trim();
    tap_ok(grown && near(start), "a peak made by one ended thread and freed by another goes back");
}

/* The maker stays alive, asleep, while another thread frees and trims. */
static struct sleeper {
    pthread_barrier_t made, freed;
    bool grown;
} sleeper;

static void *sleeping_thread(void *unused) {
    sleeper.grown = grow(one_size, 3);
    pthread_barrier_wait(&sleeper.made);
    pthread_barrier_wait(&sleeper.freed);
    /* Its next calls take in what the others freed. */
    pair.free(pair.allocate(512));
    pair.trim();
    return unused;
}

static void sleeping_owner(void) {
    size_t start = resident_bytes();
    pthread_barrier_init(&sleeper.made, NULL, 2);
    pthread_barrier_init(&sleeper.freed, NULL, 2);
    pthread_t thread = thread_start(sleeping_thread, NULL);
    pthread_barrier_wait(&sleeper.made);
    shrink_in_order();
    pthread_barrier_wait(&sleeper.freed);
    thread_join(thread);
    tap_ok(sleeper.grown && near(start),
           "a peak freed by others goes back when its owner allocates, trims and ends");
}

static void with_live_blocks(void) {
    enum { LIVE = 2000 };
    static void *live[LIVE];
    for (int index = 0; index < LIVE; index++)
        pattern_fill(live[index] = pair.allocate(20000), 20000, (uint64_t)index + 1);
    size_t start = resident_bytes();
    bool grown = grow(small_size, 13);
    shrink_at_random();
    tap_ok(grown && near(start + LIVE * (size_t)20000 / 8),
           "beside 40 MB in use, no more than an eighth of it is kept");
    int disturbed = 0;
    for (int index = 0; index < LIVE; index++) {
        disturbed += !pattern_holds(live[index], 20000, (uint64_t)index + 1);
        pair.free(live[index]);
    }
    tap_ok(disturbed == 0, "and the blocks in use keep their contents");
}

static void trim_result(void) {
    pair.trim();
    bool grown = grow(one_size, 17);
    shrink_in_order();
    size_t before = resident_bytes();
    size_t given_back = pair.trim();
    size_t after = resident_bytes();
    size_t fallen = before > after ? before - after : 0;
    size_t difference = fallen > given_back ? fallen - given_back : given_back - fallen;
    if (!tap_ok(grown && difference <= 2 * MEBI,
                "midl_memory_trim returns the bytes that it gave back"))
        tap_note("returned %zu, the process fell by %zu", given_back, fallen);
    pair.trim();
    tap_ok(pair.trim() == 0, "a second trim right after the first has nothing to give back");
}

void test_return(void) {
    size_t table = MOST_BLOCKS * sizeof *blocks;
    blocks = mmap(NULL, table, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(blocks, 1, table);
    peak("small blocks", small_size, shrink_at_random);
    peak("blocks of one size", one_size, shrink_in_order);
    peak("medium blocks", medium_size, shrink_at_random);
    peak("large blocks", large_size, shrink_in_order);
    other_threads();
    sleeping_owner();
    with_live_blocks();
    trim_result();
    munmap(blocks, table);
}
