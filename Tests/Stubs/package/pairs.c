/* J39, and the pair that a thread has without one. J40 takes a call: calls/package.c. */
#include <stdlib.h>

#include "checks.h"
#include "raised.h"
#include "rpcss.h"
#include "vector.h"

static void *__RPC_API first_allocate(size_t byteCount) {
    (void)byteCount;
    return NULL;
}
static void __RPC_API first_free(void *block) { (void)block; }

static void *second_block;
static void *__RPC_API second_allocate(size_t byteCount) {
    return second_block = malloc(byteCount);
}
static long second_frees;
static void __RPC_API second_free(void *block) {
    free(block);
    second_frees += 1;
}

void vector_swap(void) {
    RPC_CLIENT_ALLOC *old_allocate = NULL;
    RPC_CLIENT_FREE *old_free = NULL;

    CHECK_EQUAL(RPC_S_OK, RpcSmSetClientAllocFree(first_allocate, first_free));
    CHECK_EQUAL(RPC_S_OK,
                RpcSmSwapClientAllocFree(second_allocate, second_free, &old_allocate, &old_free));
    CHECK(old_allocate == first_allocate && old_free == first_free);
    CHECK_EQUAL(0,
                RAISED(RpcSsSwapClientAllocFree(old_allocate, old_free, &old_allocate, &old_free)));
    CHECK(old_allocate == second_allocate && old_free == second_free);
    CHECK_EQUAL(RPC_S_INVALID_ARG,
                RpcSmSwapClientAllocFree(NULL, first_free, &old_allocate, &old_free));
    CHECK_EQUAL(RPC_S_INVALID_ARG,
                RpcSmSwapClientAllocFree(first_allocate, first_free, NULL, &old_free));
    CHECK_EQUAL(RPC_S_INVALID_ARG, RAISED(RpcSsSetClientAllocFree(first_allocate, NULL)));
    CHECK_EQUAL(RPC_S_OK, RpcSmSetClientAllocFree(NULL, NULL));
}

static DWORD WINAPI other_thread(void *unused) {
    RPC_CLIENT_ALLOC *allocate = NULL;
    RPC_CLIENT_FREE *release = NULL;

    (void)unused;
    CHECK_EQUAL(RPC_S_OK,
                RpcSmSwapClientAllocFree(first_allocate, first_free, &allocate, &release));
    CHECK(allocate == NdrRpcSsDefaultAllocate && release == NdrRpcSsDefaultFree);
    return 0;
}

void vector_pair_of_thread(void) {
    HANDLE thread;
    long before = second_frees;
    void *block;

    CHECK_EQUAL(RPC_S_OK, RpcSmSetClientAllocFree(second_allocate, second_free));
    thread = CreateThread(NULL, 0, other_thread, NULL, 0, NULL);
    CHECK_EQUAL(WAIT_OBJECT_0, WaitForSingleObject(thread, 10000));
    CloseHandle(thread);
    block = NdrRpcSmClientAllocate(10);
    CHECK(block == second_block);
    NdrRpcSmClientFree(block);
    CHECK_EQUAL(RPC_S_OK, RpcSmClientFree(NdrRpcSmClientAllocate(10)));
    CHECK_EQUAL(before + 2, second_frees);
    CHECK_EQUAL(RPC_S_OK, RpcSmSetClientAllocFree(NULL, NULL));
}

void vector_default_pair(void) {
    void *apart = NdrRpcSmClientAllocate(20), *inside;

    CHECK(apart != NULL);
    CHECK_EQUAL(RPC_S_OK, RpcSmEnableAllocate());
    inside = NdrRpcSmClientAllocate(20);
    CHECK_EQUAL(RPC_S_INVALID_ARG, RpcSmFree(apart)); /* malloc's */
    CHECK_EQUAL(RPC_S_OK, RpcSmClientFree(apart));
    CHECK_EQUAL(RPC_S_OK, RpcSmFree(inside));
    CHECK_EQUAL(RPC_S_OK, RpcSmDisableAllocate());
}
