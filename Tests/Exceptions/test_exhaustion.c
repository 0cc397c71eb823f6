/*
 * The functions that raise for want of memory, with the address space and the data of a child
 * limited to little more than it has. Afterwards, without the limit, the package works.
 */
#include "groups.h"
#include "rpcexcept.h"
#include "rpcss.h"
#include "support.h"
#include "tap.h"

#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { MOST_CALLS = 2000000 };

static void limit_memory(int limited) {
    static struct rlimit address_space, data;
    if (address_space.rlim_cur == 0) {
        getrlimit(RLIMIT_AS, &address_space);
        getrlimit(RLIMIT_DATA, &data);
    }
    struct rlimit little_space = {mapped_bytes() + 2 * MEBI, address_space.rlim_max};
    struct rlimit little_data = {MEBI, data.rlim_max};
    setrlimit(RLIMIT_AS, limited ? &little_space : &address_space);
    setrlimit(RLIMIT_DATA, limited ? &little_data : &data);
}

/* The code that the call raises in the end; -1 when it never does. */
static RPC_STATUS until_it_raises(void (*call)(void)) {
    volatile RPC_STATUS code = -1;
    RpcTryExcept {
        for (int i = 0; i < MOST_CALLS; i++)
            call();
    }
    RpcExcept(1) { code = RpcExceptionCode(); }
    RpcEndExcept return code;
}

static void *held;

static void allocate(void) { held = RpcSsAllocate(3000); }
static void allocate_large(void) { held = RpcSsAllocate(300000); }

/* Each time another environment: the one before stays, with its handle forgotten. */
static void enable(void) {
    RpcSsEnableAllocate();
    RpcSsSetThreadHandle(NULL);
}

static MIDL_STUB_MESSAGE messages[1 << 16];
static size_t message_count;

static void stub_enter(void) {
    if (message_count < sizeof messages / sizeof messages[0])
        NdrRpcSsEnableAllocate(&messages[message_count++]);
}

static void exhaust_environment(void *argument) {
    void (*call)(void) = *(void (**)(void))argument;
    RpcSsEnableAllocate();
    RPC_SS_THREAD_HANDLE handle = RpcSsGetThreadHandle();
    void *block = RpcSsAllocate(64);
    pattern_fill(block, 64, 1);
    limit_memory(1);
    RPC_STATUS code = until_it_raises(call);
    limit_memory(0);
    if (code != 14 || RpcSsGetThreadHandle() != handle || !pattern_holds(block, 64, 1))
        _exit(3);
    memset(RpcSsAllocate(300000), 1, 300000);
    RpcSsFree(held);
    RpcSsFree(block);
    RpcSsDisableAllocate();
    if (RpcSsGetThreadHandle() != NULL)
        _exit(4);
}

static void exhaust_environments(void *argument) {
    void (*call)(void) = *(void (**)(void))argument;
    RpcSsSetThreadHandle(NULL);
    limit_memory(1);
    RPC_STATUS code = until_it_raises(call);
    limit_memory(0);
    if (code != 14)
        _exit(3);
    /* The message that failed is as it was: zeros, and not entered. */
    if (call == stub_enter) {
        if (messages[message_count - 1].pfnAllocate != NULL)
            _exit(4);
        while (--message_count > 0)
            NdrRpcSsDisableAllocate(&messages[message_count - 1]);
    }
    if (RpcSsGetThreadHandle() != NULL)
        _exit(5);
    RpcSsEnableAllocate();
    RpcSsFree(RpcSsAllocate(16));
    RpcSsDisableAllocate();
}

static void check(const char *name, void (*body)(void *), void (*call)(void)) {
    struct child_result child;
    child_run(&child, body, &call);
    if (!tap_ok(child_exited(&child, 0), "%s raises 14 when memory ends; the package works on",
                name))
        child_note(&child);
}

void test_exhaustion(void) {
    check("RpcSsAllocate", exhaust_environment, allocate);
    check("RpcSsAllocate of large blocks", exhaust_environment, allocate_large);
    check("RpcSsEnableAllocate", exhaust_environments, enable);
    check("NdrRpcSsEnableAllocate", exhaust_environments, stub_enter);
}
