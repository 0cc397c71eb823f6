/*
 * What only Wine raises or catches: faults of the processor, exceptions of the RPC runtime,
 * statements of Wine's own further in and further out.
 */
#include "groups.h"
#include "rpcexcept.h"
#include "tap.h"
#include "trace.h"

#include <string.h>

#include <rpcndr.h>

RPC_STATUS code_elsewhere(void);

static void asked_elsewhere(void) {
    RpcTryExcept { RpcRaiseException(5); }
    RpcExcept(code_elsewhere() == 5) { trace("handler%d", (int)code_elsewhere()); }
    RpcEndExcept trace("after%d", (int)code_elsewhere());
}

static int *volatile nowhere = (int *)8;

static void write_nowhere(void) { *nowhere = 1; }

static void fault(void) {
    RpcTryExcept { write_nowhere(); }
    RpcExcept(RpcExceptionCode() == (RPC_STATUS)STATUS_ACCESS_VIOLATION) { trace("fault"); }
    RpcEndExcept trace("after");
}

/* As a client stub of widl begins a call. No server has this endpoint. */
static void call_of_nobody(void) {
    static RPC_CLIENT_INTERFACE called = {.Length = sizeof called};
    MIDL_STUB_DESC description = {.RpcInterfaceInformation = &called};
    MIDL_STUB_MESSAGE stub;
    RPC_MESSAGE message;
    RPC_CSTR text = NULL;
    handle_t binding = NULL;
    RpcStringBindingComposeA(NULL, (RPC_CSTR) "ncalrpc", NULL, (RPC_CSTR) "midl_user_nobody", NULL,
                             &text);
    RpcBindingFromStringBindingA(text, &binding);
    RpcStringFreeA(&text);
    RpcTryExcept {
        RpcTryFinally {
            NdrClientInitializeNew(&message, &stub, &description, 0);
            NdrGetBuffer(&stub, 16, binding);
        }
        RpcFinally { RpcBindingFree(&binding); }
        RpcEndFinally trace("not reached");
    }
    RpcExcept(RpcExceptionCode() == RPC_S_SERVER_UNAVAILABLE) { trace("unavailable"); }
    RpcEndExcept trace("%s", binding == NULL ? "freed" : "kept");
}

static EXCEPTION_RECORD seen;

static LONG CALLBACK take(EXCEPTION_POINTERS *exception) {
    seen = *exception->ExceptionRecord;
    return EXCEPTION_EXECUTE_HANDLER;
}

static void fault_through_statements(void) {
    RpcTryFinally {
        RpcTryExcept { write_nowhere(); }
        RpcExcept(RpcExceptionCode() == 14) { trace("not to be handled"); }
        RpcEndExcept trace("not reached");
    }
    RpcFinally { trace("finally%d", RpcAbnormalTermination()); }
    RpcEndFinally trace("not reached");
}

/* A filter of Wine's gets what the statements passed on. */
static void below_wines(void) {
    memset(&seen, 0, sizeof seen);
    __TRY { fault_through_statements(); }
    __EXCEPT(take) { trace("wine"); }
    __ENDTRY
}

static void CALLBACK note_end(BOOL is_normal) { trace("wine%d", is_normal); }

static void raise_through_wines(void) {
    __TRY { RpcRaiseException(5); }
    __FINALLY(note_end)
}

static void above_wines(void) {
    RpcTryExcept { raise_through_wines(); }
    RpcExcept(1) { trace("handler%d", (int)RpcExceptionCode()); }
    RpcEndExcept
}

static void raise_in_two_handlers(void) {
    RpcTryExcept { RpcRaiseException(5); }
    RpcExcept(1){RpcTryFinally{RpcRaiseException(6);
}
RpcFinally {
    trace("finally%d", (int)RpcExceptionCode());
    RpcRaiseException(7);
}
RpcEndFinally
}
RpcEndExcept
}

/* As a manager routine's handler raises to the stub that called it. */
static void out_of_handlers(void) {
    __TRY { raise_in_two_handlers(); }
    __EXCEPT(take) { trace("wine%d", (int)seen.ExceptionCode); }
    __ENDTRY
    RpcTryExcept { RpcRaiseException(8); }
    RpcExcept(RpcExceptionCode() == 8) { trace("handler%d", (int)RpcExceptionCode()); }
    RpcEndExcept
}

static void continuable(void) {
    ULONG_PTR arguments[] = {11, 12};
    RaiseException(0xE0000001, 0, 2, arguments);
}

static void parameters(void) {
    memset(&seen, 0, sizeof seen);
    __TRY{RpcTryFinally{continuable();
}
RpcFinally {}
RpcEndFinally
}
__EXCEPT(take) { trace("wine"); }
__ENDTRY
}

static void asked_to_continue(void) {
    memset(&seen, 0, sizeof seen);
    __TRY{RpcTryExcept{continuable();
}
RpcExcept(EXCEPTION_CONTINUE_EXECUTION) { trace("not to be handled"); }
RpcEndExcept
}
__EXCEPT(take) { trace("wine"); }
__ENDTRY
}

void test_runtime(void) {
    asked_elsewhere();
    trace_ok("handler5 after0", "the code is known in every file of the program");
    fault();
    trace_ok("fault after", "a fault of the processor is caught");
    call_of_nobody();
    trace_ok("unavailable freed",
             "a call without a server: 1722 by the runtime, and a finally block");
    below_wines();
    trace_ok("finally1 wine", "a fault passes statements on its way to one of Wine's");
    tap_ok(seen.ExceptionCode == STATUS_ACCESS_VIOLATION && seen.NumberParameters == 2 &&
               seen.ExceptionInformation[0] == 1 &&
               seen.ExceptionInformation[1] == (ULONG_PTR)nowhere,
           "... with what was written where");
    above_wines();
    trace_ok("wine0 handler5", "an exception passes one of Wine's on its way to a statement");
    parameters();
    trace_ok("wine", "an exception of the program's own passes a statement");
    tap_ok(seen.ExceptionCode == 0xE0000001 && seen.ExceptionFlags == 0 &&
               seen.NumberParameters == 2 && seen.ExceptionInformation[0] == 11 &&
               seen.ExceptionInformation[1] == 12,
           "... with its flags and parameters");
    asked_to_continue();
    trace_ok("wine", "a filter that asks to continue");
    tap_ok(seen.ExceptionCode == EXCEPTION_NONCONTINUABLE_EXCEPTION &&
               seen.ExceptionFlags == EXCEPTION_NONCONTINUABLE && seen.NumberParameters == 0,
           "... raises EXCEPTION_NONCONTINUABLE_EXCEPTION");
    tap_ok(RpcExceptionCode() == 0, "nothing is being handled at the end");
    out_of_handlers();
    trace_ok("finally6 wine7 handler8", "a handler raises to one of Wine's, and all goes on");
}
