/* What a filter's value does, and what a filter may do itself. */
#include "groups.h"
#include "rpcexcept.h"
#include "tap.h"
#include "trace.h"

/* Raises 5 below a filter of this value; the code that the outer statement gets, 0 when none. */
static RPC_STATUS passed_on(int value) {
    volatile RPC_STATUS outer = 0;
    RpcTryExcept {
        RpcTryExcept { RpcRaiseException(5); }
        RpcExcept(value) { trace("handled %d", RpcExceptionCode()); }
        RpcEndExcept trace("after");
    }
    RpcExcept(1) { outer = RpcExceptionCode(); }
    RpcEndExcept return outer;
}

static void value(int filter, RPC_STATUS outer, const char *wanted) {
    RPC_STATUS found = passed_on(filter);
    tap_ok(found == outer, "filter %d: the outer statement gets 0x%x", filter, (unsigned)outer);
    trace_ok(wanted, "... and what ran is right");
}

static int is(RPC_STATUS code) {
    trace("is %d?", code);
    return RpcExceptionCode() == code;
}

static void chosen_by_code(RPC_STATUS code) { RpcTryExcept{RpcTryExcept{RpcRaiseException(code); }
RpcExcept(is(14)) { trace("inner"); }
RpcEndExcept
}
RpcExcept(is(87) || is(1783)) { trace("outer"); }
RpcEndExcept
}

static int filter_with_statement(void) {
    RpcTryExcept { RpcRaiseException(6); }
    RpcExcept(RpcExceptionCode() == 6) { trace("in filter %d", RpcExceptionCode()); }
    RpcEndExcept return RpcExceptionCode() == 5;
}

static void statement_in_filter(void) {
    RpcTryExcept { RpcRaiseException(5); }
    RpcExcept(filter_with_statement()) { trace("handler %d", RpcExceptionCode()); }
    RpcEndExcept
}

static int filter_that_raises(void) { RpcRaiseException(7); }

static void raise_in_filter(void) { RpcTryExcept{RpcTryExcept{RpcRaiseException(5); }
RpcExcept(filter_that_raises()) { trace("not to be handled"); }
RpcEndExcept
}
RpcExcept(1) { trace("outer %d", RpcExceptionCode()); }
RpcEndExcept
}

/* The filters run on the way of an exception only, once each, and from the inside outwards. */
static void counted(void) { RpcTryExcept{RpcTryExcept{RpcTryFinally{RpcRaiseException(5); }
RpcFinally { trace("finally"); }
RpcEndFinally
}
RpcExcept((trace("first"), EXCEPTION_CONTINUE_SEARCH)) { trace("not to be handled"); }
RpcEndExcept
}
RpcExcept((trace("second"), EXCEPTION_EXECUTE_HANDLER)) { trace("handler"); }
RpcEndExcept
}

static int accepts(RPC_STATUS code) {
    volatile int accepted = 0;
    RpcTryExcept{RpcTryExcept{RpcRaiseException(code);
}
RpcExcept(RPC_BAD_STUB_DATA_EXCEPTION_FILTER) { accepted = 1; }
RpcEndExcept
}
RpcExcept(1) {}
RpcEndExcept return accepted;
}

void test_filters(void) {
    value(1, 0, "handled 5 after");
    value(2, 0, "handled 5 after");
    value(0x7fffffff, 0, "handled 5 after");
    value(0, 5, "");
    value(-1, (RPC_STATUS)0xC0000025, "");
    value(-2, (RPC_STATUS)0xC0000025, "");
    tap_ok(EXCEPTION_EXECUTE_HANDLER == 1 && EXCEPTION_CONTINUE_SEARCH == 0 &&
               EXCEPTION_CONTINUE_EXECUTION == -1,
           "the names have Windows' values");
    chosen_by_code(14);
    trace_ok("is 14? inner", "a filter function sees the code: the inner one");
    chosen_by_code(1783);
    trace_ok("is 14? is 87? is 1783? outer", "a filter function sees the code: the outer one");
    statement_in_filter();
    trace_ok("in filter 6 handler 5", "a filter catches an exception of its own");
    raise_in_filter();
    trace_ok("outer 7", "what a filter raises goes outwards");
    counted();
    trace_ok("finally first second handler", "each filter runs once, behind finally blocks inside");
    tap_ok(accepts((RPC_STATUS)0xC0000005) && accepts((RPC_STATUS)0x80000002) && accepts(1783) &&
               accepts(1734),
           "RPC_BAD_STUB_DATA_EXCEPTION_FILTER takes its four");
    tap_ok(!accepts(14) && !accepts(87) && !accepts(1780) && !accepts((RPC_STATUS)0xC0000025),
           "RPC_BAD_STUB_DATA_EXCEPTION_FILTER passes others on");
}
