/*
 * rpcss.h - the RpcSs package: memory that a server manager or a client
 * allocates for a call and that is released all at once.
 *
 * Each function stands in two forms. RpcSm functions report failure by their
 * status, RpcSs functions raise it as an RPC exception, under Winelib one of the
 * RPC runtime; rpcexcept.h has the statements that catch them. The forms share
 * everything else: what one allocates the other may free.
 *
 * Memory comes from the environment of the calling thread. A thread gets one by
 * RpcSmEnableAllocate, from the server stub (NdrRpcSsEnableAllocate), or by
 * putting the handle of another thread's environment into its slot
 * (RpcSmSetThreadHandle).
 *
 * What the documentation leaves open is decided thus:
 *   - Enable nests by count. Only the outermost Disable releases, and it
 *     releases everything the environment holds.
 *   - A freed block is used again within its environment at once.
 *   - A handle whose environment is gone is told from every other, for ever.
 *   - A pointer that is not a live block of the caller's environment is refused
 *     with RPC_S_INVALID_ARG, and nothing is changed.
 *   - Threads that share an environment allocate and free at the same time. When
 *     its owner disables it, its blocks go, and the other threads get
 *     RPC_S_OUT_OF_MEMORY from then on.
 *   - A thread that ends detaches; an owner that ends releases.
 *
 * Every function may be called on any thread, not from a signal handler. On a
 * thread that is ending, in handlers that run after the library's own, there is
 * no environment and none can be made. Blocks are aligned to 16 bytes and not
 * zeroed; 0 bytes give a block of its own.
 *
 * The header may stand alone, or before or after Wine's and mingw-w64's rpc.h and
 * rpcndr.h; where those are used it declares only what they lack.
 */
#ifndef MIDL_RPCSS_H
#define MIDL_RPCSS_H

#include "midl_user.h"

#if defined(_WIN32) || defined(__WINE__) || defined(__WINE_RPC_H)
#define MIDL_RPC_HEADERS 1
#include <rpc.h>
#include <rpcndr.h>
#else
#include "midl_rpctypes.h"
#endif

#if !defined(MIDL_RPC_HEADERS) || !defined(__RPCNDR_H_VERSION__) || defined(__WINE_RPC_H)
#define MIDL_RPCSS_DECLARES 1
#endif

#ifdef MIDL_RPCSS_DECLARES

