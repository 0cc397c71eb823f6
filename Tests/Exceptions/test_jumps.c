/*
 * Longjmps of the program's own that go past statements. When the statement around ends, those
 * further in go with it. Each test has a process of its own: a raise to a dead frame ends anyhow.
 */
#include "groups.h"
#include "rpcexcept.h"
#include "support.h"
#include "tap.h"

#include <setjmp.h>
#include <unistd.h>

static jmp_buf target;

__attribute__((noinline)) static void jump_from_body(void) {
    RpcTryExcept { longjmp(target, 1); }
    RpcExcept(1) { _exit(3); }
    RpcEndExcept
}

__attribute__((noinline)) static void jump_from_handler(void) {
    RpcTryExcept { RpcRaiseException(5); }
    RpcExcept(1) { longjmp(target, 1); }
    RpcEndExcept
}

__attribute__((noinline)) static void jump_from_both(void) {
    RpcTryExcept { RpcRaiseException(5); }
    RpcExcept(1){RpcTryFinally{jump_from_body();
}
RpcFinally { _exit(4); }
RpcEndFinally
}
RpcEndExcept
}

/* What was on the stack of the statements that are gone is something else now. */
__attribute__((noinline)) static void overwrite_stack(void) {
    volatile unsigned char bytes[4096];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = 0xa5;
}

static void past(void (*jump)(void)) {
    if (setjmp(target) == 0)
        jump();
    overwrite_stack();
}

static void in_except_body(void (*jump)(void)) {
    RpcTryExcept { past(jump); }
    RpcExcept(1) { _exit(5); }
    RpcEndExcept
}

static void in_finally_body(void (*jump)(void)) {
    RpcTryFinally { past(jump); }
    RpcFinally {}
    RpcEndFinally
}

static void in_handler(void (*jump)(void)) {
    RpcTryExcept { RpcRaiseException(6); }
    RpcExcept(1) { past(jump); }
    RpcEndExcept
}

static void in_handler_that_returns(void (*jump)(void)) {
    RpcTryExcept { RpcRaiseException(6); }
    RpcExcept(1) {
        past(jump);
        return;
    }
    RpcEndExcept
}

static void in_finally_block(void (*jump)(void)) {
    RpcTryFinally {}
    RpcFinally { past(jump); }
    RpcEndFinally
}

static void in_abnormal_finally_block(void (*jump)(void)) {
    RpcTryFinally { RpcRaiseException(7); }
    RpcFinally { past(jump); }
    RpcEndFinally
}

struct case_of {
    const char *name;
    void (*around)(void (*jump)(void));
    void (*jump)(void);
};

/* Ends with 0 when the raise behind the statement goes to the one around, in this function. */
static void raise_behind(void *argument) {
    const struct case_of *test = argument;
    RpcTryExcept {
        test->around(test->jump);
        if (RpcExceptionCode() != 0)
            _exit(6);
        RpcRaiseException(7);
    }
    RpcExcept(1) {
        if (RpcExceptionCode() != 7)
            _exit(7);
    }
    RpcEndExcept if (RpcExceptionCode() != 0) _exit(8);
}

void test_jumps(void) {
    static const struct {
        const char *name;
        void (*around)(void (*jump)(void));
    } places[] = {
        {"a body of RpcTryExcept", in_except_body},
        {"a body of RpcTryFinally", in_finally_body},
        {"a handler", in_handler},
        {"a handler that returns", in_handler_that_returns},
        {"a finally block", in_finally_block},
        {"a finally block on the way of an exception", in_abnormal_finally_block},
    };
    static const struct {
        const char *name;
        void (*jump)(void);
    } jumps[] = {
        {"a body", jump_from_body},
        {"a handler", jump_from_handler},
        {"a body in a body in a handler", jump_from_both},
    };
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        for (size_t j = 0; j < sizeof jumps / sizeof jumps[0]; j++) {
            struct case_of test = {places[i].name, places[i].around, jumps[j].jump};
            struct child_result child;
            child_run(&child, raise_behind, &test);
            if (!tap_ok(child_exited(&child, 0),
                        "a longjmp out of %s, to within %s: a raise behind that goes outwards",
                        jumps[j].name, places[i].name))
                child_note(&child);
        }
}
