/* What the RpcSs forms raise, caught by Wine's handlers as generated stubs use them. */
#include <stdint.h>

#include "checks.h"
#include "raised.h"
#include "rpcss.h"
#include "vector.h"

void vector_allocate_raises(void) { CHECK_EQUAL(RPC_S_OUT_OF_MEMORY, RAISED(RpcSsAllocate(1))); }

void vector_free_raises(void) {
    long foreign[4] = {0};

    CHECK_EQUAL(RPC_S_INVALID_ARG, RAISED(RpcSsFree(foreign)));
    CHECK_EQUAL(0, RAISED(RpcSsEnableAllocate()));
    CHECK_EQUAL(RPC_S_INVALID_ARG, RAISED(RpcSsFree(foreign)));
    CHECK_EQUAL(0, RAISED(RpcSsFree(NULL)));
    RpcSsDisableAllocate();
}

void vector_set_raises(void) {
    RPC_SS_THREAD_HANDLE stale, current;

    CHECK_EQUAL(RPC_S_OK, RpcSmEnableAllocate());
    stale = RpcSsGetThreadHandle();
    RpcSsDisableAllocate();
    CHECK_EQUAL(RPC_S_INVALID_ARG, RAISED(RpcSsSetThreadHandle(stale)));
    CHECK_EQUAL(RPC_S_OK, RpcSmEnableAllocate());
    current = RpcSsGetThreadHandle();
    CHECK_EQUAL(RPC_S_INVALID_ARG, RAISED(RpcSsSetThreadHandle(stale)));
    CHECK(RpcSsGetThreadHandle() == current); /* nothing has changed */
    RpcSsDisableAllocate();
}

static LONG finallies;
static void CALLBACK count_finally(BOOL normal) { finallies += !normal; }

/* A function of its own: inlined into a __TRY, Wine's __FINALLY loses its frame to gcc. */
static __attribute__((noinline)) void raise_past_finally(void) {
    __TRY { RpcSsAllocate(1); }
    __FINALLY(count_finally)
}

/* A finally block between the raise and its handler runs, and a handler may raise on. */
void vector_unwinding(void) {
    LONG before = finallies;
    volatile unsigned long inner = 0;
    unsigned long outer;

    outer = RAISED({
        __TRY { raise_past_finally();
}
__EXCEPT_ALL {
    inner = GetExceptionCode();
    RpcSsFree(&before);
}
__ENDTRY
});
CHECK_EQUAL(RPC_S_OUT_OF_MEMORY, inner);
CHECK_EQUAL(RPC_S_INVALID_ARG, outer);
CHECK_EQUAL(before + 1, finallies);
}
