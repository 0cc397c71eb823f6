/* A program that brings its own pair, though it is linked with the library: its stubs use this one,
 * and the RpcSs package goes on using the library's heap. */
#include <rpcss.h>

#include <stdio.h>
#include <stdlib.h>

static int allocated, freed;

void *MIDL_user_allocate(size_t byteCount) {
    allocated++;
    return malloc(byteCount > 0 ? byteCount : 1);
}

void MIDL_user_free(void *block) {
    if (block != NULL)
        freed++;
    free(block);
}

int main(void) {
    RPC_STATUS status;
    MIDL_user_free(MIDL_user_allocate(100)); /* as a stub does it */
    RpcSmEnableAllocate();
    for (int i = 0; i < 1000; i++)
        RpcSmAllocate(100, &status);
    RpcSmDisableAllocate();
    printf("the program's pair: %d allocated, %d freed\n", allocated, freed);
    printf("the package: status %d\n", status);
    return 0;
}
