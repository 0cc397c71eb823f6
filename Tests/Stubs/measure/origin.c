/* Where the pair comes from, asked of the dynamic linker and of the library; see origin.h. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include <rpc.h>
#include <rpcndr.h>

#include "midl_memory.h"
#include "origin.h"

void *__RPC_USER __real_MIDL_user_allocate(size_t byteCount);
void __RPC_USER __real_MIDL_user_free(void *block);

static void file_of(const void *address, char *file, size_t capacity) {
    Dl_info info;

    if (dladdr(address, &info) && info.dli_fname)
        snprintf(file, capacity, "%s", info.dli_fname);
    else
        snprintf(file, capacity, "(unknown)");
}

struct origin origin_of_pair(void) {
    static const size_t byteCounts[] = {0, 1, 40, 100000};
    struct origin origin = {.sizes_hold = 1};
    size_t i;

    file_of((const void *)__real_MIDL_user_allocate, origin.allocate_from,
            sizeof(origin.allocate_from));
    file_of((const void *)__real_MIDL_user_free, origin.free_from, sizeof(origin.free_from));
    for (i = 0; i < sizeof(byteCounts) / sizeof(byteCounts[0]); i++) {
        void *block = __real_MIDL_user_allocate(byteCounts[i]);

        if (!block || midl_memory_size(block) < byteCounts[i])
            origin.sizes_hold = 0;
        __real_MIDL_user_free(block);
    }
    return origin;
}
