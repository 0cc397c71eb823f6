/*
 * test_exceptions.c - what RpcSs functions raise, on its way through the statements of
 * rpcexcept.h.
 */
#include "package.h"

#include <stdint.h>

static void raises(RPC_STATUS status) {
    if (status == RPC_S_OUT_OF_MEMORY)
        RpcSsAllocate(SIZE_MAX);
    else
        RpcSsFree(&status);
}

static void filters(void) {
    static const RPC_STATUS statuses[] = {RPC_S_OUT_OF_MEMORY, RPC_S_INVALID_ARG};
    for (int index = 0; index < 2; index++) {
        volatile int inner = 0, outer = 0;
        RpcTryExcept{RpcTryExcept{raises(statuses[index]);
    }
    RpcExcept(RpcExceptionCode() == RPC_S_OUT_OF_MEMORY) { inner = RpcExceptionCode(); }
    RpcEndExcept
}
RpcExcept(EXCEPTION_EXECUTE_HANDLER) { outer = RpcExceptionCode(); }
RpcEndExcept CHECK(inner == (index == 0 ? RPC_S_OUT_OF_MEMORY : 0));
CHECK(outer == (index == 0 ? 0 : RPC_S_INVALID_ARG));
CHECK(RpcExceptionCode() == RPC_S_OK);
}
check_end("a filter chooses");
}

static void finally_blocks(void) {
    volatile int order = 0, abnormal = 0;
    RpcTryExcept{RpcTryFinally{RpcTryFinally{raises(RPC_S_OUT_OF_MEMORY);
}
RpcFinally {
    order = order * 10 + 1;
    abnormal += RpcAbnormalTermination() != 0;
    /* The package is usable on the way out. */
    CHECK(RpcSmFree(sm_allocate(10)) == RPC_S_OK);
}
RpcEndFinally order = order * 10 + 9;
}
RpcFinally {
    order = order * 10 + 2;
    abnormal += RpcAbnormalTermination() != 0;
}
RpcEndFinally
}
RpcExcept(EXCEPTION_EXECUTE_HANDLER) { order = order * 10 + 3; }
RpcEndExcept CHECK(order == 123 && abnormal == 2);
RpcTryFinally { RpcSsFree(RpcSsAllocate(10)); }
RpcFinally { CHECK(RpcAbnormalTermination() == 0); }
RpcEndFinally check_end("finally blocks run on the way out, innermost first");
}

static void raised_again(void) {
    volatile RPC_STATUS outer = RPC_S_OK;
    RpcTryExcept{RpcTryExcept{raises(RPC_S_OUT_OF_MEMORY);
}
RpcExcept(EXCEPTION_EXECUTE_HANDLER) { raises(RPC_S_INVALID_ARG); }
RpcEndExcept
}
RpcExcept(EXCEPTION_EXECUTE_HANDLER) { outer = RpcExceptionCode(); }
RpcEndExcept CHECK(outer == RPC_S_INVALID_ARG);
check_end("what a handler raises goes to the next statement");
}

/* Failures leave the environment as it was, a million times. */
static void many(void) {
    char *block = sm_allocate(100);
    pattern_fill(block, 100, 1);
    for (int count = 0; count < TIMES(1000000); count++) {
        volatile RPC_STATUS raised = RPC_S_OK;
        RpcTryExcept { raises(count % 2 ? RPC_S_OUT_OF_MEMORY : RPC_S_INVALID_ARG); }
        RpcExcept(EXCEPTION_EXECUTE_HANDLER) { raised = RpcExceptionCode(); }
        RpcEndExcept CHECK(raised == (count % 2 ? RPC_S_OUT_OF_MEMORY : RPC_S_INVALID_ARG));
    }
    CHECK(pattern_holds(block, 100, 1) && RpcSmFree(block) == RPC_S_OK);
    check_end("%d failures", TIMES(1000000));
}

static void *on_thread(void *status) {
    for (int count = 0; count < 10000; count++) {
        volatile RPC_STATUS raised = RPC_S_OK;
        RpcTryExcept { RpcRaiseException((RPC_STATUS)(uintptr_t)status); }
        RpcExcept(EXCEPTION_EXECUTE_HANDLER) { raised = RpcExceptionCode(); }
        RpcEndExcept CHECK(raised == (RPC_STATUS)(uintptr_t)status);
    }
    return NULL;
}

static void per_thread(void) {
    pthread_t one = thread_start(on_thread, (void *)1), other = thread_start(on_thread, (void *)2);
    thread_join(one);
    thread_join(other);
    check_end("exceptions are of one thread");
}

void test_exceptions(void) {
    CHECK(RpcSmEnableAllocate() == RPC_S_OK);
    filters();
    finally_blocks();
    raised_again();
    many();
    per_thread();
    CHECK(RpcSmDisableAllocate() == RPC_S_OK);
    check_end("the environment ends");
}
