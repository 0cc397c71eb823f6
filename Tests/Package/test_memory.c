/*
 * test_memory.c - what an environment takes and what it gives back, by the process's size.
 *
 * The bounds are those of Arena+Chunks.swift and midl_memory.h: of chunks a thread keeps as many as
 * its environment had, at most 64 MiB, an eighth less with every shorter call, at least 1 MiB; the
 * heap keeps 12 MiB, or an eighth of what is in use.
 */
#include "package.h"

#include "midl_memory.h"

#include <string.h>

#define SLACK (3 * MEBI)
#define KEPT_BY_HEAP (12 * MEBI)

static void bounded(size_t before, size_t allowed) {
    size_t now = resident_bytes();
    if (WATCHED)
        return;
    if (!CHECK(now <= before + allowed))
        CHECK(now == before); /* only to be seen in a debugger */
}

static void fill(size_t block_count, size_t byte_count) {
    for (size_t index = 0; index < block_count; index++)
        memset(sm_allocate(byte_count), 1, byte_count);
}

static void overhead(void *unused) {
    (void)unused;
    CHECK(RpcSmEnableAllocate() == RPC_S_OK);
    CHECK(sm_allocate(32) != NULL);
    size_t before = resident_bytes();
    fill(1000000, 32);
    bounded(before, 48 * 1000000);
    CHECK(RpcSmDisableAllocate() == RPC_S_OK);
}

static void pairs_do_not_grow(void *byte_count) {
    CHECK(RpcSmEnableAllocate() == RPC_S_OK);
    size_t size = *(size_t *)byte_count;
    CHECK(RpcSmFree(sm_allocate(size)) == RPC_S_OK);
    size_t before = resident_bytes();
    for (int count = 0; count < (size > 16384 ? 100000 : 1000000); count++) {
        char *block = RpcSmAllocate(size, NULL);
        if (size > 0)
            block[0] = 1;
        RpcSmFree(block);
    }
    bounded(before, MEBI);
    CHECK(RpcSmDisableAllocate() == RPC_S_OK);
}

/* What 2000 blocks of mixed sizes hold is enough for the next 2000 of those sizes. */
static void waves_do_not_grow(void *unused) {
    (void)unused;
    static void *blocks[2000];
    size_t after_first = 0;
    CHECK(RpcSmEnableAllocate() == RPC_S_OK);
    for (int wave = 0; wave < 200; wave++) {
        struct random random = {5};
        for (int index = 0; index < 2000; index++) {
            size_t byte_count = random_byte_count(&random, 8000);
            blocks[index] = sm_allocate(byte_count);
            memset(blocks[index], 1, byte_count);
        }
        for (int index = 0; index < 2000; index++)
            CHECK(RpcSmFree(blocks[index]) == RPC_S_OK);
        if (wave == 0)
            after_first = resident_bytes();
    }
    bounded(after_first, MEBI);
    CHECK(RpcSmDisableAllocate() == RPC_S_OK);
}

static void calls_do_not_grow(void *unused) {
    (void)unused;
    size_t before = 0;
    for (int call = 0; call < 20000; call++) {
        CHECK(RpcSmEnableAllocate() == RPC_S_OK);
        for (int index = 0; index < 3; index++)
            memset(sm_allocate(40 + call % 3000), 1, 40);
        if (call % 100 == 0)
            memset(sm_allocate(200000), 1, 200000);
        CHECK(RpcSmDisableAllocate() == RPC_S_OK);
        if (call == 200)
            before = resident_bytes();
    }
    bounded(before, MEBI);
}

/* 300 MiB of small blocks: at most 64 MiB of chunks stay, and a few dozen short calls later the
 * least that is kept. */
static void peak_goes_back(void *is_shared) {
    midl_memory_trim(); /* what went back before shall not come again here */
    CHECK(RpcSmEnableAllocate() == RPC_S_OK && RpcSmDisableAllocate() == RPC_S_OK);
    size_t before = resident_bytes();
    CHECK(RpcSmEnableAllocate() == RPC_S_OK);
    if (is_shared != NULL)
        CHECK(RpcSmGetThreadHandle(NULL) != NULL);
    fill(300 * KIBI, KIBI);
    /* Some 20 MiB that earlier tests left free are used again. */
    CHECK(resident_bytes() > before + 250 * MEBI);
    CHECK(RpcSmDisableAllocate() == RPC_S_OK);
    /* With their tags. */
    bounded(before, (64 * MEBI + KEPT_BY_HEAP) / 16 * 17 + SLACK);
    for (int call = 0; call < 60; call++) {
        CHECK(RpcSmEnableAllocate() == RPC_S_OK);
        CHECK(sm_allocate(100) != NULL);
        CHECK(RpcSmDisableAllocate() == RPC_S_OK);
    }
    bounded(before, MEBI + KEPT_BY_HEAP + SLACK);
}

