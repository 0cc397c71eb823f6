/* Each RpcSs function that raises, each status; the environment is afterwards what it was. */
#include "groups.h"
#include "rpcexcept.h"
#include "rpcss.h"
#include "support.h"
#include "tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct {
    void *pointer;
    size_t byte_count;
    RPC_CLIENT_ALLOC *allocate, **old_allocate;
    RPC_CLIENT_FREE *free, **old_free;
} with;

static void ss_allocate(void) { RpcSsAllocate(with.byte_count); }
static void ss_free(void) { RpcSsFree(with.pointer); }
static void default_allocate(void) { NdrRpcSsDefaultAllocate(with.byte_count); }
static void default_free(void) { NdrRpcSsDefaultFree(with.pointer); }
static void client_allocate(void) { NdrRpcSmClientAllocate(with.byte_count); }
static void client_free(void) { NdrRpcSmClientFree(with.pointer); }
static void set_handle(void) { RpcSsSetThreadHandle(with.pointer); }
static void set_pair(void) { RpcSsSetClientAllocFree(with.allocate, with.free); }
static void swap_pair(void) {
    RpcSsSwapClientAllocFree(with.allocate, with.free, with.old_allocate, with.old_free);
}

static RPC_STATUS raised(void (*call)(void)) {
    volatile RPC_STATUS code = 0;
    RpcTryExcept { call(); }
    RpcExcept(1) { code = RpcExceptionCode(); }
    RpcEndExcept return code;
}

/* A block whose contents must stay, and the handle of the thread's environment. */
static struct {
    void *block;
    RPC_SS_THREAD_HANDLE handle;
} kept;

/* Also allocates and frees: the environment is still good for both. */
static bool is_kept(void) {
    if (RpcSsGetThreadHandle() != kept.handle || RpcExceptionCode() != 0)
        return false;
    if (kept.handle == NULL)
        return true;
    void *block = RpcSsAllocate(100);
    memset(block, 1, 100);
    RpcSsFree(block);
    return pattern_holds(kept.block, 64, 1);
}

static void fails(void (*call)(void), RPC_STATUS status, const char *name) {
    RPC_STATUS found = raised(call);
    bool same = is_kept();
    if (!tap_ok(found == status && same, "%s raises %d and changes nothing", name, status))
        tap_note("raised %d; %s", found, same ? "unchanged" : "changed");
}

/* The default pair hands to the C library what is not an environment's, which may end the program.
 */
static void raise_invalid(void *argument) {
    if (raised(*(void (**)(void))argument) != 87 || !is_kept())
        _exit(3);
}

static void fails_in_child(void (*call)(void), const char *name) {
    struct child_result child;
    child_run(&child, raise_invalid, &call);
    if (!tap_ok(child_exited(&child, 0), "%s raises 87 and changes nothing", name))
        child_note(&child);
}

static void *__RPC_API other_allocate(size_t byte_count) { return malloc(byte_count); }
static void __RPC_API other_free(void *block) { free(block); }

static void bad_arguments(const char *where) {
    static int foreign;
    char name[96];
#define NAMED(text) (snprintf(name, sizeof name, "%s: %s", where, text), name)
    with.byte_count = SIZE_MAX / 2 + 1;
    fails(ss_allocate, 14, NAMED("RpcSsAllocate above PTRDIFF_MAX"));
    with.byte_count = SIZE_MAX;
    fails(ss_allocate, 14, NAMED("RpcSsAllocate of SIZE_MAX"));
    with.pointer = &foreign;
    fails(ss_free, 87, NAMED("RpcSsFree of static memory"));
    with.pointer = (void *)(uintptr_t)0x10;
    fails(ss_free, 87, NAMED("RpcSsFree of no address"));
    with.pointer = MIDL_user_allocate(32);
    fails(ss_free, 87, NAMED("RpcSsFree of the pair's block"));
    MIDL_user_free(with.pointer);
    with.pointer = &foreign;
    fails(set_handle, 87, NAMED("RpcSsSetThreadHandle of an address"));
    with.allocate = other_allocate, with.free = NULL;
    fails(set_pair, 87, NAMED("RpcSsSetClientAllocFree without a free"));
    with.allocate = NULL, with.free = other_free;
    fails(set_pair, 87, NAMED("RpcSsSetClientAllocFree without an allocate"));
    RPC_CLIENT_ALLOC *old_allocate = other_allocate;
    RPC_CLIENT_FREE *old_free = other_free;
    for (int missing = 0; missing < 4; missing++) {
        with.allocate = missing == 0 ? NULL : other_allocate;
        with.free = missing == 1 ? NULL : other_free;
        with.old_allocate = missing == 2 ? NULL : &old_allocate;
        with.old_free = missing == 3 ? NULL : &old_free;
        fails(swap_pair, 87, NAMED("RpcSsSwapClientAllocFree without an argument"));
    }
    RpcSsSwapClientAllocFree(NdrRpcSsDefaultAllocate, NdrRpcSsDefaultFree, &old_allocate,
                             &old_free);
    tap_ok(old_allocate == NdrRpcSsDefaultAllocate && old_free == NdrRpcSsDefaultFree,
           "%s: the client pair is still the default", where);
#undef NAMED
}

