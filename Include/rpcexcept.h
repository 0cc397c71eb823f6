/*
 * rpcexcept.h - RPC exceptions for C and C++ where the compiler has none.
 *
 *     RpcTryExcept {
 *         node = RpcSsAllocate(sizeof *node);
 *     }
 *     RpcExcept(RpcExceptionCode() == RPC_S_OUT_OF_MEMORY) {
 *         return NULL;
 *     }
 *     RpcEndExcept
 *
 *     RpcTryFinally {
 *         fill(node);
 *     }
 *     RpcFinally {
 *         forget(node);
 *     }
 *     RpcEndFinally
 *
 * A finally block runs after the body, and on the way of an exception out of it.
 * Statements nest in each other, in one function and across calls. A handler may
 * raise again; what it raises goes to the next statement further out.
 *
 * Exceptions are per thread and travel by longjmp, hence
 *   - a local variable that the body changes and the handler reads is volatile, and so is
 *     one around the statement that the compiler says might be clobbered;
 *   - a longjmp of the program's own out of a body leaves that statement only when control
 *     leaves, or raises out of, the statement around it;
 *   - filters run after the finally blocks further in, not before them;
 *   - in C++, destructors between the raise and the handler do not run;
 *   - the body of RpcTryExcept may be left by return, break or goto; that of
 *     RpcTryFinally only at its end or by an exception, else its finally block
 *     does not run.
 *
 * Pages: "RpcExcept", "RpcFinally", "RpcExceptionCode", "RpcAbnormalTermination",
 * "RpcRaiseException" (Remote Procedure Call, Win32). Under Winelib and on Windows
 * the RPC runtime has exceptions of its own: there this header only includes rpc.h.
 */
#ifndef MIDL_RPCEXCEPT_H
#define MIDL_RPCEXCEPT_H

#include "midl_user.h"

#if defined(_WIN32) || defined(__WINE__) || defined(__WINE_RPC_H)
#include <rpc.h>
#else
#include "midl_rpctypes.h"

#include <setjmp.h>

/* What a filter evaluates to. */
#ifndef EXCEPTION_EXECUTE_HANDLER
#define EXCEPTION_EXECUTE_HANDLER 1     /* any value above 0: this handler runs */
#define EXCEPTION_CONTINUE_SEARCH 0     /* the exception goes on outwards */
#define EXCEPTION_CONTINUE_EXECUTION -1 /* any value below 0: not possible after a raise */
#endif
/* What is raised instead where a filter asks to continue. */
#ifndef EXCEPTION_NONCONTINUABLE_EXCEPTION
#define EXCEPTION_NONCONTINUABLE_EXCEPTION ((RPC_STATUS)0xC0000025)
#endif
#ifndef STATUS_ACCESS_VIOLATION
#define STATUS_ACCESS_VIOLATION ((RPC_STATUS)0xC0000005)
#define STATUS_DATATYPE_MISALIGNMENT ((RPC_STATUS)0x80000002)
#endif

/* The filter of generated server stubs. */
#ifndef RPC_BAD_STUB_DATA_EXCEPTION_FILTER
#define RPC_BAD_STUB_DATA_EXCEPTION_FILTER                                                         \
    ((RpcExceptionCode() == STATUS_ACCESS_VIOLATION) ||                                            \
     (RpcExceptionCode() == STATUS_DATATYPE_MISALIGNMENT) ||                                       \
     (RpcExceptionCode() == RPC_X_BAD_STUB_DATA) || (RpcExceptionCode() == RPC_S_INVALID_BOUND))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/*
 * RpcRaiseException - raise an exception on the calling thread.
 *
 * exception  The status; 0 counts as RPC_S_CALL_FAILED, since no exception has it.
 *
 * Does not return. When no statement on the thread catches it, one line on standard
 * error gives the status, its name and the function that raised, then SIGABRT.
 *
 * Page: "RpcRaiseException function" (rpcdce.h).
 */
void RPC_ENTRY RpcRaiseException(RPC_STATUS exception) __attribute__((noreturn));

/*
 * RpcExceptionCode - the status of the exception that is being handled, in a filter, a
 * handler, or a finally block to which it led; 0 elsewhere.
 *
 * Page: "RpcExceptionCode macro" (rpc.h).
 */
RPC_STATUS RPC_ENTRY RpcExceptionCode(void);

/* ---- For the macros only --------------------------------------------------- */

/* One statement that can catch, in the frame of the function that contains it. */
struct midl_except_frame {
    struct midl_except_frame *outer;
    /* What was being handled when the statement was entered. */
    struct midl_except_frame *handled_outside;
    const char *raised_by;
    RPC_STATUS code;
    int is_abnormal;
    jmp_buf context;
};

/*
 * midl_except_enter, midl_except_leave, midl_except_filter, midl_except_pass_on - what the macros
 * call.
 *
 * frame    The statement, in the frame of the function that contains it. Entering puts it on the
 *          thread's list; leaving ends it wherever it is, when it goes out of scope.
 * filter   What the statement's filter evaluated to.
 * Returns  midl_except_filter: 1 when the handler runs; if not it passes the exception on, as
 *          midl_except_pass_on does, and does not return.
 */
void RPC_ENTRY midl_except_enter(struct midl_except_frame *frame);
void RPC_ENTRY midl_except_leave(struct midl_except_frame *frame);
int RPC_ENTRY midl_except_filter(struct midl_except_frame *frame, int filter);
void RPC_ENTRY midl_except_pass_on(struct midl_except_frame *frame);

#ifdef __cplusplus
}
#endif

#define MIDL_EXCEPT_BEGIN                                                                          \
    {                                                                                              \
        struct midl_except_frame midl_frame __attribute__((cleanup(midl_except_leave)));           \
        midl_except_enter(&midl_frame);                                                            \
        if (_setjmp(midl_frame.context) == 0) {

#define RpcTryExcept MIDL_EXCEPT_BEGIN
#define RpcExcept(filter)                                                                          \
    midl_except_leave(&midl_frame);                                                                \
    }                                                                                              \
    else if (midl_except_filter(&midl_frame, (filter))) {
#define RpcEndExcept                                                                               \
    }                                                                                              \
    }

#define RpcTryFinally MIDL_EXCEPT_BEGIN
#define RpcFinally                                                                                 \
    midl_except_leave(&midl_frame);                                                                \
    }                                                                                              \
    {
#define RpcEndFinally                                                                              \
    }                                                                                              \
    if (midl_frame.is_abnormal)                                                                    \
        midl_except_pass_on(&midl_frame);                                                          \
    }

/* In a finally block: whether an exception led there. Page: "RpcAbnormalTermination macro". */
#define RpcAbnormalTermination() (midl_frame.is_abnormal)

#endif /* not Windows, not Winelib */

#endif /* MIDL_RPCEXCEPT_H */
