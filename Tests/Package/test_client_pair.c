/*
 * test_client_pair.c - the pair that sensitive client stubs allocate and free with.
 */
#include "package.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static _Thread_local int allocations, frees;
static void *counted_allocate(size_t byte_count) {
    allocations++;
    return malloc(byte_count);
}
static void counted_free(void *node) {
    frees++;
    free(node);
}
static void *other_allocate(size_t byte_count) { return midl_user_allocate(byte_count); }
static void other_free(void *node) { midl_user_free(node); }

static void combinations(const struct form *form) {
    RPC_CLIENT_ALLOC *allocate = other_allocate, *const was_allocate = other_allocate;
    RPC_CLIENT_FREE *release = other_free, *const was_release = other_free;
    CHECK(form->set_pair(counted_allocate, counted_free) == RPC_S_OK);
    CHECK(form->set_pair(other_allocate, NULL) == RPC_S_INVALID_ARG);
    CHECK(form->set_pair(NULL, other_free) == RPC_S_INVALID_ARG);
    for (int given = 0; given < 15; given++) {
        RPC_STATUS status =
            form->swap_pair(given & 1 ? other_allocate : NULL, given & 2 ? other_free : NULL,
                            given & 4 ? &allocate : NULL, given & 8 ? &release : NULL);
        CHECK(status == RPC_S_INVALID_ARG);
        CHECK(allocate == was_allocate && release == was_release);
    }
    /* None of these changed the pair. */
    allocations = frees = 0;
    NdrRpcSmClientFree(NdrRpcSmClientAllocate(10));
    CHECK(allocations == 1 && frees == 1);
    CHECK(form->swap_pair(other_allocate, other_free, &allocate, &release) == RPC_S_OK);
    CHECK(allocate == counted_allocate && release == counted_free);
    CHECK(form->set_pair(NULL, NULL) == RPC_S_OK);
    NdrRpcSmClientFree(NdrRpcSmClientAllocate(10));
    CHECK(allocations == 1 && frees == 1);
    check_end("%s: NULL where there may be none is 87 and changes nothing", form->name);
}

static bool is_of_environment(void *block) {
    bool is = RpcSmFree(block) == RPC_S_OK;
    CHECK(!is || RpcSmFree(block) == RPC_S_INVALID_ARG);
    return is;
}

static void defaults(const struct form *form) {
    void *outside = NdrRpcSmClientAllocate(40), *none = NdrRpcSmClientAllocate(0);
    CHECK(outside != NULL && none != NULL && !is_of_environment(outside));
    CHECK(NdrRpcSsDefaultAllocate(SIZE_MAX / 2 + 1) == NULL);
    CHECK(form->enable() == RPC_S_OK);
    void *inside = NdrRpcSmClientAllocate(40), *directly = NdrRpcSsDefaultAllocate(40);
    CHECK(!is_of_environment(outside) && !is_of_environment(none));
    memset(outside, 1, 40);
    /* In whatever order, each to where it came from: malloc's would abort on the other. */
    CHECK(RpcSmClientFree(inside) == RPC_S_OK && !is_of_environment(inside));
    CHECK(RpcSmClientFree(outside) == RPC_S_OK);
    NdrRpcSsDefaultFree(directly);
    CHECK(!is_of_environment(directly));
    CHECK(RpcSmClientFree(NULL) == RPC_S_OK);
    NdrRpcSsDefaultFree(NULL);
    NdrRpcSmClientFree(NULL);
    CHECK(is_of_environment(NdrRpcSmClientAllocate(1)));
    CHECK(is_of_environment(NdrRpcSmClientAllocate(100000)));
    volatile RPC_STATUS raised = RPC_S_OK;
    RpcTryExcept { NdrRpcSsDefaultAllocate(SIZE_MAX / 2); }
    RpcExcept(EXCEPTION_EXECUTE_HANDLER) { raised = RpcExceptionCode(); }
    RpcEndExcept CHECK(raised == RPC_S_OUT_OF_MEMORY);
    CHECK(form->disable() == RPC_S_OK);
    CHECK(RpcSmClientFree(none) == RPC_S_OK);
    CHECK(RpcSmClientFree(NULL) == RPC_S_OK);
    check_end("%s: the default pair with and without an environment", form->name);
}

