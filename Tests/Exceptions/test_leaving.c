/*
 * Leaving a statement by return, break, continue and goto, from the body and from the handler. A
 * raise afterwards must go to the statement around, and nothing is being handled any more.
 */
#include "groups.h"
#include "rpcexcept.h"
#include "tap.h"
#include "trace.h"

static int body_return(void) {
    RpcTryExcept { return RpcExceptionCode() + 1; }
    RpcExcept(1) { trace("wrong handler"); }
    RpcEndExcept return 2;
}

static int body_break(void) {
    for (int i = 1; i < 3; i++) {
        RpcTryExcept { break; }
        RpcExcept(1) { trace("wrong handler"); }
        RpcEndExcept return 2;
    }
    return 1;
}

static int body_continue(void) {
    volatile int passes = 0;
    for (int i = 0; i < 1; i++) {
        RpcTryExcept {
            passes++;
            continue;
        }
        RpcExcept(1) { trace("wrong handler"); }
        RpcEndExcept passes++;
    }
    return passes;
}

static int body_goto(void) { RpcTryExcept{RpcTryExcept{RpcTryExcept{goto out; }
RpcExcept(1) { trace("wrong handler"); }
RpcEndExcept
}
RpcExcept(1) { trace("wrong handler"); }
RpcEndExcept
}
RpcExcept(1) { trace("wrong handler"); }
RpcEndExcept return 2;
out : return 1;
}

/* Out of the inner statement only: the outer one still catches. */
static int body_goto_within(void) {
    volatile int code = 0;
    RpcTryExcept {
        RpcTryExcept { goto within; }
        RpcExcept(1) { trace("wrong handler"); }
        RpcEndExcept return 2;
    within:
        RpcRaiseException(5);
    }
    RpcExcept(1) { code = RpcExceptionCode(); }
    RpcEndExcept return code == 5 ? 1 : 3;
}

static int handler_return(void) {
    RpcTryExcept { RpcRaiseException(5); }
    RpcExcept(1) { return RpcExceptionCode() - 4; }
    RpcEndExcept return 2;
}

static int handler_break(void) {
    for (int i = 1; i < 3; i++) {
        RpcTryExcept { RpcRaiseException(5); }
        RpcExcept(1) { break; }
        RpcEndExcept return 2;
    }
    return 1;
}

static int handler_continue(void) {
    volatile int passes = 0;
    for (int i = 0; i < 1; i++) {
        RpcTryExcept { RpcRaiseException(5); }
        RpcExcept(1) {
            passes++;
            continue;
        }
        RpcEndExcept passes++;
    }
    return passes;
}

static int handler_goto(void) {
    RpcTryExcept { RpcRaiseException(5); }
    RpcExcept(1){RpcTryExcept{RpcRaiseException(6);
}
RpcExcept(1) { goto out; }
RpcEndExcept
}
RpcEndExcept return 2;
out : return 1;
}

/* A return out of a finally block ends the exception that led there. */
static int finally_return(void) {
    RpcTryFinally { RpcRaiseException(5); }
    RpcFinally {
        if (RpcAbnormalTermination())
            return 1;
    }
    RpcEndFinally return 2;
}

static int body_switch(void) {
    switch (body_return()) {
    case 1:
        RpcTryExcept { break; }
        RpcExcept(1) { trace("wrong handler"); }
        RpcEndExcept return 2;
    default:
        return 3;
    }
    return 1;
}

struct way {
    const char *name;
    int (*leave)(void); /* returns 1 */
};

static void leave_and_raise(void *argument) {
    const struct way *way = argument;
    RpcTryExcept {
        trace("left %d", way->leave());
        trace("code %d", RpcExceptionCode());
        RpcRaiseException(7);
    }
    RpcExcept(1) {
        trace("caught %d", RpcExceptionCode());
        /* In a handler: the code of the outer exception comes back. */
        trace("left %d", way->leave());
        trace("code %d", RpcExceptionCode());
    }
    RpcEndExcept trace("code %d", RpcExceptionCode());
}

void test_leaving(void) {
    static const struct way ways[] = {
        {"return from a body", body_return},
        {"break from a body", body_break},
        {"continue from a body", body_continue},
        {"goto from three bodies", body_goto},
        {"goto from an inner body into the outer one", body_goto_within},
        {"break from a body in a switch", body_switch},
        {"return from a handler", handler_return},
        {"break from a handler", handler_break},
        {"continue from a handler", handler_continue},
        {"goto from two handlers", handler_goto},
        {"return from a finally block", finally_return},
    };
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        leave_and_raise((void *)&ways[i]);
        /* body_return hands out the code of the caller, 0 here and 7 in the handler, and 1. */
        const char *wanted =
            ways[i].leave == body_return   ? "left 1 code 0 caught 7 left 8 code 7 code 0"
            : ways[i].leave == body_switch ? "left 1 code 0 caught 7 left 3 code 7 code 0"
                                           : "left 1 code 0 caught 7 left 1 code 7 code 0";
        trace_ok(wanted, ways[i].name);
    }
}
