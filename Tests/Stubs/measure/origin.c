/* Where the pair comes from, asked of the dynamic linker and of the library; see origin.h. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include <rpc.h>
#include <rpcndr.h>

#include "midl_memory.h"
#include "origin.h"
#include "rpcss.h"

void *__RPC_USER __real_MIDL_user_allocate(size_t byteCount);
void __RPC_USER __real_MIDL_user_free(void *block);

static void file_of(const void *address, char *file, size_t capacity) {
    Dl_info info;

    if (dladdr(address, &info) && info.dli_fname)
        snprintf(file, capacity, "%s", info.dli_fname);
    else
        snprintf(file, capacity, "(unknown)");
}

#define NAMED(function) {#function, (const void *)function}

static const struct {
    const char *name;
    const void *address;
} package[] = {
    NAMED(RpcSmAllocate),
    NAMED(RpcSmClientFree),
    NAMED(RpcSmDisableAllocate),
    NAMED(RpcSmEnableAllocate),
    NAMED(RpcSmFree),
    NAMED(RpcSmGetThreadHandle),
    NAMED(RpcSmSetClientAllocFree),
    NAMED(RpcSmSetThreadHandle),
    NAMED(RpcSmSwapClientAllocFree),
    NAMED(RpcSsAllocate),
    NAMED(RpcSsDisableAllocate),
    NAMED(RpcSsEnableAllocate),
    NAMED(RpcSsFree),
    NAMED(RpcSsGetThreadHandle),
    NAMED(RpcSsSetClientAllocFree),
    NAMED(RpcSsSetThreadHandle),
    NAMED(RpcSsSwapClientAllocFree),
    NAMED(NdrRpcSmClientAllocate),
    NAMED(NdrRpcSmClientFree),
    NAMED(NdrRpcSmSetClientToOsf),
    NAMED(NdrRpcSsDefaultAllocate),
    NAMED(NdrRpcSsDefaultFree),
    NAMED(NdrRpcSsDisableAllocate),
    NAMED(NdrRpcSsEnableAllocate),
};

static void find_elsewhere(struct origin *origin) {
    char file[sizeof(origin->allocate_from)];

    for (size_t i = 0; i < sizeof(package) / sizeof(package[0]); i++) {
        file_of(package[i].address, file, sizeof(file));
        if (strcmp(file, origin->allocate_from) != 0)
            snprintf(origin->elsewhere, sizeof(origin->elsewhere), "%s", package[i].name);
    }
}

struct origin origin_of_pair(void) {
    static const size_t byteCounts[] = {0, 1, 40, 100000};
    struct origin origin = {.sizes_hold = 1};
    size_t i;

    file_of((const void *)__real_MIDL_user_allocate, origin.allocate_from,
            sizeof(origin.allocate_from));
    file_of((const void *)__real_MIDL_user_free, origin.free_from, sizeof(origin.free_from));
    find_elsewhere(&origin);
    for (i = 0; i < sizeof(byteCounts) / sizeof(byteCounts[0]); i++) {
        void *block = __real_MIDL_user_allocate(byteCounts[i]);

        if (!block || midl_memory_size(block) < byteCounts[i])
            origin.sizes_hold = 0;
        __real_MIDL_user_free(block);
    }
    return origin;
}
