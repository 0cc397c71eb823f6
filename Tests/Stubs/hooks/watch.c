/* The watch on calls with hooks; see watch.h. */
#include "watch.h"
#include "checks.h"
#include "rpcss.h"

/* What a call leaves for watch_after_call. The handle of every second call only: an environment
 * whose handle was given away is one that other threads may know, and takes slower paths. */
static _Thread_local RPC_SS_THREAD_HANDLE handle_of_call;
static _Thread_local void *block_of_call;
static LONG begun, ended;

static void check_no_environment(void) {
    RPC_STATUS status = -1;

    CHECK(RpcSmGetThreadHandle(&status) == NULL);
    CHECK_EQUAL(RPC_S_OK, status);
    CHECK(RpcSmAllocate(1, &status) == NULL);
    CHECK_EQUAL(RPC_S_OUT_OF_MEMORY, status);
}

static void check_gone(RPC_SS_THREAD_HANDLE handle, void *block) {
    CHECK_EQUAL(RPC_S_INVALID_ARG, RpcSmFree(block));
    if (!handle)
        return;
    CHECK_EQUAL(RPC_S_INVALID_ARG, RpcSmSetThreadHandle(handle));
    CHECK(RpcSmGetThreadHandle(NULL) == NULL);
}

void watch_before_call(void) {
    check_no_environment();
    if (block_of_call)
        check_gone(handle_of_call, block_of_call);
}

void watch_in_call(const MIDL_STUB_MESSAGE *message) {
    long number = InterlockedIncrement(&begun);
    RPC_STATUS status = -1;

    CHECK(message->pfnAllocate == RpcSsAllocate);
    CHECK(message->pfnFree == RpcSsFree);
    block_of_call = RpcSmAllocate(100, &status);
    CHECK_EQUAL(RPC_S_OK, status);
    CHECK(block_of_call != NULL);
    handle_of_call = number % 2 ? RpcSmGetThreadHandle(NULL) : NULL;
    CHECK(number % 2 == 0 || handle_of_call != NULL);
}

void watch_after_call(const MIDL_STUB_MESSAGE *message) {
    CHECK(message->pfnAllocate == MIDL_user_allocate);
    CHECK(message->pfnFree == MIDL_user_free);
    check_no_environment();
    check_gone(handle_of_call, block_of_call);
    InterlockedIncrement(&ended);
}

struct watched watch_read(void) {
    return (struct watched){InterlockedAdd(&begun, 0), InterlockedAdd(&ended, 0)};
}