static void bad_blocks(void) {
    with.pointer = (char *)kept.block + 16;
    fails(ss_free, 87, "RpcSsFree of an address inside a block");
    with.pointer = RpcSsAllocate(48);
    RpcSsFree(with.pointer);
    fails(ss_free, 87, "RpcSsFree of a freed block");
    fails_in_child(default_free, "NdrRpcSsDefaultFree of a freed block");
    fails_in_child(client_free, "NdrRpcSmClientFree of a freed block");
    with.pointer = MIDL_user_allocate(32);
    fails_in_child(default_free, "NdrRpcSsDefaultFree of the pair's block");
    MIDL_user_free(with.pointer);
    with.byte_count = SIZE_MAX;
    fails(default_allocate, 14, "NdrRpcSsDefaultAllocate of SIZE_MAX");
    fails(client_allocate, 14, "NdrRpcSmClientAllocate of SIZE_MAX");
}

struct other {
    pthread_barrier_t barrier;
    RPC_SS_THREAD_HANDLE handle;
    void *block;
};

/* Makes an environment, disables it when asked, and waits again so that it is gone by then. */
static void *own_environment(void *argument) {
    struct other *other = argument;
    RpcSsEnableAllocate();
    other->handle = RpcSsGetThreadHandle();
    other->block = RpcSsAllocate(32);
    pthread_barrier_wait(&other->barrier);
    pthread_barrier_wait(&other->barrier);
    RpcSsDisableAllocate();
    pthread_barrier_wait(&other->barrier);
    return NULL;
}

static void another_threads(void) {
    struct other other;
    pthread_barrier_init(&other.barrier, NULL, 2);
    pthread_t thread = thread_start(own_environment, &other);
    pthread_barrier_wait(&other.barrier);
    with.pointer = other.block;
    fails(ss_free, 87, "RpcSsFree of a block of another environment");
    RPC_SS_THREAD_HANDLE own = kept.handle;
    RpcSsSetThreadHandle(other.handle);
    void *borrowed = RpcSsAllocate(16);
    pthread_barrier_wait(&other.barrier);
    pthread_barrier_wait(&other.barrier);
    thread_join(thread);
    with.byte_count = 16;
    tap_ok(raised(ss_allocate) == 14, "RpcSsAllocate in an environment that is gone raises 14");
    with.pointer = borrowed;
    tap_ok(raised(ss_free) == 14, "RpcSsFree in an environment that is gone raises 14");
    with.pointer = other.handle;
    tap_ok(raised(set_handle) == 87, "RpcSsSetThreadHandle of a handle that is gone raises 87");
    RpcSsSetThreadHandle(own);
    fails(set_handle, 87, "... and again with an environment");
    pthread_barrier_destroy(&other.barrier);
}

void test_package(void) {
    kept.handle = NULL;
    with.byte_count = 16;
    fails(ss_allocate, 14, "RpcSsAllocate without an environment");
    bad_arguments("without an environment");
    RpcSsEnableAllocate();
    kept.handle = RpcSsGetThreadHandle();
    kept.block = RpcSsAllocate(64);
    pattern_fill(kept.block, 64, 1);
    bad_arguments("with an environment");
    bad_blocks();
    another_threads();
    RpcSsFree(kept.block);
    RpcSsDisableAllocate();
    kept.handle = NULL;
    fails(ss_allocate, 14, "RpcSsAllocate after RpcSsDisableAllocate");
}
