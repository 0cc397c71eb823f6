/* The same for Winelib: the pair and an environment under Microsoft's calling convention, and an
 * exception by the RPC runtime. */
#include <rpc.h>
#include <rpcndr.h>

#include <midl_memory.h>
#include <rpcss.h>

#include <stdio.h>

int main(void) {
    RPC_STATUS status;
    int failures = midl_memory_version() != MIDL_MEMORY_VERSION;
    void *block = MIDL_user_allocate(100);
    failures += block == NULL || midl_memory_size(block) < 100;
    midl_user_free(block);
    failures += RpcSmEnableAllocate() != RPC_S_OK;
    failures += RpcSmAllocate(100, &status) == NULL || status != RPC_S_OK;
    failures += RpcSmDisableAllocate() != RPC_S_OK;
    printf("%d failures with libmidl_user %s\n", failures, midl_memory_version_string());
    return failures != 0;
}
