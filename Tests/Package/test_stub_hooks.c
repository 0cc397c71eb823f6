/*
 * test_stub_hooks.c - NdrRpcSsEnableAllocate and NdrRpcSsDisableAllocate around a manager.
 */
#include "package.h"

#include <stdint.h>
#include <string.h>

static void *other_allocate(size_t byte_count) { return midl_user_allocate(byte_count); }
static void other_free(void *node) { midl_user_free(node); }

/* Every byte but those of the pair. */
static bool same_but_pair(const MIDL_STUB_MESSAGE *message, unsigned char value) {
    const unsigned char *bytes = (const void *)message;
    for (size_t at = 0; at < sizeof *message; at++)
        if ((at < 120 || at >= 136) && bytes[at] != value)
            return false;
    return true;
}

static void message_fields(void) {
    MIDL_STUB_MESSAGE message;
    memset(&message, 0xA5, sizeof message);
    message.pfnAllocate = other_allocate;
    message.pfnFree = other_free;
    NdrRpcSsEnableAllocate(&message);
    CHECK(message.pfnAllocate == RpcSsAllocate && message.pfnFree == RpcSsFree);
    CHECK(same_but_pair(&message, 0xA5));
    void *block = message.pfnAllocate(30);
    CHECK(RpcSmFree(block) == RPC_S_OK && RpcSmFree(block) == RPC_S_INVALID_ARG);
    message.pfnFree(sm_allocate(10));
    NdrRpcSsDisableAllocate(&message);
    CHECK(message.pfnAllocate == other_allocate && message.pfnFree == other_free);
    CHECK(same_but_pair(&message, 0xA5));
    /* The call is over: another Disable leaves the message alone. */
    NdrRpcSsDisableAllocate(&message);
    CHECK(message.pfnAllocate == other_allocate && message.pfnFree == other_free);
    check_end("only the message's pair is changed, and changed back");
}

static void unknown_message(void) {
    MIDL_STUB_MESSAGE known = {0}, unknown;
    memset(&unknown, 0x5A, sizeof unknown);
    NdrRpcSsDisableAllocate(&unknown);
    CHECK(same_but_pair(&unknown, 0x5A) && ((unsigned char *)&unknown)[120] == 0x5A);
    NdrRpcSsEnableAllocate(&known);
    char *block = sm_allocate(100);
    pattern_fill(block, 100, 2);
    RPC_SS_THREAD_HANDLE handle = RpcSmGetThreadHandle(NULL);
    NdrRpcSsDisableAllocate(&unknown);
    CHECK(same_but_pair(&unknown, 0x5A) && ((unsigned char *)&unknown)[135] == 0x5A);
    CHECK(RpcSmGetThreadHandle(NULL) == handle && pattern_holds(block, 100, 2));
    CHECK(known.pfnAllocate == RpcSsAllocate && RpcSmFree(block) == RPC_S_OK);
    NdrRpcSsDisableAllocate(&known);
    check_end("a message without an environment is left alone");
}

static void *disable_there(void *message) {
    NdrRpcSsDisableAllocate(message);
    return NULL;
}

static void message_of_other_thread(void) {
    MIDL_STUB_MESSAGE message = {0};
    NdrRpcSsEnableAllocate(&message);
    void *block = sm_allocate(10);
    thread_join(thread_start(disable_there, &message));
    CHECK(message.pfnAllocate == RpcSsAllocate && RpcSmFree(block) == RPC_S_OK);
    NdrRpcSsDisableAllocate(&message);
    CHECK(message.pfnAllocate == NULL && RpcSmGetThreadHandle(NULL) == NULL);
    check_end("so is one whose environment is another thread's");
}

/* A server that is a client of itself: calls within calls, each with blocks of its own. */
static void call(int depth, int raise_at) {
    MIDL_STUB_MESSAGE message = {0};
    message.pfnAllocate = other_allocate;
    message.pfnFree = other_free;
    RPC_SS_THREAD_HANDLE outside = RpcSmGetThreadHandle(NULL);
    NdrRpcSsEnableAllocate(&message);
    CHECK(RpcSmGetThreadHandle(NULL) != outside);
    RpcTryFinally {
        char *block = RpcSsAllocate(50);
        pattern_fill(block, 50, (uint64_t)depth + 1);
        if (depth > 0)
            call(depth - 1, raise_at);
        CHECK(pattern_holds(block, 50, (uint64_t)depth + 1));
        RpcSsFree(block);
        if (depth == raise_at)
            RpcRaiseException(1234);
    }
    RpcFinally {
        NdrRpcSsDisableAllocate(&message);
        CHECK(message.pfnAllocate == other_allocate && message.pfnFree == other_free);
        CHECK(RpcSmGetThreadHandle(NULL) == outside);
    }
    RpcEndFinally
}

static void nested_calls(void) {
    for (volatile int raise_at = -1; raise_at <= 8; raise_at++) {
        volatile RPC_STATUS raised = RPC_S_OK;
        RpcTryExcept { call(8, raise_at); }
        RpcExcept(EXCEPTION_EXECUTE_HANDLER) { raised = RpcExceptionCode(); }
        RpcEndExcept CHECK(raised == (raise_at < 0 ? RPC_S_OK : 1234));
        CHECK(RpcSmGetThreadHandle(NULL) == NULL);
    }
    check_end("calls nest on a thread, and managers leave by exceptions");
}

