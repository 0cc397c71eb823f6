/*
 * test_slots.c - what is in a thread's slot: Set, Get, NULL, nesting, several environments.
 */
#include "package.h"

#include <stdint.h>
#include <string.h>

static RPC_SS_THREAD_HANDLE handle_now(void) {
    RPC_STATUS status = UNSET;
    RPC_SS_THREAD_HANDLE handle = RpcSmGetThreadHandle(&status);
    CHECK(status == RPC_S_OK);
    return handle;
}

/* Enables an environment on top of nothing, with a block in it. */
struct environment {
    RPC_SS_THREAD_HANDLE handle;
    char *block;
};

static struct environment make(uint64_t seed) {
    struct environment made;
    CHECK(RpcSmSetThreadHandle(NULL) == RPC_S_OK);
    CHECK(RpcSmEnableAllocate() == RPC_S_OK);
    made.handle = handle_now();
    made.block = sm_allocate(200);
    pattern_fill(made.block, 200, seed);
    return made;
}

static void several(bool in_order) {
    enum { COUNT = 20 };
    struct environment made[COUNT];
    for (int index = 0; index < COUNT; index++)
        made[index] = make((uint64_t)index + 1);
    for (int step = 0; step < COUNT; step++) {
        int index = in_order ? step : COUNT - 1 - step;
        CHECK(RpcSmSetThreadHandle(made[index].handle) == RPC_S_OK);
        CHECK(handle_now() == made[index].handle);
        CHECK(pattern_holds(made[index].block, 200, (uint64_t)index + 1));
        CHECK(RpcSmFree(made[(index + 1) % COUNT].block) == RPC_S_INVALID_ARG);
        CHECK(RpcSmDisableAllocate() == RPC_S_OK);
        CHECK(handle_now() == NULL);
        CHECK(RpcSmSetThreadHandle(made[index].handle) == RPC_S_INVALID_ARG);
        for (int other = 0; other < COUNT; other++) {
            bool is_gone = in_order ? other <= index : other >= index;
            CHECK(is_gone || pattern_holds(made[other].block, 200, (uint64_t)other + 1));
        }
    }
    check_end("several environments, disabled in %s order", in_order ? "the same" : "reverse");
}

static void set_changes_nothing_else(void) {
    struct environment first = make(1), second = make(2);
    for (int round = 0; round < 1000; round++) {
        struct environment *now = round & 1 ? &first : &second;
        CHECK(RpcSmSetThreadHandle(now->handle) == RPC_S_OK && handle_now() == now->handle);
        CHECK(RpcSmSetThreadHandle(now->handle) == RPC_S_OK && handle_now() == now->handle);
        CHECK(RpcSmSetThreadHandle((void *)1) == RPC_S_INVALID_ARG);
        CHECK(handle_now() == now->handle);
        if (round % 3 == 0)
            CHECK(RpcSmSetThreadHandle(NULL) == RPC_S_OK && handle_now() == NULL);
    }
    CHECK(pattern_holds(first.block, 200, 1) && pattern_holds(second.block, 200, 2));
    CHECK(RpcSmSetThreadHandle(first.handle) == RPC_S_OK);
    /* Set counted as no Enable: one Disable each is enough. */
    CHECK(RpcSmDisableAllocate() == RPC_S_OK && handle_now() == NULL);
    CHECK(RpcSmSetThreadHandle(second.handle) == RPC_S_OK);
    CHECK(RpcSmDisableAllocate() == RPC_S_OK && handle_now() == NULL);
    check_end("Set and Get go round, a refused Set changes nothing");
}

/* ---- On a thread that borrows ---- */

