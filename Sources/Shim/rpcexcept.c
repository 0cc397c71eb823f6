/*
 * RPC exceptions: a list of statements for each thread, the innermost first.
 *
 * A raise takes the innermost statement off the list and jumps to it. Its filter
 * or finally block runs then; while they run, `handled` leads to the exception.
 */
#ifndef MIDL_WINELIB

#include "rpcexcept.h"
#include "midl_platform.h"
#include "midl_raise.h"

#define EXPORTED __attribute__((visibility("default")))

static _Thread_local struct {
    struct midl_except_frame *innermost;
    struct midl_except_frame *handled;
} thread __attribute__((tls_model("initial-exec")));

static const char *name_of(RPC_STATUS status) {
    static const struct {
        RPC_STATUS status;
        const char *name;
    } names[] = {
        {RPC_X_SS_CONTEXT_MISMATCH, "RPC_X_SS_CONTEXT_MISMATCH"},
        {RPC_S_OUT_OF_MEMORY, "RPC_S_OUT_OF_MEMORY"},
        {RPC_S_INVALID_ARG, "RPC_S_INVALID_ARG"},
        {RPC_S_CALL_FAILED, "RPC_S_CALL_FAILED"},
        {RPC_S_INVALID_BOUND, "RPC_S_INVALID_BOUND"},
        {RPC_S_CANNOT_SUPPORT, "RPC_S_CANNOT_SUPPORT"},
        {RPC_S_INTERNAL_ERROR, "RPC_S_INTERNAL_ERROR"},
        {RPC_X_NULL_REF_POINTER, "RPC_X_NULL_REF_POINTER"},
        {RPC_X_BYTE_COUNT_TOO_SMALL, "RPC_X_BYTE_COUNT_TOO_SMALL"},
        {RPC_X_BAD_STUB_DATA, "RPC_X_BAD_STUB_DATA"},
        {STATUS_ACCESS_VIOLATION, "STATUS_ACCESS_VIOLATION"},
        {STATUS_DATATYPE_MISALIGNMENT, "STATUS_DATATYPE_MISALIGNMENT"},
        {EXCEPTION_NONCONTINUABLE_EXCEPTION, "EXCEPTION_NONCONTINUABLE_EXCEPTION"},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i].status == status)
            return names[i].name;
    return "no RPC status of this library";
}

_Noreturn static void jump(RPC_STATUS code, const char *raised_by) {
    struct midl_except_frame *target = thread.innermost;
    if (target == NULL)
        midl_stop_uncaught(code, name_of(code), raised_by);
    thread.innermost = target->outer;
    thread.handled = target;
    target->code = code;
    target->raised_by = raised_by;
    target->is_abnormal = 1;
    longjmp(target->context, 1);
}

_Noreturn void midl_raise(int32_t status, const char *function) { jump(status, function); }

EXPORTED void RPC_ENTRY RpcRaiseException(RPC_STATUS exception) {
    jump(exception == RPC_S_OK ? RPC_S_CALL_FAILED : exception, "RpcRaiseException");
}

EXPORTED RPC_STATUS RPC_ENTRY RpcExceptionCode(void) {
    return thread.handled == NULL ? RPC_S_OK : thread.handled->code;
}

EXPORTED void RPC_ENTRY midl_except_enter(struct midl_except_frame *frame) {
    frame->outer = thread.innermost;
    frame->handled_outside = thread.handled;
    frame->is_abnormal = 0;
    thread.innermost = frame;
}

/* Statements further in, which a longjmp of the program's own went past, go as well. */
EXPORTED void RPC_ENTRY midl_except_leave(struct midl_except_frame *frame) {
    thread.innermost = frame->outer;
    thread.handled = frame->handled_outside;
}

EXPORTED int RPC_ENTRY midl_except_filter(struct midl_except_frame *frame, int filter) {
    if (filter > 0)
        return 1;
    if (filter < 0) {
        frame->code = EXCEPTION_NONCONTINUABLE_EXCEPTION;
        frame->raised_by = "a filter that asked to continue";
    }
    midl_except_pass_on(frame);
    return 0;
}

EXPORTED void RPC_ENTRY midl_except_pass_on(struct midl_except_frame *frame) {
    midl_except_leave(frame);
    jump(frame->code, frame->raised_by);
}

#endif /* MIDL_WINELIB */
