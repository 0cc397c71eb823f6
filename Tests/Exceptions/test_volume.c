/* Many raises, and many statements in each other: nothing is left behind by either. */
#include "groups.h"
#include "rpcexcept.h"
#include "tap.h"

enum { RAISES = 100000, DEPTH = 1000 };

static int raised_and_caught(void) {
    volatile int caught = 0, finally_blocks = 0;
    for (volatile int i = 1; i <= RAISES; i++) {
        RpcTryExcept{RpcTryFinally{RpcRaiseException(i);
    }
    RpcFinally { finally_blocks += RpcAbnormalTermination(); }
    RpcEndFinally
}
RpcExcept(RpcExceptionCode() == i) { caught++; }
RpcEndExcept
}
return caught == RAISES && finally_blocks == RAISES;
}

static int blocks;

static void finally_all_the_way(int depth) {
    RpcTryFinally {
        if (depth == 1)
            RpcRaiseException(5);
        finally_all_the_way(depth - 1);
    }
    RpcFinally { blocks += RpcAbnormalTermination(); }
    RpcEndFinally
}

/* Every handler raises one more than it caught. */
static void handle_all_the_way(int depth) {
    RpcTryExcept {
        if (depth == 1)
            RpcRaiseException(1);
        handle_all_the_way(depth - 1);
    }
    RpcExcept(RpcExceptionCode() == depth) { RpcRaiseException(depth + 1); }
    RpcEndExcept
}

/* Every handler calls on, and finds its own code again after what happened inside. */
static int nested_handlers(int depth) {
    volatile int right = 0;
    RpcTryExcept { RpcRaiseException(depth); }
    RpcExcept(1) {
        if (depth > 1)
            right = nested_handlers(depth - 1);
        right += RpcExceptionCode() == depth;
    }
    RpcEndExcept return right;
}

static RPC_STATUS caught_from(void (*descend)(int), int depth) {
    volatile RPC_STATUS code = 0;
    RpcTryExcept { descend(depth); }
    RpcExcept(1) { code = RpcExceptionCode(); }
    RpcEndExcept return code;
}

void test_volume(void) {
    tap_ok(raised_and_caught(), "%d raises in a loop, each with its own code", RAISES);
    tap_ok(caught_from(finally_all_the_way, DEPTH) == 5 && blocks == DEPTH,
           "%d finally blocks on the way of one exception", DEPTH);
    tap_ok(caught_from(handle_all_the_way, DEPTH) == DEPTH + 1, "%d handlers that raise again",
           DEPTH);
    tap_ok(nested_handlers(DEPTH) == DEPTH, "%d handlers in each other", DEPTH);
    tap_ok(RpcExceptionCode() == 0, "nothing is being handled at the end");
}
