/*
 * The RpcSs package as C programs link it. Swift decides and returns a status;
 * an RpcSs function raises it here, when no Swift frame is left on the stack.
 */
#include "rpcss.h"
#include "midl_core.h"
#include "midl_environment.h"
#include "midl_heap.h"
#include "midl_raise.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#define EXPORTED __attribute__((visibility("default")))
/* Begins on a line of the instruction cache: two lines instead of three, a tenth of the time. */
#define FAST EXPORTED __attribute__((aligned(64)))

static inline void raise_failure(RPC_STATUS status, const char *function) {
    if (__builtin_expect(status != RPC_S_OK, 0))
        midl_raise(status, function);
}

/* ---- Allocating in an environment ---- */

/* Out of line, so that the fast path needs no stack. */
__attribute__((noinline)) static void *sm_allocate_slowly(size_t Size, RPC_STATUS *pStatus) {
    void *block = midl_environment_allocate_slowly(Size, midl_current_front());
    if (pStatus != NULL)
        *pStatus = block == NULL ? RPC_S_OUT_OF_MEMORY : RPC_S_OK;
    return block;
}

__attribute__((noinline)) static void *ss_allocate_slowly(size_t Size) {
    void *block = midl_environment_allocate_slowly(Size, midl_current_front());
    if (block == NULL)
        midl_raise(RPC_S_OUT_OF_MEMORY, "RpcSsAllocate");
    return block;
}

FAST void *RPC_ENTRY RpcSmAllocate(size_t Size, RPC_STATUS *pStatus) {
    void *block;
    if (__builtin_expect(!midl_environment_bump(Size, midl_current_front(), &block), 0))
        return sm_allocate_slowly(Size, pStatus);
    if (pStatus != NULL)
        *pStatus = RPC_S_OK;
    return block;
}

FAST void *RPC_ENTRY RpcSsAllocate(size_t Size) {
    void *block;
    if (__builtin_expect(!midl_environment_bump(Size, midl_current_front(), &block), 0))
        return ss_allocate_slowly(Size);
    return block;
}

EXPORTED RPC_STATUS RPC_ENTRY RpcSmFree(void *NodeToFree) {
    return midl_environment_free(midl_current_front(), NodeToFree);
}

EXPORTED void RPC_ENTRY RpcSsFree(void *NodeToFree) {
    raise_failure(RpcSmFree(NodeToFree), "RpcSsFree");
}

/* ---- Environments ---- */

EXPORTED RPC_STATUS RPC_ENTRY RpcSmEnableAllocate(void) {
    return midl_environment_enable(midl_current_front());
}

EXPORTED void RPC_ENTRY RpcSsEnableAllocate(void) {
    raise_failure(RpcSmEnableAllocate(), "RpcSsEnableAllocate");
}

EXPORTED RPC_STATUS RPC_ENTRY RpcSmDisableAllocate(void) {
    midl_environment_disable(midl_current_front());
    return RPC_S_OK;
}

EXPORTED void RPC_ENTRY RpcSsDisableAllocate(void) {
    midl_environment_disable(midl_current_front());
}

EXPORTED RPC_SS_THREAD_HANDLE RPC_ENTRY RpcSmGetThreadHandle(RPC_STATUS *pStatus) {
    if (pStatus != NULL)
        *pStatus = RPC_S_OK;
    return (RPC_SS_THREAD_HANDLE)midl_environment_handle(midl_current_front());
}

EXPORTED RPC_SS_THREAD_HANDLE RPC_ENTRY RpcSsGetThreadHandle(void) {
    return RpcSmGetThreadHandle(NULL);
}

EXPORTED RPC_STATUS RPC_ENTRY RpcSmSetThreadHandle(RPC_SS_THREAD_HANDLE Id) {
    return midl_environment_set_handle(midl_current_front(), (uintptr_t)Id);
}

EXPORTED void RPC_ENTRY RpcSsSetThreadHandle(RPC_SS_THREAD_HANDLE Id) {
    raise_failure(RpcSmSetThreadHandle(Id), "RpcSsSetThreadHandle");
}

/* ---- The pair of client stubs ----
 *
 * The default pair is the functions NdrRpcSsDefault..., to a program as well as to itself: swapped
 * out and set back it is the default again, not what the default was at that moment. */

static RPC_STATUS set_pair(RPC_CLIENT_ALLOC *allocate, RPC_CLIENT_FREE *release) {
    struct midl_pair pair = {(uintptr_t)allocate, (uintptr_t)release};
    if (allocate == NdrRpcSsDefaultAllocate && release == NdrRpcSsDefaultFree)
        pair = (struct midl_pair){0, 0};
    return midl_set_client_pair(midl_current_front(), pair);
}

EXPORTED RPC_STATUS RPC_ENTRY RpcSmSetClientAllocFree(RPC_CLIENT_ALLOC *ClientAlloc,
                                                      RPC_CLIENT_FREE *ClientFree) {
    if ((ClientAlloc == NULL) != (ClientFree == NULL))
        return RPC_S_INVALID_ARG;
    return set_pair(ClientAlloc, ClientFree);
}

EXPORTED void RPC_ENTRY RpcSsSetClientAllocFree(RPC_CLIENT_ALLOC *ClientAlloc,
                                                RPC_CLIENT_FREE *ClientFree) {
    raise_failure(RpcSmSetClientAllocFree(ClientAlloc, ClientFree), "RpcSsSetClientAllocFree");
}

