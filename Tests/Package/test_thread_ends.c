/*
 * test_thread_ends.c - threads that end attached, and owners that end without Disable.
 */
#include "package.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

enum { BLOCKS = 200 };
struct visit {
    RPC_SS_THREAD_HANDLE handle;
    char *blocks[BLOCKS];
};

static void *end_attached(void *argument) {
    struct visit *visit = argument;
    CHECK(RpcSmSetThreadHandle(visit->handle) == RPC_S_OK);
    for (int index = 0; index < BLOCKS; index++) {
        visit->blocks[index] = sm_allocate(20u + 7u * index);
        pattern_fill(visit->blocks[index], 20u + 7u * index, 1u + index);
    }
    /* Some that the thread freed itself: their places are the environment's again. */
    for (int index = 0; index < BLOCKS; index += 5)
        CHECK(RpcSmFree(visit->blocks[index]) == RPC_S_OK);
    return NULL;
}

static void blocks_stay(void) {
    static struct visit visit;
    CHECK(RpcSmEnableAllocate() == RPC_S_OK);
    visit.handle = RpcSmGetThreadHandle(NULL);
    for (int round = 0; round < 20; round++) {
        thread_join(thread_start(end_attached, &visit));
        for (int index = 0; index < BLOCKS; index += 5)
            CHECK(RpcSmFree(visit.blocks[index]) == RPC_S_INVALID_ARG);
        /* The next thread gets the record of the one that ended, and its free places. */
        thread_join(thread_start(end_attached, &(struct visit){.handle = visit.handle}));
        for (int index = 0; index < BLOCKS; index++)
            if (index % 5 != 0) {
                CHECK(pattern_holds(visit.blocks[index], 20u + 7u * index, 1u + index));
                CHECK(RpcSmFree(visit.blocks[index]) == RPC_S_OK);
                CHECK(RpcSmFree(visit.blocks[index]) == RPC_S_INVALID_ARG);
            }
    }
    CHECK(RpcSmDisableAllocate() == RPC_S_OK);
    check_end("blocks of a thread that ended attached stay until the environment ends");
}

/* What others free of a thread's blocks while it is attached is used again after it has left. */
static _Atomic int stage;
static void *freed_by_owner[BLOCKS];

static void *leaves_with_freed(void *handle) {
    CHECK(RpcSmSetThreadHandle(handle) == RPC_S_OK);
    for (int index = 0; index < BLOCKS; index++)
        freed_by_owner[index] = sm_allocate(2000);
    atomic_store(&stage, 1);
    while (atomic_load(&stage) < 2)
        sched_yield();
    return NULL; /* without a step that would take them in */
}

static bool is_one_of_freed(const void *block) {
    for (int index = 0; index < BLOCKS; index++)
        if (freed_by_owner[index] == block)
            return true;
    return false;
}

static void freed_blocks_come_back(void) {
    atomic_store(&stage, 0);
    CHECK(RpcSmEnableAllocate() == RPC_S_OK);
    pthread_t thread = thread_start(leaves_with_freed, RpcSmGetThreadHandle(NULL));
    while (atomic_load(&stage) < 1)
        sched_yield();
    for (int index = 0; index < BLOCKS; index++)
        CHECK(RpcSmFree(freed_by_owner[index]) == RPC_S_OK);
    atomic_store(&stage, 2);
    thread_join(thread);
    int again = 0;
    for (int index = 0; index < BLOCKS + 40; index++)
        again += is_one_of_freed(sm_allocate(2000));
    CHECK(again == BLOCKS);
    CHECK(RpcSmDisableAllocate() == RPC_S_OK);
    check_end("what was freed of a thread that ended is used again by the owner");
}

/* ---- Owners ---- */

static void *end_as_owner(void *unused) {
    CHECK(RpcSmEnableAllocate() == RPC_S_OK && RpcSmEnableAllocate() == RPC_S_OK);
    for (int index = 0; index < 10; index++)
        memset(sm_allocate(3000), 1, 3000);
    MIDL_STUB_MESSAGE message = {0};
    NdrRpcSsEnableAllocate(&message);
    memset(sm_allocate(100000), 1, 100000);
    CHECK(RpcSmSetThreadHandle(NULL) == RPC_S_OK && RpcSmEnableAllocate() == RPC_S_OK);
    memset(sm_allocate(3000), 1, 3000);
    return unused;
}

static void *borrow(void *handle) {
    CHECK(RpcSmSetThreadHandle(handle) == RPC_S_OK);
    CHECK(sm_allocate(3000) != NULL);
    return end_as_owner(NULL);
}