/* Swapped out and back it is the default again, not what the default was at that moment. */
static void default_comes_back(const struct form *form) {
    RPC_CLIENT_ALLOC *allocate, *dropped_allocate;
    RPC_CLIENT_FREE *release, *dropped_free;
    for (int by_set = 0; by_set < 2; by_set++) {
        CHECK(form->swap_pair(counted_allocate, counted_free, &allocate, &release) == RPC_S_OK);
        CHECK(form->enable() == RPC_S_OK);
        if (by_set)
            CHECK(form->set_pair(allocate, release) == RPC_S_OK);
        else
            CHECK(form->swap_pair(allocate, release, &dropped_allocate, &dropped_free) == RPC_S_OK);
        CHECK(is_of_environment(NdrRpcSmClientAllocate(10)));
        CHECK(form->disable() == RPC_S_OK);
        void *block = NdrRpcSmClientAllocate(10);
        CHECK(block != NULL && RpcSmClientFree(block) == RPC_S_OK);
    }
    check_end("%s: the default pair comes back", form->name);
}

static void *default_here(void *form) {
    allocations = 0;
    NdrRpcSmClientFree(NdrRpcSmClientAllocate(10));
    CHECK(allocations == 0);
    CHECK(((const struct form *)form)->set_pair(other_allocate, other_free) == RPC_S_OK);
    return NULL;
}

static void per_thread(const struct form *form) {
    CHECK(form->set_pair(counted_allocate, counted_free) == RPC_S_OK);
    /* One after the other: a later thread may get the record of one that ended. */
    for (int index = 0; index < 5; index++)
        thread_join(thread_start(default_here, (void *)(uintptr_t)form));
    allocations = frees = 0;
    CHECK(RpcSmClientFree(NdrRpcSmClientAllocate(10)) == RPC_S_OK);
    CHECK(allocations == 1 && frees == 1);
    CHECK(form->set_pair(NULL, NULL) == RPC_S_OK);
    check_end("%s: a pair is of one thread", form->name);
}

/* ---- Functions that call the package themselves ---- */

static void *nesting_allocate(size_t byte_count) {
    RPC_CLIENT_ALLOC *allocate;
    RPC_CLIENT_FREE *release;
    void *block;
    CHECK(RpcSmEnableAllocate() == RPC_S_OK);
    CHECK(sm_allocate(500) != NULL);
    CHECK(RpcSmDisableAllocate() == RPC_S_OK);
    CHECK(RpcSmSwapClientAllocFree(counted_allocate, counted_free, &allocate, &release) ==
          RPC_S_OK);
    block = NdrRpcSmClientAllocate(byte_count);
    CHECK(RpcSmSetClientAllocFree(allocate, release) == RPC_S_OK);
    return block;
}

static void nesting_free(void *node) {
    CHECK(RpcSmSetClientAllocFree(NULL, NULL) == RPC_S_OK);
    CHECK(RpcSmClientFree(node) == RPC_S_OK);
    CHECK(RpcSmSetClientAllocFree(nesting_allocate, nesting_free) == RPC_S_OK);
}

static void *raising_allocate(size_t byte_count) {
    (void)byte_count;
    RpcRaiseException(RPC_S_OUT_OF_MEMORY);
}

static void callbacks(const struct form *form) {
    CHECK(form->set_pair(nesting_allocate, nesting_free) == RPC_S_OK);
    for (int index = 0; index < 1000; index++) {
        allocations = 0;
        void *block = NdrRpcSmClientAllocate(20);
        CHECK(block != NULL && allocations == 1 && RpcSmClientFree(block) == RPC_S_OK);
    }
    CHECK(form->set_pair(RpcSsAllocate, RpcSsFree) == RPC_S_OK);
    CHECK(form->enable() == RPC_S_OK);
    void *block = NdrRpcSmClientAllocate(20);
    NdrRpcSmClientFree(block);
    CHECK(!is_of_environment(block) && form->disable() == RPC_S_OK);
    CHECK(form->set_pair(raising_allocate, other_free) == RPC_S_OK);
    volatile RPC_STATUS raised = RPC_S_OK;
    RpcTryExcept { NdrRpcSmClientAllocate(1); }
    RpcExcept(EXCEPTION_EXECUTE_HANDLER) { raised = RpcExceptionCode(); }
    RpcEndExcept CHECK(raised == RPC_S_OUT_OF_MEMORY);
    CHECK(form->set_pair(NULL, NULL) == RPC_S_OK);
    check_end("%s: functions of the pair call the package", form->name);
}

