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
 * Exceptions are per thread and end a body by a longjmp, hence
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
 * Natively the exceptions are the library's. Under Winelib they are Wine's: the statements
 * catch what the RPC runtime raises, and faults of the processor. Those of Wine's own rpc.h
 * do nothing there; an exception passes them and ends the program. RpcExceptionCode has a
 * meaning in filters, handlers and finally blocks alone. Wine finds no way through functions
 * that are compiled with -fexceptions, as C++ is: those with statements, and all between a
 * raise and its handler, are compiled with -fno-exceptions. On Windows, and where
 * USE_COMPILER_EXCEPTIONS is defined, this header only includes rpc.h.
 *
 * Pages: "RpcExcept", "RpcFinally", "RpcExceptionCode", "RpcAbnormalTermination",
 * "RpcRaiseException" (Remote Procedure Call, Win32).
 */
#ifndef MIDL_RPCEXCEPT_H
#define MIDL_RPCEXCEPT_H

#include "midl_user.h"

#if defined(__WINE__) && defined(__ELF__) && !defined(USE_COMPILER_EXCEPTIONS)
#include <rpc.h>

#include <wine/exception.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- For the macros only: statements that Wine's exceptions find -------------- */

struct midl_except_frame {
    __WINE_FRAME wine; /* the first: Wine's handlers get its address */
    EXCEPTION_RECORD exception;
    RPC_STATUS code_outside;
    int is_abnormal;
};

/* Of the exception that the thread is handling; one variable for all files of a program. */
__attribute__((weak, visibility("hidden"))) __thread RPC_STATUS midl_except_code;

/* Wine calls it for the statement that is next on the way of an exception. */
static __inline__ DWORD __cdecl midl_except_handler(EXCEPTION_RECORD *record,
                                                    EXCEPTION_REGISTRATION_RECORD *frame,
                                                    CONTEXT *context,
                                                    EXCEPTION_REGISTRATION_RECORD **dispatcher) {
    ((struct midl_except_frame *)frame)->exception = *record;
    return __wine_exception_handler_all(record, frame, context, dispatcher);
}

static __inline__ void midl_except_enter(struct midl_except_frame *frame) {
    frame->code_outside = midl_except_code;
    frame->is_abnormal = 0;
    frame->wine.frame.Handler = midl_except_handler;
    __wine_push_frame(&frame->wine.frame);
}

/* Statements further in, which a longjmp of the program's own went past, go as well. */
static __inline__ void midl_except_leave(struct midl_except_frame *frame) {
    __wine_pop_frame(&frame->wine.frame);
    midl_except_code = frame->code_outside;
}

/* By Wine's longjmp, which has taken the statement from the list. */
static __inline__ int midl_except_caught(struct midl_except_frame *frame, int is_caught) {
    if (is_caught) {
        frame->is_abnormal = 1;
        midl_except_code = (RPC_STATUS)frame->exception.ExceptionCode;
    }
    return is_caught;
}

static __inline__ void midl_except_pass_on(struct midl_except_frame *frame) {
    EXCEPTION_RECORD *exception = &frame->exception;
    midl_except_leave(frame);
    RaiseException(exception->ExceptionCode, exception->ExceptionFlags & EXCEPTION_NONCONTINUABLE,
                   exception->NumberParameters, exception->ExceptionInformation);
}

static __inline__ int midl_except_filter(struct midl_except_frame *frame, int filter) {
    if (filter > 0)
        return 1;
    if (filter < 0) {
        frame->exception.ExceptionCode = EXCEPTION_NONCONTINUABLE_EXCEPTION;
        frame->exception.ExceptionFlags = EXCEPTION_NONCONTINUABLE;
        frame->exception.NumberParameters = 0;
    }
    midl_except_pass_on(frame);
    return 0;
}

#ifdef __cplusplus
}
#endif

#define MIDL_EXCEPT_IS_CAUGHT(statement)                                                           \
    midl_except_caught(&(statement),                                                               \
                       __wine_setjmpex(&(statement).wine.jmp, &(statement).wine.frame))

/* Wine would take the personality routine of such code for a handler of its own. */
#ifdef __EXCEPTIONS
#define MIDL_EXCEPT_COMPILED_FOR_IT                                                                \
    _Pragma("GCC error \"RPC exceptions under Winelib: compile with -fno-exceptions\"")
#else
#define MIDL_EXCEPT_COMPILED_FOR_IT
#endif

#undef RpcTryExcept
#undef RpcExcept
#undef RpcEndExcept
#undef RpcTryFinally
#undef RpcFinally
#undef RpcEndFinally
#undef RpcExceptionCode
#undef RpcAbnormalTermination
#define RpcExceptionCode() (midl_except_code)

#elif defined(_WIN32) || defined(__WINE__) || defined(__WINE_RPC_H)
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

#define MIDL_EXCEPT_IS_CAUGHT(statement) _setjmp((statement).context)
#define MIDL_EXCEPT_COMPILED_FOR_IT

#endif

/* ---- The statements ----------------------------------------------------------- */

#ifdef MIDL_EXCEPT_IS_CAUGHT

#define MIDL_EXCEPT_BEGIN                                                                          \
    {                                                                                              \
        MIDL_EXCEPT_COMPILED_FOR_IT                                                                \
        struct midl_except_frame midl_frame __attribute__((cleanup(midl_except_leave)));           \
        midl_except_enter(&midl_frame);                                                            \
        if (MIDL_EXCEPT_IS_CAUGHT(midl_frame) == 0) {

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

#endif /* MIDL_EXCEPT_IS_CAUGHT */

#endif /* MIDL_RPCEXCEPT_H */