/* Once: of a peak that comes again at once more is kept. */
static void large_go_back(void *by_free) {
    midl_memory_trim(); /* what went back before shall not come again here */
    CHECK(RpcSmEnableAllocate() == RPC_S_OK && RpcSmDisableAllocate() == RPC_S_OK);
    size_t before = resident_bytes();
    void *blocks[100];
    CHECK(RpcSmEnableAllocate() == RPC_S_OK);
    for (int index = 0; index < 100; index++) {
        blocks[index] = sm_allocate(2 * MEBI);
        memset(blocks[index], 1, 2 * MEBI);
    }
    if (by_free != NULL) {
        for (int index = 0; index < 100; index++)
            CHECK(RpcSmFree(blocks[index]) == RPC_S_OK);
        bounded(before, MEBI + KEPT_BY_HEAP + SLACK);
    }
    CHECK(RpcSmDisableAllocate() == RPC_S_OK);
    bounded(before, MEBI + KEPT_BY_HEAP + SLACK);
}

static void *hold_peak(void *unused) {
    CHECK(RpcSmEnableAllocate() == RPC_S_OK);
    fill(50 * KIBI, KIBI);
    CHECK(RpcSmDisableAllocate() == RPC_S_OK);
    return unused;
}

static void ended_thread_keeps_nothing(void *unused) {
    thread_join(thread_start(hold_peak, unused));
    midl_memory_trim();
    size_t before = resident_bytes();
    for (int count = 0; count < 10; count++)
        thread_join(thread_start(hold_peak, unused));
    /* What the heap keeps of free pages for the next thread; a trim does not reach into threads. */
    midl_memory_trim();
    bounded(before, SLACK);
    CHECK(WATCHED || before < 20 * MEBI);
}

/* ---- Threads that come and go in an environment that stays ---- */

enum { VISITS = 2000 };

static void *visitor(void *handle) {
    void *blocks[4];
    for (int visit = 0; visit < VISITS; visit++) {
        CHECK(RpcSmSetThreadHandle(handle) == RPC_S_OK);
        for (int index = 0; index < 4; index++)
            memset(blocks[index] = sm_allocate(15000), 1, 15000);
        for (int index = 0; index < 4; index++)
            CHECK(RpcSmFree(blocks[index]) == RPC_S_OK);
        CHECK(RpcSmSetThreadHandle(NULL) == RPC_S_OK);
    }
    return NULL;
}

/* All that a visitor allocates it frees, so the environment never holds more than four blocks. */
static void visits_do_not_grow(void *unused) {
    (void)unused;
    CHECK(RpcSmEnableAllocate() == RPC_S_OK);
    size_t before = resident_bytes();
    thread_join(thread_start(visitor, RpcSmGetThreadHandle(NULL)));
    bounded(before, 8 * MEBI);
    CHECK(RpcSmDisableAllocate() == RPC_S_OK);
}

void test_memory(void) {
    static const size_t counts[] = {0, 32, 1000, 5000, 20000, 500000};
    check_child(overhead, NULL, "a block of 32 bytes takes at most 48");
    for (size_t index = 0; index < sizeof counts / sizeof counts[0]; index++) {
        size_t byte_count = counts[index];
        check_child(pairs_do_not_grow, &byte_count, "pairs of allocate and free of %zu bytes",
                    byte_count);
    }
    check_child(waves_do_not_grow, NULL, "waves of blocks use the memory of the first");
    check_child(calls_do_not_grow, NULL, "20000 calls");
    check_child(visits_do_not_grow, NULL, "what visitors freed is used again");
    check_child(peak_goes_back, NULL, "a peak goes back");
    check_child(peak_goes_back, "", "a peak goes back from an environment with a handle");
    check_child(large_go_back, NULL, "large blocks go back with their environment");
    check_child(large_go_back, "", "large blocks go back when they are freed");
    check_child(ended_thread_keeps_nothing, NULL, "a thread that has ended keeps nothing");
}