static void owners(int count) {
    size_t before = 0, mapped = 0;
    CHECK(RpcSmEnableAllocate() == RPC_S_OK);
    RPC_SS_THREAD_HANDLE handle = RpcSmGetThreadHandle(NULL);
    for (int index = 0; index < count; index += 2) {
        pthread_t one = thread_start(end_as_owner, NULL), other = thread_start(end_as_owner, NULL);
        thread_join(one);
        thread_join(other);
        if (index == count / 20 / 2 * 2) {
            before = resident_bytes();
            mapped = mapped_bytes();
        }
    }
    if (!WATCHED) {
        CHECK(resident_bytes() <= before + 2 * MEBI);
        CHECK(mapped_bytes() <= mapped + 8 * MEBI);
    }
    for (int index = 0; index < 50; index++)
        thread_join(thread_start(borrow, handle));
    CHECK(RpcSmDisableAllocate() == RPC_S_OK);
    check_end("%d owners that end without Disable", count);
}

/* ---- An owner that ends while others are attached ---- */

static _Atomic(RPC_SS_THREAD_HANDLE) offered;
static atomic_bool has_ended;

static void *short_owner(void *unused) {
    CHECK(RpcSmEnableAllocate() == RPC_S_OK && sm_allocate(100) != NULL);
    atomic_store(&offered, RpcSmGetThreadHandle(NULL));
    while (atomic_load(&stage) < 1)
        sched_yield();
    return unused;
}

static void *joins_short_owner(void *unused) {
    RPC_SS_THREAD_HANDLE handle;
    while ((handle = atomic_load(&offered)) == NULL)
        sched_yield();
    CHECK(RpcSmSetThreadHandle(handle) == RPC_S_OK && sm_allocate(50) != NULL);
    atomic_store(&stage, 1);
    while (!atomic_load(&has_ended))
        RpcSmFree(RpcSmAllocate(40, NULL));
    RPC_STATUS status = UNSET;
    CHECK(RpcSmAllocate(40, &status) == NULL && status == RPC_S_OUT_OF_MEMORY);
    CHECK(RpcSmGetThreadHandle(NULL) == NULL);
    return unused; /* ends attached to what is gone */
}

static void owner_ends_first(void) {
    for (int round = 0; round < TIMES(500); round++) {
        atomic_store(&offered, NULL);
        atomic_store(&stage, 0);
        atomic_store(&has_ended, false);
        pthread_t owner = thread_start(short_owner, NULL);
        pthread_t guest = thread_start(joins_short_owner, NULL);
        thread_join(owner);
        atomic_store(&has_ended, true);
        thread_join(guest);
        CHECK(RpcSmSetThreadHandle(atomic_load(&offered)) == RPC_S_INVALID_ARG);
    }
    check_end("an owner that ends releases under the threads that are attached");
}

/* ---- A thread that is ending ---- */

static pthread_key_t key;
static RPC_SS_THREAD_HANDLE live;

/* Runs as often as the system lets it; the last time all other handlers have run. */
static void late_handler(void *count) {
    if ((uintptr_t)count < 4) {
        pthread_setspecific(key, (void *)((uintptr_t)count + 1));
        return;
    }
    RPC_STATUS status = UNSET;
    CHECK(RpcSmGetThreadHandle(&status) == NULL && status == RPC_S_OK);
    CHECK(RpcSmEnableAllocate() == RPC_S_OUT_OF_MEMORY);
    CHECK(RpcSmAllocate(10, &status) == NULL && status == RPC_S_OUT_OF_MEMORY);
    CHECK(RpcSmSetThreadHandle(live) == RPC_S_OUT_OF_MEMORY);
    CHECK(RpcSmSetThreadHandle(NULL) == RPC_S_OK);
    CHECK(RpcSmDisableAllocate() == RPC_S_OK && RpcSmFree(NULL) == RPC_S_OK);
    CHECK(RpcSmFree(&status) == RPC_S_INVALID_ARG);
    CHECK(forms[1].enable() == RPC_S_OUT_OF_MEMORY);
}

static void *ends_with_handler(void *first) {
    if (first != NULL)
        CHECK(RpcSmEnableAllocate() == RPC_S_OK && sm_allocate(10) != NULL);
    pthread_setspecific(key, (void *)1);
    return NULL;
}

static void ending(void) {
    CHECK(pthread_key_create(&key, late_handler) == 0);
    CHECK(RpcSmEnableAllocate() == RPC_S_OK);
    live = RpcSmGetThreadHandle(NULL);
    thread_join(thread_start(ends_with_handler, ""));
    pthread_key_delete(key);
    CHECK(RpcSmDisableAllocate() == RPC_S_OK);
    check_end("on a thread that is ending there is no environment");
}

void test_thread_ends(void) {
    blocks_stay();
    freed_blocks_come_back();
    owners(TIMES(20000));
    owner_ends_first();
    if (!SANITIZED) /* ThreadSanitizer cannot follow a thread's late handlers */
        ending();
}