__attribute__((noinline)) static RPC_STATUS swap_pair(RPC_CLIENT_ALLOC *ClientAlloc,
                                                      RPC_CLIENT_FREE *ClientFree,
                                                      RPC_CLIENT_ALLOC **OldClientAlloc,
                                                      RPC_CLIENT_FREE **OldClientFree) {
    if (ClientAlloc == NULL || ClientFree == NULL || OldClientAlloc == NULL ||
        OldClientFree == NULL)
        return RPC_S_INVALID_ARG;
    struct midl_pair old = midl_client_pair(midl_current_front());
    RPC_STATUS status = set_pair(ClientAlloc, ClientFree);
    if (status == RPC_S_OK) {
        int is_default = old.allocate == 0;
        *OldClientAlloc = is_default ? NdrRpcSsDefaultAllocate : (RPC_CLIENT_ALLOC *)old.allocate;
        *OldClientFree = is_default ? NdrRpcSsDefaultFree : (RPC_CLIENT_FREE *)old.free;
    }
    return status;
}

EXPORTED RPC_STATUS RPC_ENTRY RpcSmSwapClientAllocFree(RPC_CLIENT_ALLOC *ClientAlloc,
                                                       RPC_CLIENT_FREE *ClientFree,
                                                       RPC_CLIENT_ALLOC **OldClientAlloc,
                                                       RPC_CLIENT_FREE **OldClientFree) {
    return swap_pair(ClientAlloc, ClientFree, OldClientAlloc, OldClientFree);
}

EXPORTED void RPC_ENTRY RpcSsSwapClientAllocFree(RPC_CLIENT_ALLOC *ClientAlloc,
                                                 RPC_CLIENT_FREE *ClientFree,
                                                 RPC_CLIENT_ALLOC **OldClientAlloc,
                                                 RPC_CLIENT_FREE **OldClientFree) {
    raise_failure(swap_pair(ClientAlloc, ClientFree, OldClientAlloc, OldClientFree),
                  "RpcSsSwapClientAllocFree");
}

/* What the library made is for RpcSmFree to judge; all else is malloc's. */
__attribute__((noinline)) static RPC_STATUS default_free(void *node) {
    const struct midl_environment_blocks *blocks = midl_environment_blocks();
    if (midl_heap_contains(node) || (blocks != NULL && blocks->contains(node)))
        return RpcSmFree(node);
    free(node);
    return RPC_S_OK;
}

EXPORTED RPC_STATUS RPC_ENTRY RpcSmClientFree(void *pNodeToFree) {
    struct midl_pair pair = midl_client_pair(midl_current_front());
    if (pair.free == 0)
        return default_free(pNodeToFree);
    ((RPC_CLIENT_FREE *)pair.free)(pNodeToFree);
    return RPC_S_OK;
}

/* ---- What generated stubs call ---- */

EXPORTED void RPC_ENTRY NdrRpcSsEnableAllocate(PMIDL_STUB_MESSAGE pMessage) {
    struct midl_pair pair = {(uintptr_t)pMessage->pfnAllocate, (uintptr_t)pMessage->pfnFree};
    raise_failure(midl_stub_enter(midl_current_front(), (uintptr_t)pMessage, pair),
                  "NdrRpcSsEnableAllocate");
    pMessage->pfnAllocate = RpcSsAllocate;
    pMessage->pfnFree = RpcSsFree;
}

EXPORTED void RPC_ENTRY NdrRpcSsDisableAllocate(PMIDL_STUB_MESSAGE pMessage) {
    struct midl_pair pair;
    if (!midl_stub_leave(midl_current_front(), (uintptr_t)pMessage, &pair))
        return;
    pMessage->pfnAllocate = (RPC_CLIENT_ALLOC *)pair.allocate;
    pMessage->pfnFree = (RPC_CLIENT_FREE *)pair.free;
}

EXPORTED void RPC_ENTRY NdrRpcSmSetClientToOsf(PMIDL_STUB_MESSAGE pMessage) {
    pMessage->pfnAllocate = NdrRpcSmClientAllocate;
    pMessage->pfnFree = NdrRpcSmClientFree;
}

EXPORTED void *RPC_ENTRY NdrRpcSmClientAllocate(size_t Size) {
    struct midl_pair pair = midl_client_pair(midl_current_front());
    return pair.allocate == 0 ? NdrRpcSsDefaultAllocate(Size)
                              : ((RPC_CLIENT_ALLOC *)pair.allocate)(Size);
}

EXPORTED void RPC_ENTRY NdrRpcSmClientFree(void *NodeToFree) {
    struct midl_pair pair = midl_client_pair(midl_current_front());
    if (pair.free == 0)
        NdrRpcSsDefaultFree(NodeToFree);
    else
        ((RPC_CLIENT_FREE *)pair.free)(NodeToFree);
}

EXPORTED void *RPC_ENTRY NdrRpcSsDefaultAllocate(size_t Size) {
    if (midl_current_front()->arena != 0)
        return RpcSsAllocate(Size);
    /* What malloc refuses as well; the tools that watch it speak of such a call. */
    if (Size > PTRDIFF_MAX) {
        errno = ENOMEM;
        return NULL;
    }
    return malloc(Size == 0 ? 1 : Size);
}

EXPORTED void RPC_ENTRY NdrRpcSsDefaultFree(void *NodeToFree) {
    raise_failure(default_free(NodeToFree), "NdrRpcSsDefaultFree");
}
