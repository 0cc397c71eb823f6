/* Statements in each other within one function: which handler and which finally block runs, when.
 */
#include "groups.h"
#include "rpcexcept.h"
#include "tap.h"
#include "trace.h"

static void no_exception(void) {
    RpcTryExcept { trace("body"); }
    RpcExcept((trace("filter"), 1)) { trace("handler"); }
    RpcEndExcept RpcTryFinally { trace("body"); }
    RpcFinally { trace("finally"); }
    RpcEndFinally trace("after");
}

static void except_in_except(void) {
    RpcTryExcept {
        RpcTryExcept { RpcRaiseException(5); }
        RpcExcept(1) { trace("inner %d", RpcExceptionCode()); }
        RpcEndExcept trace("between");
        RpcRaiseException(6);
    }
    RpcExcept(1) { trace("outer %d", RpcExceptionCode()); }
    RpcEndExcept trace("after");
}

static void finally_in_except(void) {
    RpcTryExcept {
        RpcTryFinally { RpcRaiseException(5); }
        RpcFinally { trace("finally"); }
        RpcEndFinally trace("not reached");
    }
    RpcExcept(1) { trace("handler %d", RpcExceptionCode()); }
    RpcEndExcept trace("after");
}

static void except_in_finally(void) {
    RpcTryFinally {
        RpcTryExcept { RpcRaiseException(5); }
        RpcExcept(1) { trace("handler %d", RpcExceptionCode()); }
        RpcEndExcept trace("body");
    }
    RpcFinally { trace("finally %d", RpcAbnormalTermination()); }
    RpcEndFinally trace("after");
}

static void finally_in_finally(void) {
    RpcTryExcept {
        RpcTryFinally {
            RpcTryFinally { RpcRaiseException(5); }
            RpcFinally { trace("inner"); }
            RpcEndFinally trace("not reached");
        }
        RpcFinally { trace("outer"); }
        RpcEndFinally trace("not reached");
    }
    RpcExcept(1) { trace("handler %d", RpcExceptionCode()); }
    RpcEndExcept
}

static void in_handler_and_finally_block(void) { RpcTryExcept{RpcTryFinally{RpcRaiseException(5); }
RpcFinally{RpcTryExcept{RpcRaiseException(6);
}
RpcExcept(1) { trace("in finally %d", RpcExceptionCode()); }
RpcEndExcept
}
RpcEndFinally
}
RpcExcept(1) {
    RpcTryExcept { RpcRaiseException(7); }
    RpcExcept(1) { trace("in handler %d", RpcExceptionCode()); }
    RpcEndExcept trace("handler %d", RpcExceptionCode());
}
RpcEndExcept
}

static void raise_again_the_same(void) {
    RpcTryExcept {
        RpcTryExcept { RpcRaiseException(5); }
        RpcExcept(1) {
            trace("inner %d", RpcExceptionCode());
            RpcRaiseException(RpcExceptionCode());
        }
        RpcEndExcept trace("not reached");
    }
    RpcExcept(1) { trace("outer %d", RpcExceptionCode()); }
    RpcEndExcept
}

static void raise_again_another(void) {
    RpcTryExcept{RpcTryFinally{RpcTryExcept{RpcRaiseException(5);
}
RpcExcept(1) { RpcRaiseException(RPC_X_BAD_STUB_DATA); }
RpcEndExcept
}
RpcFinally { trace("finally"); }
RpcEndFinally
}
RpcExcept(1) { trace("outer %d", RpcExceptionCode()); }
RpcEndExcept
}

static void raise_from_finally(int in_body) {
    RpcTryExcept {
        RpcTryFinally {
            if (in_body)
                RpcRaiseException(5);
        }
        RpcFinally { RpcRaiseException(6); }
        RpcEndFinally trace("not reached");
    }
    RpcExcept(1) { trace("outer %d", RpcExceptionCode()); }
    RpcEndExcept
}

/* As a statement of C's own: below if and else without braces, with a semicolon and without. */
static void as_a_statement(int first) {
    if (first)
        RpcTryExcept { RpcRaiseException(5); }
    RpcExcept(1) { trace("first"); }
    RpcEndExcept else RpcTryFinally {
        trace("second");
    }
    RpcFinally { trace("finally"); }
    RpcEndFinally
}

void test_nesting(void) {
    no_exception();
    trace_ok("body body finally after", "without a raise neither filter nor handler runs");
    except_in_except();
    trace_ok("inner 5 between outer 6 after", "except in except: each catches its own");
    finally_in_except();
    trace_ok("finally handler 5 after", "finally in except: the block runs before the handler");
    except_in_finally();
    trace_ok("handler 5 body finally 0 after", "except in finally: the block runs once, normally");
    finally_in_finally();
    trace_ok("inner outer handler 5", "finally in finally: from inside outwards");
    in_handler_and_finally_block();
    trace_ok("in finally 6 in handler 7 handler 5",
             "statements in a finally block and in a handler leave the exception alone");
    raise_again_the_same();
    trace_ok("inner 5 outer 5", "a handler raises the same again: outwards");
    raise_again_another();
    trace_ok("finally outer 1783", "a handler raises another: through finally, outwards");
    raise_from_finally(0);
    trace_ok("outer 6", "a finally block raises after a normal body");
    raise_from_finally(1);
    trace_ok("outer 6", "a finally block raises in place of the exception that led there");
    as_a_statement(1);
    as_a_statement(0);
    trace_ok("first second finally", "a statement stands below if and else");
    tap_ok(RpcExceptionCode() == 0, "nothing is being handled at the end");
}
