/*
 * test_handles.c - handles whose environment is gone, and values that never were handles.
 */
#include "package.h"

#include <stdint.h>
#include <stdlib.h>

/* How far apart the handles of one record's environments are: the lower bits name the record. */
#define NEXT_GENERATION ((uintptr_t)1 << 20)

static RPC_STATUS set_value(uintptr_t value) { return RpcSmSetThreadHandle((void *)value); }

static RPC_SS_THREAD_HANDLE used_up(void) {
    CHECK(RpcSmEnableAllocate() == RPC_S_OK);
    RPC_SS_THREAD_HANDLE handle = RpcSmGetThreadHandle(NULL);
    CHECK(handle != NULL && sm_allocate(10) != NULL);
    CHECK(RpcSmDisableAllocate() == RPC_S_OK);
    return handle;
}

enum { LATER = 1000000 };

static void *enable_and_disable(void *stale) {
    for (int round = 0; round < TIMES(LATER); round++) {
        RpcSmEnableAllocate();
        if (round % 16 == 0)
            CHECK(RpcSmGetThreadHandle(NULL) != stale);
        if (round % 1000 == 0)
            CHECK(RpcSmSetThreadHandle(stale) == RPC_S_INVALID_ARG);
        RpcSmDisableAllocate();
    }
    return NULL;
}

static void stale(void) {
    RPC_SS_THREAD_HANDLE handle = used_up();
    CHECK(RpcSmSetThreadHandle(handle) == RPC_S_INVALID_ARG);
    CHECK(forms[1].set(handle) == RPC_S_INVALID_ARG);
    CHECK(RpcSmGetThreadHandle(NULL) == NULL);
    check_end("a handle is stale after Disable");
    enable_and_disable(handle);
    CHECK(RpcSmSetThreadHandle(handle) == RPC_S_INVALID_ARG);
    check_end("and after %d environments of the same thread", TIMES(LATER));
    pthread_t threads[2];
    for (int index = 0; index < 2; index++)
        threads[index] = thread_start(enable_and_disable, handle);
    for (int index = 0; index < 2; index++)
        thread_join(threads[index]);
    CHECK(RpcSmSetThreadHandle(handle) == RPC_S_INVALID_ARG);
    check_end("and after as many of other threads");
}

/* Every handle ever given is another. */
static int by_value(const void *left, const void *right) {
    uintptr_t a = *(const uintptr_t *)left, b = *(const uintptr_t *)right;
    return (a > b) - (a < b);
}

static void all_differ(void) {
    enum { COUNT = 100000 };
    uintptr_t *handles = malloc(COUNT * sizeof *handles);
    for (int index = 0; index < COUNT; index++)
        handles[index] = (uintptr_t)used_up();
    qsort(handles, COUNT, sizeof *handles, by_value);
    for (int index = 1; index < COUNT; index++)
        CHECK(handles[index - 1] != handles[index]);
    free(handles);
    check_end("100000 environments, 100000 handles");
}

static void *leave_handle(void *unused) {
    (void)unused;
    CHECK(RpcSmEnableAllocate() == RPC_S_OK);
    return RpcSmGetThreadHandle(NULL);
}

static void of_ended_thread(void) {
    for (int round = 0; round < 100; round++) {
        RPC_SS_THREAD_HANDLE handle = thread_join(thread_start(leave_handle, NULL));
        CHECK(handle != NULL && RpcSmSetThreadHandle(handle) == RPC_S_INVALID_ARG);
        CHECK(RpcSmGetThreadHandle(NULL) == NULL);
    }
    check_end("the handle of a thread that ended without Disable is stale");
}

static void *borrow(void *handle) {
    CHECK(RpcSmSetThreadHandle(handle) == RPC_S_OK);
    return sm_allocate(10);
}

static void of_stub(void) {
    MIDL_STUB_MESSAGE message = {0};
    NdrRpcSsEnableAllocate(&message);
    RPC_SS_THREAD_HANDLE handle = RpcSmGetThreadHandle(NULL);
    void *block = thread_join(thread_start(borrow, handle));
    CHECK(block != NULL && RpcSmFree(block) == RPC_S_OK);
    NdrRpcSsDisableAllocate(&message);
    CHECK(RpcSmSetThreadHandle(handle) == RPC_S_INVALID_ARG);
    check_end("the handle of a stub's environment works until the stub returns");
}

/* ---- Forged ---- */

static void refused(uintptr_t value, RPC_SS_THREAD_HANDLE live) {
    CHECK(set_value(value) == RPC_S_INVALID_ARG);
    CHECK(RpcSmGetThreadHandle(NULL) == live);
}

static void forged_with(RPC_SS_THREAD_HANDLE live) {
    struct random random = {7};
    for (int count = 0; count < 100000; count++)
        refused((uintptr_t)random_next(&random) | 1, live);
    for (uintptr_t value = 1; value < 5000; value++)
        refused(value, live);
    for (uintptr_t value = 1; value < 5000; value++)
        refused(-value, live);
    void *block = malloc(100);
    refused((uintptr_t)block, live);
    refused((uintptr_t)&block, live);
    refused((uintptr_t)&forged_with, live);
    free(block);
    block = midl_user_allocate(100);
    refused((uintptr_t)block, live);
    midl_user_free(block);
}

static void forged(void *unused) {
    (void)unused;
    forged_with(NULL);
    CHECK(RpcSmEnableAllocate() == RPC_S_OK);
    RPC_SS_THREAD_HANDLE live = RpcSmGetThreadHandle(NULL);
    forged_with(live);
    refused((uintptr_t)live + 1, live);
    refused((uintptr_t)live - 1, live);
    for (int bit = 0; bit < 64; bit++)
        if (((uintptr_t)live ^ (uintptr_t)1 << bit) != 0)
            refused((uintptr_t)live ^ (uintptr_t)1 << bit, live);
    refused((uintptr_t)sm_allocate(10), live);
    CHECK(RpcSmDisableAllocate() == RPC_S_OK);
}

/* The record is not in use; the value is the handle that its next environment would have. */
static void of_the_future(void *unused) {
    (void)unused;
    uintptr_t gone = (uintptr_t)used_up();
    for (uintptr_t step = 1; step <= 3; step++)
        refused(gone + step * NEXT_GENERATION, NULL);
    CHECK(sm_allocate(10) == NULL);
    CHECK(RpcSmDisableAllocate() == RPC_S_OK);
    CHECK(RpcSmEnableAllocate() == RPC_S_OK && sm_allocate(10) != NULL);
    CHECK(RpcSmDisableAllocate() == RPC_S_OK);
}

static void *set_future(void *handle) {
    uintptr_t next = (uintptr_t)handle + NEXT_GENERATION;
    CHECK(set_value(next) == RPC_S_INVALID_ARG && sm_allocate(10) == NULL);
    return NULL;
}

static void of_anothers_future(void *unused) {
    (void)unused;
    thread_join(thread_start(set_future, used_up()));
}

void test_handles(void) {
    check_child(forged, NULL, "forged values are refused");
    check_child(of_the_future, NULL, "no value names a record that is not in use");
    check_child(of_anothers_future, NULL, "nor that of another thread");
    stale();
    all_differ();
    of_ended_thread();
    of_stub();
}