/* ---- What a manager may leave behind, and what is below the stub ---- */

static void left_by_manager(int what) {
    switch (what) {
    case 0: /* Enable without Disable */
        CHECK(RpcSmEnableAllocate() == RPC_S_OK);
        break;
    case 1: /* more Disables than Enables: the stub's environment stays */
        for (int count = 0; count < 5; count++)
            CHECK(RpcSmDisableAllocate() == RPC_S_OK && sm_allocate(10) != NULL);
        break;
    case 2: /* the slot cleared */
        CHECK(RpcSmSetThreadHandle(NULL) == RPC_S_OK);
        break;
    case 3: /* another environment on nothing */
        CHECK(RpcSmSetThreadHandle(NULL) == RPC_S_OK && RpcSmEnableAllocate() == RPC_S_OK);
        CHECK(sm_allocate(10) != NULL);
        break;
    case 4: { /* an inner call whose stub never got to its exit */
        static MIDL_STUB_MESSAGE inner;
        NdrRpcSsEnableAllocate(&inner);
        CHECK(sm_allocate(100000) != NULL);
        break;
    }
    }
}

static void with_below(const char *below) {
    for (int what = 0; what < 6; what++) {
        MIDL_STUB_MESSAGE message = {0};
        RPC_SS_THREAD_HANDLE outside = RpcSmGetThreadHandle(NULL);
        char *block = outside == NULL ? NULL : sm_allocate(70);
        if (block != NULL)
            pattern_fill(block, 70, 8);
        NdrRpcSsEnableAllocate(&message);
        RPC_SS_THREAD_HANDLE inside = RpcSmGetThreadHandle(NULL);
        CHECK(inside != NULL && inside != outside && sm_allocate(10) != NULL);
        CHECK(block == NULL || RpcSmFree(block) == RPC_S_INVALID_ARG);
        left_by_manager(what);
        if (what == 5 && outside != NULL) /* back to the environment below, and in it at the end */
            CHECK(RpcSmSetThreadHandle(outside) == RPC_S_OK);
        NdrRpcSsDisableAllocate(&message);
        CHECK(RpcSmGetThreadHandle(NULL) == outside);
        CHECK(RpcSmSetThreadHandle(inside) == RPC_S_INVALID_ARG);
        CHECK(RpcSmGetThreadHandle(NULL) == outside);
        CHECK((sm_allocate(10) == NULL) == (outside == NULL));
        if (block != NULL)
            CHECK(pattern_holds(block, 70, 8) && RpcSmFree(block) == RPC_S_OK);
    }
    check_end("the slot is again what it was: %s", below);
}

static void *on_borrowed(void *handle) {
    CHECK(RpcSmSetThreadHandle(handle) == RPC_S_OK);
    with_below("an environment of another thread");
    CHECK(RpcSmDisableAllocate() == RPC_S_OK && RpcSmGetThreadHandle(NULL) == NULL);
    return NULL;
}

static void *detach_in_manager(void *handle) {
    CHECK(RpcSmSetThreadHandle(handle) == RPC_S_OK);
    MIDL_STUB_MESSAGE message = {0};
    NdrRpcSsEnableAllocate(&message);
    /* The same environment that is below: attached a second time, then left. */
    CHECK(RpcSmSetThreadHandle(handle) == RPC_S_OK);
    void *block = sm_allocate(80);
    CHECK(RpcSmDisableAllocate() == RPC_S_OK && RpcSmGetThreadHandle(NULL) == NULL);
    NdrRpcSsDisableAllocate(&message);
    CHECK(RpcSmGetThreadHandle(NULL) == handle && RpcSmFree(block) == RPC_S_OK);
    return NULL;
}

static void same_message_twice(void) {
    MIDL_STUB_MESSAGE message = {0};
    message.pfnAllocate = other_allocate;
    NdrRpcSsEnableAllocate(&message);
    RPC_SS_THREAD_HANDLE outer = RpcSmGetThreadHandle(NULL);
    NdrRpcSsEnableAllocate(&message);
    CHECK(RpcSmGetThreadHandle(NULL) != outer);
    NdrRpcSsDisableAllocate(&message);
    CHECK(RpcSmGetThreadHandle(NULL) == outer && message.pfnAllocate == RpcSsAllocate);
    NdrRpcSsDisableAllocate(&message);
    CHECK(RpcSmGetThreadHandle(NULL) == NULL && message.pfnAllocate == other_allocate);
    check_end("a message that is used twice");
}

void test_stub_hooks(void) {
    message_fields();
    unknown_message();
    message_of_other_thread();
    nested_calls();
    with_below("nothing");
    CHECK(RpcSmEnableAllocate() == RPC_S_OK);
    with_below("an environment of the thread");
    RPC_SS_THREAD_HANDLE handle = RpcSmGetThreadHandle(NULL);
    /* The helper thread reports while this one waits for it. */
    thread_join(thread_start(on_borrowed, handle));
    thread_join(thread_start(detach_in_manager, handle));
    CHECK(RpcSmDisableAllocate() == RPC_S_OK);
    check_end("a manager enters and leaves the environment below the stub");
    same_message_twice();
}
