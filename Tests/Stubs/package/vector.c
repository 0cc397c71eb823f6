/* One vector of the list; see vector.h. */
#include "vector.h"
#include "checks.h"
#include "rpcss.h"

#define VECTOR_FUNCTION(function, name, rules) [VECTOR_##function] = vector_##function,
static void (*const functions[VECTOR_COUNT])(void) = {VECTORS(VECTOR_FUNCTION)};

static void check_thread_is_plain(void) {
    RPC_CLIENT_ALLOC *allocate = NULL;
    RPC_CLIENT_FREE *release = NULL;
    RPC_STATUS status = -1;

    CHECK(RpcSmGetThreadHandle(&status) == NULL);
    CHECK_EQUAL(RPC_S_OK, status);
    CHECK_EQUAL(RPC_S_OK, RpcSmSwapClientAllocFree(NdrRpcSsDefaultAllocate, NdrRpcSsDefaultFree,
                                                   &allocate, &release));
    CHECK(allocate == NdrRpcSsDefaultAllocate);
    CHECK(release == NdrRpcSsDefaultFree);
}

void vector_check(enum vector vector) {
    check_thread_is_plain();
    functions[vector]();
    check_thread_is_plain();
}