#ifdef __cplusplus
extern "C" {
#endif

/* Names an environment to other threads. No address: it is only compared and handed back. */
typedef void *RPC_SS_THREAD_HANDLE;

/* The types of the functions of a client pair. */
typedef void *__RPC_API RPC_CLIENT_ALLOC(size_t Size);
typedef void __RPC_API RPC_CLIENT_FREE(void *Ptr);

/* ---- Allocating in an environment ---------------------------------------- */

/*
 * RpcSmAllocate, RpcSsAllocate - allocate a block in the thread's environment.
 *
 * Size     Bytes wanted.
 * pStatus  Receives RPC_S_OK or RPC_S_OUT_OF_MEMORY; may be NULL.
 * Returns  The block, which lives until it is freed or the environment ends.
 *          NULL with RPC_S_OUT_OF_MEMORY when there is no memory, no environment,
 *          or none any more, or Size is above PTRDIFF_MAX; RpcSsAllocate raises
 *          that instead.
 *
 * Pages: "RpcSmAllocate function", "RpcSsAllocate function" (rpcndr.h).
 */
void *RPC_ENTRY RpcSmAllocate(size_t Size, RPC_STATUS *pStatus);
void *RPC_ENTRY RpcSsAllocate(size_t Size);

/*
 * RpcSmFree, RpcSsFree - free a block before its environment ends.
 *
 * NodeToFree  A live block of the thread's environment, from this or another
 *             thread, the manager or the stub. NULL does nothing.
 * Returns     RPC_S_OK. RPC_S_INVALID_ARG for any other pointer, and then
 *             nothing has changed; RPC_S_OUT_OF_MEMORY when another thread's
 *             environment in the slot is gone. RpcSsFree raises these.
 *
 * Pages: "RpcSmFree function", "RpcSsFree function" (rpcndr.h).
 */
RPC_STATUS RPC_ENTRY RpcSmFree(void *NodeToFree);
void RPC_ENTRY RpcSsFree(void *NodeToFree);

/* ---- Environments -------------------------------------------------------- */

/*
 * RpcSmEnableAllocate, RpcSsEnableAllocate - establish an environment.
 *
 * A thread that is in an environment of its own enters it once more. One that
 * borrowed another thread's gets its own on top of that.
 *
 * Returns  RPC_S_OK, or RPC_S_OUT_OF_MEMORY; RpcSsEnableAllocate raises that.
 *
 * Pages: "RpcSmEnableAllocate function", "RpcSsEnableAllocate function" (rpcndr.h).
 */
RPC_STATUS RPC_ENTRY RpcSmEnableAllocate(void);
void RPC_ENTRY RpcSsEnableAllocate(void);

/*
 * RpcSmDisableAllocate, RpcSsDisableAllocate - leave an environment.
 *
 * The owner's outermost call releases all blocks, freed or not, and brings back
 * what was in the slot before. In a borrowed environment the call only leaves it.
 * An environment that a stub made is released by the stub, never here. Without an
 * environment nothing happens.
 *
 * Returns  RPC_S_OK.
 *
 * Pages: "RpcSmDisableAllocate function", "RpcSsDisableAllocate function" (rpcndr.h).
 */
RPC_STATUS RPC_ENTRY RpcSmDisableAllocate(void);
void RPC_ENTRY RpcSsDisableAllocate(void);

/*
 * RpcSmGetThreadHandle, RpcSsGetThreadHandle - the handle of the thread's environment.
 *
 * pStatus  Receives RPC_S_OK; may be NULL.
 * Returns  The handle, or NULL when there is no environment. It stays valid until
 *          the environment's owner disables it or ends.
 *
 * Pages: "RpcSmGetThreadHandle function", "RpcSsGetThreadHandle function" (rpcndr.h).
 */
RPC_SS_THREAD_HANDLE RPC_ENTRY RpcSmGetThreadHandle(RPC_STATUS *pStatus);
RPC_SS_THREAD_HANDLE RPC_ENTRY RpcSsGetThreadHandle(void);

/*
 * RpcSmSetThreadHandle, RpcSsSetThreadHandle - use the environment of a handle.
 *
 * Id       A handle, from this thread or another; NULL leaves the thread without an
 *          environment. The environment that was in the slot goes on.
 * Returns  RPC_S_OK. RPC_S_INVALID_ARG for a handle whose environment is gone, and
 *          then nothing has changed. RPC_S_OUT_OF_MEMORY. RpcSsSetThreadHandle
 *          raises these.
 *
 * Pages: "RpcSmSetThreadHandle function", "RpcSsSetThreadHandle function" (rpcndr.h).
 */
RPC_STATUS RPC_ENTRY RpcSmSetThreadHandle(RPC_SS_THREAD_HANDLE Id);
void RPC_ENTRY RpcSsSetThreadHandle(RPC_SS_THREAD_HANDLE Id);

/* ---- The pair of client stubs -------------------------------------------- */

/*
 * RpcSmSetClientAllocFree, RpcSsSetClientAllocFree - set the pair that sensitive
 * client stubs on this thread allocate and free with.
 *
 * ClientAlloc, ClientFree  Functions that belong together. Both NULL bring back the
 *          default pair: the thread's environment where it has one, else malloc and
 *          free (NdrRpcSsDefaultAllocate, NdrRpcSsDefaultFree).
 * Returns  RPC_S_OK, RPC_S_OUT_OF_MEMORY, or RPC_S_INVALID_ARG when only one is NULL;
 *          RpcSsSetClientAllocFree raises these.
 *
 * Pages: "RpcSmSetClientAllocFree function", "RpcSsSetClientAllocFree function" (rpcndr.h).
 */
RPC_STATUS RPC_ENTRY RpcSmSetClientAllocFree(RPC_CLIENT_ALLOC *ClientAlloc,
                                             RPC_CLIENT_FREE *ClientFree);
void RPC_ENTRY RpcSsSetClientAllocFree(RPC_CLIENT_ALLOC *ClientAlloc, RPC_CLIENT_FREE *ClientFree);

/*
 * RpcSmSwapClientAllocFree, RpcSsSwapClientAllocFree - set the pair and get the old one.
 *
 * OldClientAlloc, OldClientFree  Receive the pair that was in force; swapped or set
 *          back, it is in force again, the default pair included.
 * Returns  As RpcSmSetClientAllocFree; RPC_S_INVALID_ARG when any argument is NULL.
 *
 * Pages: "RpcSmSwapClientAllocFree function", "RpcSsSwapClientAllocFree function" (rpcndr.h).
 */
RPC_STATUS RPC_ENTRY RpcSmSwapClientAllocFree(RPC_CLIENT_ALLOC *ClientAlloc,
                                              RPC_CLIENT_FREE *ClientFree,
                                              RPC_CLIENT_ALLOC **OldClientAlloc,
                                              RPC_CLIENT_FREE **OldClientFree);
void RPC_ENTRY RpcSsSwapClientAllocFree(RPC_CLIENT_ALLOC *ClientAlloc, RPC_CLIENT_FREE *ClientFree,
                                        RPC_CLIENT_ALLOC **OldClientAlloc,
                                        RPC_CLIENT_FREE **OldClientFree);

/*
 * RpcSmClientFree - free what a client stub returned, with the pair in force.
 *
 * pNodeToFree  A block that a client stub on this thread allocated with the same pair.
 * Returns      RPC_S_OK; with the default pair what RpcSmFree says of a block of an
 *              environment.
 *
 * Page: "RpcSmClientFree function" (rpcndr.h).
 */
RPC_STATUS RPC_ENTRY RpcSmClientFree(void *pNodeToFree);

/* ---- What generated stubs call ------------------------------------------- */

/*
 * Wine's rpcndr.h declares these too, in Winelib with hidden visibility, which no shared library
 * can satisfy. Under other names in C, and the same for the linker, they are declared anew.
 */
#if defined(__WINE_RPC_H) && defined(__ELF__)
#define MIDL_LINKED_AS(name) __asm__(name)
#define NdrRpcSsEnableAllocate midl_NdrRpcSsEnableAllocate
#define NdrRpcSsDisableAllocate midl_NdrRpcSsDisableAllocate
#define NdrRpcSmSetClientToOsf midl_NdrRpcSmSetClientToOsf
#define NdrRpcSmClientAllocate midl_NdrRpcSmClientAllocate
#define NdrRpcSmClientFree midl_NdrRpcSmClientFree
#define NdrRpcSsDefaultAllocate midl_NdrRpcSsDefaultAllocate
#define NdrRpcSsDefaultFree midl_NdrRpcSsDefaultFree
#else
#define MIDL_LINKED_AS(name)
#endif

/*
 * NdrRpcSsEnableAllocate - a server stub enters a call.
 *
 * An environment for the call takes the slot, and the message's pair becomes RpcSsAllocate and
 * RpcSsFree.
 *
 * pMessage  The stub's message.
 * Errors    Raises RPC_S_OUT_OF_MEMORY, and then nothing has changed.
 */
void RPC_ENTRY NdrRpcSsEnableAllocate(PMIDL_STUB_MESSAGE pMessage)
    MIDL_LINKED_AS("NdrRpcSsEnableAllocate");

/*
 * NdrRpcSsDisableAllocate - a server stub returns.
 *
 * The call's environment is released with everything in it, and the slot and the message's pair are
 * again what they were, also when the manager left by an exception or calls nested on the thread.
 *
 * pMessage  The message that NdrRpcSsEnableAllocate had. One that has no environment on the thread
 *           is left alone.
 */
void RPC_ENTRY NdrRpcSsDisableAllocate(PMIDL_STUB_MESSAGE pMessage)
    MIDL_LINKED_AS("NdrRpcSsDisableAllocate");

/*
 * NdrRpcSmSetClientToOsf - a sensitive client stub enters a call.
 *
 * pMessage  The stub's message, whose pair becomes NdrRpcSmClientAllocate and NdrRpcSmClientFree.
 */
void RPC_ENTRY NdrRpcSmSetClientToOsf(PMIDL_STUB_MESSAGE pMessage)
    MIDL_LINKED_AS("NdrRpcSmSetClientToOsf");

/*
 * NdrRpcSmClientAllocate, NdrRpcSmClientFree - allocate and free with the thread's client pair.
 *
 * Size        Bytes wanted.
 * NodeToFree  A block of the same pair.
 * Returns     What the pair's function returns.
 */
void *RPC_ENTRY NdrRpcSmClientAllocate(size_t Size) MIDL_LINKED_AS("NdrRpcSmClientAllocate");
void RPC_ENTRY NdrRpcSmClientFree(void *NodeToFree) MIDL_LINKED_AS("NdrRpcSmClientFree");

/*
 * NdrRpcSsDefaultAllocate, NdrRpcSsDefaultFree - the default client pair.
 *
 * Size        Bytes wanted. A thread with an environment allocates there, as RpcSsAllocate; one
 *             without uses malloc.
 * NodeToFree  A block of NdrRpcSsDefaultAllocate, which is told from the block itself: it goes back
 *             where it came from.
 * Returns     The block; without an environment NULL when there is no memory.
 * Errors      Of an environment they are raised, as by RpcSsAllocate and RpcSsFree.
 */
void *RPC_ENTRY NdrRpcSsDefaultAllocate(size_t Size) MIDL_LINKED_AS("NdrRpcSsDefaultAllocate");
void RPC_ENTRY NdrRpcSsDefaultFree(void *NodeToFree) MIDL_LINKED_AS("NdrRpcSsDefaultFree");

#ifdef __cplusplus
}
#endif

#endif /* MIDL_RPCSS_DECLARES */

#endif /* MIDL_RPCSS_H */