static void *enable_on_borrowed(void *handle) {
    CHECK(RpcSmSetThreadHandle(handle) == RPC_S_OK);
    char *borrowed = sm_allocate(100);
    pattern_fill(borrowed, 100, 3);
    CHECK(RpcSmEnableAllocate() == RPC_S_OK);
    RPC_SS_THREAD_HANDLE own = handle_now();
    CHECK(own != NULL && own != handle);
    CHECK(RpcSmFree(borrowed) == RPC_S_INVALID_ARG);
    char *mine = sm_allocate(100);
    CHECK(RpcSmEnableAllocate() == RPC_S_OK && handle_now() == own);
    CHECK(RpcSmDisableAllocate() == RPC_S_OK && handle_now() == own);
    CHECK(RpcSmDisableAllocate() == RPC_S_OK && handle_now() == handle);
    CHECK(RpcSmFree(mine) == RPC_S_INVALID_ARG);
    CHECK(pattern_holds(borrowed, 100, 3) && RpcSmFree(borrowed) == RPC_S_OK);
    CHECK(sm_allocate(10) != NULL);
    CHECK(RpcSmDisableAllocate() == RPC_S_OK && handle_now() == NULL);
    CHECK(RpcSmDisableAllocate() == RPC_S_OK);
    CHECK(sm_allocate(10) == NULL);
    return NULL;
}

/* The own environment ends while the slot is elsewhere, so it brings nothing back. */
static void *end_elsewhere(void *handle) {
    CHECK(RpcSmSetThreadHandle(handle) == RPC_S_OK);
    CHECK(RpcSmEnableAllocate() == RPC_S_OK);
    RPC_SS_THREAD_HANDLE own = handle_now();
    for (int round = 0; round < 100; round++) {
        CHECK(RpcSmSetThreadHandle(handle) == RPC_S_OK && handle_now() == handle);
        void *block = sm_allocate(64);
        CHECK(RpcSmSetThreadHandle(NULL) == RPC_S_OK);
        CHECK(RpcSmSetThreadHandle(own) == RPC_S_OK && handle_now() == own);
        CHECK(RpcSmFree(block) == RPC_S_INVALID_ARG);
        CHECK(RpcSmSetThreadHandle(handle) == RPC_S_OK && RpcSmFree(block) == RPC_S_OK);
        CHECK(RpcSmSetThreadHandle(own) == RPC_S_OK);
    }
    CHECK(RpcSmDisableAllocate() == RPC_S_OK && handle_now() == handle);
    CHECK(RpcSmSetThreadHandle(own) == RPC_S_INVALID_ARG && handle_now() == handle);
    return NULL;
}

static void *disable_twice(void *handle) {
    CHECK(RpcSmEnableAllocate() == RPC_S_OK);
    RPC_SS_THREAD_HANDLE own = handle_now();
    CHECK(RpcSmSetThreadHandle(handle) == RPC_S_OK);
    CHECK(RpcSmDisableAllocate() == RPC_S_OK && handle_now() == NULL);
    CHECK(RpcSmSetThreadHandle(own) == RPC_S_OK && handle_now() == own);
    return NULL; /* ends as the owner of an environment */
}

static void with_owner(void *(*body)(void *), const char *what) {
    CHECK(RpcSmEnableAllocate() == RPC_S_OK);
    char *block = sm_allocate(300);
    pattern_fill(block, 300, 9);
    thread_join(thread_start(body, handle_now()));
    CHECK(handle_now() != NULL && pattern_holds(block, 300, 9));
    CHECK(RpcSmFree(block) == RPC_S_OK);
    CHECK(RpcSmDisableAllocate() == RPC_S_OK && handle_now() == NULL);
    check_end("%s", what);
}

static void saved_is_gone(void) {
    struct environment below = make(1);
    MIDL_STUB_MESSAGE message = {0};
    NdrRpcSsEnableAllocate(&message);
    CHECK(RpcSmSetThreadHandle(below.handle) == RPC_S_OK);
    CHECK(RpcSmDisableAllocate() == RPC_S_OK);
    struct environment after = make(2); /* takes the record of the one that is gone */
    NdrRpcSsDisableAllocate(&message);
    CHECK(handle_now() == NULL);
    CHECK(RpcSmSetThreadHandle(below.handle) == RPC_S_INVALID_ARG);
    CHECK(after.handle != below.handle);
    CHECK(RpcSmDisableAllocate() == RPC_S_OK);
    check_end("an environment that is gone does not come back into the slot");
}

void test_slots(void) {
    several(true);
    several(false);
    set_changes_nothing_else();
    with_owner(enable_on_borrowed, "Enable on a borrowed environment makes one of its own");
    with_owner(end_elsewhere, "between a borrowed and an own environment");
    with_owner(disable_twice, "Disable only leaves a borrowed environment");
    saved_is_gone();
}
