/*
 * test_addresses.c - thousands of addresses given to free, one child for each.
 *
 * None may end its child in another way than SIGABRT, and none may be taken
 * for a block: the only addresses left out are those of live blocks.
 */
#include "groups.h"
#include "pair.h"
#include "support.h"
#include "tap.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LIVE = 600 };
static void *live[LIVE];

static int by_address(const void *left, const void *right) {
    uintptr_t a = *(const uintptr_t *)left, b = *(const uintptr_t *)right;
    return (a > b) - (a < b);
}

/* Blocks of not_yet_allocated, which stay. */
enum { NEWER = 40 };
static uintptr_t newer[8][NEWER];

static bool is_live(uintptr_t address) {
    for (int index = 0; index < 8 * NEWER; index++)
        if (newer[index / NEWER][index % NEWER] == address)
            return true;
    return address == 0 || bsearch(&address, live, LIVE, sizeof live[0], by_address) != NULL;
}

/* The status of a child that frees address. */
static int status_of_free(uintptr_t address, bool asks_size) {
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_DUMPABLE, 0);
        limit_time(60);
        int nothing = open("/dev/null", O_WRONLY);
        dup2(nothing, STDERR_FILENO);
        if (asks_size)
            pair.size((void *)address);
        else
            pair.free((void *)address);
        _exit(0);
    }
    int status = -1;
    waitpid(child, &status, 0);
    return status;
}

static int tried, failed;

static void try_one(uintptr_t address) {
    if (is_live(address))
        return;
    int status = status_of_free(address, tried % 4 == 3);
    tried++;
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT)
        return;
    if (failed++ < 3)
        tap_note("%s of %#zx: status %#x", tried % 4 == 0 ? "size" : "free", (size_t)address,
                 (unsigned)status);
}

static void report(const char *what, int at_least) {
    tap_ok(failed == 0 && tried >= at_least, "%s: SIGABRT for each", what);
    tap_note("%d addresses", tried);
    tried = failed = 0;
}

static void random_addresses(void) {
    struct random random = {2026};
    for (int count = 0; count < TIMES(500); count++)
        try_one(random_next(&random));
    report("random 64-bit numbers", TIMES(500));
    for (int count = 0; count < TIMES(500); count++)
        try_one(random_next(&random) >> 17 & ~(uintptr_t)(count % 2 * 15));
    report("random user-space addresses", TIMES(490));
    for (int count = 0; count < 100; count++)
        try_one((uintptr_t)random_next(&random) >> 1 | (uintptr_t)1 << (47 + count % 16));
    report("non-canonical addresses", 100);
}

static void near_blocks(void) {
    struct random random = {1995};
    for (int count = 0; count < TIMES(700); count++) {
        uintptr_t block = (uintptr_t)live[random_below(&random, LIVE)];
        size_t reach = (size_t)16 << random_below(&random, 24);
        uintptr_t distance = random_below(&random, reach);
        if (count % 4 != 0)
            distance &= ~(uintptr_t)15;
        try_one(count % 2 ? block + distance : block - distance);
    }
    report("addresses near blocks", TIMES(500));
    for (int shift = 12; shift < 40; shift++) {
        try_one((uintptr_t)live[LIVE / 2] >> shift << shift);
        try_one(((uintptr_t)live[LIVE / 2] >> shift << shift) + 16);
        try_one((((uintptr_t)live[LIVE / 2] >> shift) + 1) << shift);
    }
    /* Of 84 addresses; live blocks begin at some of those of the lower shifts. */
    report("where slabs, segments and regions may begin", 42);
}

/* Blocks that do not exist yet: the strides after the newest one of its size. */
static void not_yet_allocated(void) {
    static const size_t sizes[] = {1, 16, 32, 112, 600, 2000, 7000, 30000};
    for (size_t index = 0; index < sizeof sizes / sizeof sizes[0]; index++) {
        /* The last of a new run of blocks; what follows it has never been used. */
        uintptr_t newest = 0;
        for (int count = 0; count < NEWER; count++) {
            newer[index][count] = (uintptr_t)pair.allocate(sizes[index]);
            newest = newer[index][count] > newest ? newer[index][count] : newest;
        }
        size_t stride = pair.size((void *)newest);
        for (int step = 1; step <= TIMES(40); step++)
            try_one(newest + (uintptr_t)step * stride);
    }
    report("addresses of blocks that were not yet allocated", TIMES(160));
}

static void mapped_places(void) {
    FILE *maps = fopen("/proc/self/maps", "r");
    uintptr_t starts[400], ends[400];
    int count = 0;
    while (count < 400 && maps != NULL &&
           fscanf(maps, "%zx-%zx%*[^\n]\n", &starts[count], &ends[count]) == 2)
        count++;
    if (maps != NULL)
        fclose(maps);
    int step = WATCHED ? 8 : 1;
    for (int index = 0; index < count; index += step) {
        try_one(starts[index]);
        try_one(starts[index] + 16);
        try_one(starts[index] + (ends[index] - starts[index]) / 2);
        try_one(ends[index] - 16);
        try_one(ends[index]);
    }
    report("both ends and the middle of everything mapped", 20);
}

static void freed_blocks(void) {
    enum { FREED = 300 };
    static void *freed[FREED];
    struct random random = {9};
    for (int index = 0; index < FREED; index++)
        freed[index] = pair.allocate(random_byte_count(&random, 200000));
    for (int index = 0; index < FREED; index++)
        pair.free(freed[index]);
    for (int index = 0; index < FREED; index += WATCHED ? 20 : 1)
        try_one((uintptr_t)freed[index]);
    report("blocks of all sizes that are free", FREED / (WATCHED ? 20 : 1));
}

static uintptr_t *thread_blocks;
static void *allocate_on_thread(void *unused) {
    for (int index = 0; index < 50; index++)
        thread_blocks[index] = (uintptr_t)pair.allocate((size_t)index * 30);
    for (int index = 0; index < 50; index++)
        pair.free((void *)thread_blocks[index]);
    return unused;
}

static void freed_by_ended_thread(void) {
    uintptr_t addresses[50];
    thread_blocks = addresses;
    thread_join(thread_start(allocate_on_thread, NULL));
    for (int index = 0; index < 50; index += WATCHED ? 10 : 1)
        try_one(addresses[index]);
    report("free blocks of a thread that has ended", WATCHED ? 5 : 50);
}

void test_addresses(void) {
    struct random random = {1};
    for (int index = 0; index < LIVE; index++)
        live[index] = pair.allocate(random_byte_count(&random, 200000));
    qsort(live, LIVE, sizeof live[0], by_address);
    random_addresses();
    near_blocks();
    mapped_places();
    freed_blocks();
    freed_by_ended_thread();
    not_yet_allocated();
    for (int index = 0; index < LIVE; index++)
        pair.free(live[index]);
}