static void client_to_osf(void) {
    MIDL_STUB_MESSAGE message, before;
    memset(&message, 0x3C, sizeof message);
    before = message;
    NdrRpcSmSetClientToOsf(&message);
    CHECK(message.pfnAllocate == NdrRpcSmClientAllocate && message.pfnFree == NdrRpcSmClientFree);
    before.pfnAllocate = message.pfnAllocate;
    before.pfnFree = message.pfnFree;
    CHECK(memcmp(&before, &message, sizeof message) == 0);
    /* The message names the thread's pair, not the one that was in force. */
    CHECK(RpcSmSetClientAllocFree(counted_allocate, counted_free) == RPC_S_OK);
    allocations = frees = 0;
    message.pfnFree(message.pfnAllocate(10));
    CHECK(allocations == 1 && frees == 1);
    CHECK(RpcSmSetClientAllocFree(NULL, NULL) == RPC_S_OK);
    check_end("NdrRpcSmSetClientToOsf changes the message's pair alone");
}

/* ---- Blocks that are not the caller's, to the default free ---- */

static void freed_before(void *byte_count) {
    CHECK(RpcSmEnableAllocate() == RPC_S_OK);
    void *block = NdrRpcSmClientAllocate(*(size_t *)byte_count);
    CHECK(RpcSmClientFree(block) == RPC_S_OK);
    CHECK(RpcSmClientFree(block) == RPC_S_INVALID_ARG);
    CHECK(RpcSmDisableAllocate() == RPC_S_OK);
}

static void inside(void *byte_count) {
    CHECK(RpcSmEnableAllocate() == RPC_S_OK);
    char *block = NdrRpcSmClientAllocate(*(size_t *)byte_count);
    CHECK(RpcSmClientFree(block + 16) == RPC_S_INVALID_ARG);
    CHECK(RpcSmDisableAllocate() == RPC_S_OK);
}

static void of_gone(void *byte_count) {
    CHECK(RpcSmEnableAllocate() == RPC_S_OK);
    void *block = NdrRpcSmClientAllocate(*(size_t *)byte_count);
    CHECK(RpcSmDisableAllocate() == RPC_S_OK);
    CHECK(RpcSmClientFree(block) == RPC_S_INVALID_ARG);
}

static void *allocate_there(void *unused) {
    (void)unused;
    CHECK(RpcSmEnableAllocate() == RPC_S_OK);
    return NdrRpcSmClientAllocate(10);
}

static void of_other(void *unused) {
    (void)unused;
    CHECK(RpcSmEnableAllocate() == RPC_S_OK);
    RPC_SS_THREAD_HANDLE handle = RpcSmGetThreadHandle(NULL);
    void *block = NdrRpcSmClientAllocate(10);
    CHECK(RpcSmSetThreadHandle(NULL) == RPC_S_OK);
    CHECK(RpcSmClientFree(block) == RPC_S_INVALID_ARG);
    CHECK(RpcSmEnableAllocate() == RPC_S_OK);
    CHECK(RpcSmClientFree(block) == RPC_S_INVALID_ARG);
    volatile RPC_STATUS raised = RPC_S_OK;
    RpcTryExcept { NdrRpcSsDefaultFree(block); }
    RpcExcept(EXCEPTION_EXECUTE_HANDLER) { raised = RpcExceptionCode(); }
    RpcEndExcept CHECK(raised == RPC_S_INVALID_ARG);
    CHECK(RpcSmSetThreadHandle(handle) == RPC_S_OK && RpcSmClientFree(block) == RPC_S_OK);
    CHECK(thread_join(thread_start(allocate_there, NULL)) != NULL);
}

void test_client_pair(void) {
    static size_t counts[] = {40, 100000};
    for (int index = 0; index < FORM_COUNT; index++) {
        const struct form *form = &forms[index];
        combinations(form);
        defaults(form);
        default_comes_back(form);
        per_thread(form);
        callbacks(form);
    }
    client_to_osf();
    for (int index = 0; index < 2; index++) {
        size_t *count = &counts[index];
        check_child(freed_before, count, "ClientFree of a freed block of %zu bytes is 87", *count);
        check_child(inside, count, "ClientFree inside a block of %zu bytes is 87", *count);
        check_child(of_gone, count, "ClientFree of %zu bytes of an environment that is gone is 87",
                    *count);
    }
    check_child(of_other, NULL, "ClientFree of a block of another environment is 87");
}
