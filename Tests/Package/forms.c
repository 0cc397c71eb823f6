/*
 * forms.c - see forms.h.
 */
#include "forms.h"
#include "check.h"

/* Runs a statement and gives the status that it raised. */
#define RAISED(statement)                                                                          \
    volatile RPC_STATUS raised = RPC_S_OK;                                                         \
    RpcTryExcept { statement; }                                                                    \
    RpcExcept(EXCEPTION_EXECUTE_HANDLER) { raised = RpcExceptionCode(); }                          \
    RpcEndExcept

static void *ss_allocate(size_t byte_count, RPC_STATUS *status) {
    void *volatile block = NULL;
    RAISED(block = RpcSsAllocate(byte_count))
    if (status != NULL)
        *status = raised;
    CHECK((block == NULL) == (raised != RPC_S_OK));
    return block;
}

static RPC_STATUS ss_free(void *node) {
    RAISED(RpcSsFree(node))
    return raised;
}

static RPC_STATUS ss_enable(void) {
    RAISED(RpcSsEnableAllocate())
    return raised;
}

static RPC_STATUS ss_disable(void) {
    RAISED(RpcSsDisableAllocate())
    return raised;
}

static RPC_SS_THREAD_HANDLE ss_get(RPC_STATUS *status) {
    volatile RPC_SS_THREAD_HANDLE handle = NULL;
    RAISED(handle = RpcSsGetThreadHandle())
    if (status != NULL)
        *status = raised;
    return handle;
}

static RPC_STATUS ss_set(RPC_SS_THREAD_HANDLE handle) {
    RAISED(RpcSsSetThreadHandle(handle))
    return raised;
}

static RPC_STATUS ss_set_pair(RPC_CLIENT_ALLOC *allocate, RPC_CLIENT_FREE *release) {
    RAISED(RpcSsSetClientAllocFree(allocate, release))
    return raised;
}

static RPC_STATUS ss_swap_pair(RPC_CLIENT_ALLOC *allocate, RPC_CLIENT_FREE *release,
                               RPC_CLIENT_ALLOC **old_allocate, RPC_CLIENT_FREE **old_release) {
    RAISED(RpcSsSwapClientAllocFree(allocate, release, old_allocate, old_release))
    return raised;
}

const struct form forms[FORM_COUNT] = {
    {"RpcSm", RpcSmAllocate, RpcSmFree, RpcSmEnableAllocate, RpcSmDisableAllocate,
     RpcSmGetThreadHandle, RpcSmSetThreadHandle, RpcSmSetClientAllocFree, RpcSmSwapClientAllocFree},
    {"RpcSs", ss_allocate, ss_free, ss_enable, ss_disable, ss_get, ss_set, ss_set_pair,
     ss_swap_pair},
};

void *sm_allocate(size_t byte_count) {
    RPC_STATUS status = UNSET;
    void *block = RpcSmAllocate(byte_count, &status);
    CHECK(status == (block == NULL ? RPC_S_OUT_OF_MEMORY : RPC_S_OK));
    return block;
}
