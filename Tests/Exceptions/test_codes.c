/* RpcExceptionCode and RpcAbnormalTermination wherever they may be asked. */
#include "groups.h"
#include "rpcexcept.h"
#include "tap.h"
#include "trace.h"

static void code_of_caller(const char *where) { trace("%s%d", where, RpcExceptionCode()); }

static void nested_handlers(void) {
    RpcTryExcept {
        code_of_caller("body");
        RpcRaiseException(5);
    }
    RpcExcept(1) {
        RpcTryExcept {
            code_of_caller("second-body");
            RpcRaiseException(6);
        }
        RpcExcept(1) {
            RpcTryExcept { RpcRaiseException(7); }
            RpcExcept(1) { code_of_caller("third"); }
            RpcEndExcept code_of_caller("second");
        }
        RpcEndExcept code_of_caller("first");
    }
    RpcEndExcept code_of_caller("after");
}

static void statement_without_raise(void) {
    RpcTryExcept { RpcRaiseException(5); }
    RpcExcept(1) {
        RpcTryExcept {}
        RpcExcept(1) {}
        RpcEndExcept code_of_caller("except");
        RpcTryFinally {}
        RpcFinally { code_of_caller("block"); }
        RpcEndFinally code_of_caller("finally");
    }
    RpcEndExcept code_of_caller("after");
}

static void replaced(void) { RpcTryExcept{RpcTryExcept{RpcTryExcept{RpcRaiseException(5); }
RpcExcept(1) { RpcRaiseException(6); }
RpcEndExcept
}
RpcExcept(1) { RpcRaiseException(RpcExceptionCode() + 1); }
RpcEndExcept
}
RpcExcept(1) { code_of_caller("handler"); }
RpcEndExcept code_of_caller("after");
}

static void raise_zero(void) {
    RpcTryExcept { RpcRaiseException(0); }
    RpcExcept(1) { code_of_caller("handler"); }
    RpcEndExcept
}

static void abnormal(int raises) {
    RpcTryExcept{
        RpcTryFinally{RpcTryFinally{} RpcFinally{trace("inside%d", RpcAbnormalTermination());
}
RpcEndFinally if (raises) RpcRaiseException(5);
}
RpcFinally {
    trace("block%d", RpcAbnormalTermination());
    RpcTryFinally {}
    RpcFinally { trace("nested%d", RpcAbnormalTermination()); }
    RpcEndFinally trace("again%d", RpcAbnormalTermination());
}
RpcEndFinally
}
RpcExcept(1) { trace("handler"); }
RpcEndExcept
}

/* Each pass has a statement of its own, though it may have the same place on the stack. */
static void repeated(void) {
    for (volatile int i = 0; i < 4; i++) {
        RpcTryExcept{RpcTryFinally{if (i % 2 == 1) RpcRaiseException(5);
    }
    RpcFinally { trace("%d", RpcAbnormalTermination()); }
    RpcEndFinally
}
RpcExcept(1) {}
RpcEndExcept
}
}

/* The body and the handler of one statement are in one function: its locals, if volatile. */
static void locals(void) {
    volatile int changed = 1;
    int unchanged = 2;
    RpcTryExcept {
        changed = 3;
        RpcRaiseException(5);
    }
    RpcExcept(1) { trace("%d %d", changed, unchanged); }
    RpcEndExcept trace("%d", changed + unchanged);
}

static RPC_STATUS caught(RPC_STATUS status) {
    volatile RPC_STATUS code = 0;
    RpcTryExcept { RpcRaiseException(status); }
    RpcExcept(1) { code = RpcExceptionCode(); }
    RpcEndExcept return code;
}

void test_codes(void) {
    tap_ok(RpcExceptionCode() == 0, "0 before any statement");
    nested_handlers();
    trace_ok("body0 second-body5 third7 second6 first5 after0",
             "each handler has its own code, and again after those inside it");
    statement_without_raise();
    trace_ok("except5 block5 finally5 after0", "a statement without a raise leaves the code alone");
    replaced();
    trace_ok("handler7 after0", "handlers that raise leave nothing behind");
    raise_zero();
#ifdef __WINE__
    trace_ok("handler0", "status 0 is raised by the runtime as it is");
#else
    trace_ok("handler1726", "status 0 counts as RPC_S_CALL_FAILED");
#endif
    abnormal(0);
    trace_ok("inside0 block0 nested0 again0", "not abnormal after a normal body");
    abnormal(1);
    trace_ok("inside0 block1 nested0 again1 handler", "abnormal on the way of an exception");
    repeated();
    trace_ok("0 1 0 1", "abnormal anew in each pass of a loop");
    locals();
    trace_ok("3 2 5", "volatile and unchanged locals have their values in the handler");
    static const RPC_STATUS statuses[] = {1, -1, 14, 0x7fffffff, (RPC_STATUS)0x80000000};
    int right = 0;
    for (int i = 0; i < 5; i++)
        right += caught(statuses[i]) == statuses[i];
    tap_ok(right == 5, "any status but 0 arrives as it was raised");
}
