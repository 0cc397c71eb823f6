/* What nobody catches: one line with status, name and the function that raised, then SIGABRT. */
#include "groups.h"
#include "rpcexcept.h"
#include "rpcss.h"
#include "support.h"
#include "tap.h"

#include <ctype.h>
#include <signal.h>
#include <string.h>

static int not_from_here;

static void allocate_without_environment(void *argument) {
    (void)argument;
    RpcSsAllocate(16);
}

static void free_foreign(void *argument) {
    (void)argument;
    RpcSsEnableAllocate();
    RpcSsFree(&not_from_here);
}

static void set_unknown_handle(void *argument) {
    (void)argument;
    RpcSsSetThreadHandle(&not_from_here);
}

static void set_half_a_pair(void *argument) {
    (void)argument;
    RpcSsSetClientAllocFree(NdrRpcSsDefaultAllocate, NULL);
}

static void swap_without_place(void *argument) {
    (void)argument;
    RpcSsSwapClientAllocFree(NdrRpcSsDefaultAllocate, NdrRpcSsDefaultFree, NULL, NULL);
}

static void default_free_twice(void *argument) {
    (void)argument;
    RpcSsEnableAllocate();
    void *block = NdrRpcSsDefaultAllocate(16);
    NdrRpcSsDefaultFree(block);
    NdrRpcSsDefaultFree(block);
}

static void raise_status(void *argument) { RpcRaiseException(*(RPC_STATUS *)argument); }

static void *allocate_on_thread(void *argument) {
    allocate_without_environment(argument);
    return NULL;
}

static void on_second_thread(void *argument) {
    thread_join(thread_start(allocate_on_thread, argument));
}

/* The statement of the main thread does not catch what another thread raises. */
static void on_thread_below_statement(void *argument) {
    RpcTryExcept { on_second_thread(argument); }
    RpcExcept(1) {}
    RpcEndExcept
}

static void passed_on_by_handler(void *argument) {
    RpcTryExcept{RpcTryFinally{allocate_without_environment(argument);
}
RpcFinally{/* Another exception, raised and caught on the way, does not change the name. */
           RpcTryExcept{RpcRaiseException(5);
}
RpcExcept(1) {}
RpcEndExcept
}
RpcEndFinally
}
RpcExcept(RpcExceptionCode() == 87) {}
RpcEndExcept
}

static void raised_again(void *argument) {
    RpcTryExcept { allocate_without_environment(argument); }
    RpcExcept(1) { RpcRaiseException(RPC_X_BAD_STUB_DATA); }
    RpcEndExcept
}

static void after_a_statement(void *argument) {
    RpcTryExcept { allocate_without_environment(argument); }
    RpcExcept(1) {}
    RpcEndExcept RpcSsFree(&not_from_here);
}

static void asked_to_continue(void *argument) {
    RpcTryExcept { allocate_without_environment(argument); }
    RpcExcept(-1) {}
    RpcEndExcept
}

static void in_finally_block(void *argument) {
    RpcTryFinally { allocate_without_environment(argument); }
    RpcFinally { RpcSsFree(&not_from_here); }
    RpcEndFinally
}

/* Whether word stands in text as a word of its own. */
static bool has_word(const char *text, const char *word) {
    size_t length = strlen(word);
    for (const char *at = text; (at = strstr(at, word)) != NULL; at++) {
        bool begins = at == text || !(isalnum((unsigned char)at[-1]) || at[-1] == '_');
        if (begins && !(isalnum((unsigned char)at[length]) || at[length] == '_'))
            return true;
    }
    return false;
}

struct uncaught {
    const char *what;
    void (*body)(void *);
    RPC_STATUS argument;
    const char *function, *status, *name;
};

static void check(const struct uncaught *test) {
    struct child_result child;
    RPC_STATUS status = test->argument;
    child_run(&child, test->body, &status);
    const char *newline = strchr(child.text, '\n');
    bool one_line = newline != NULL && newline == child.text + child.text_length - 1;
    if (!tap_ok(child_died_of(&child, SIGABRT) && one_line && has_word(child.text, test->status) &&
                    has_word(child.text, test->function) &&
                    (test->name == NULL || has_word(child.text, test->name)),
                "%s: one line with %s, %s, %s; SIGABRT", test->what, test->function, test->status,
                test->name == NULL ? "no name" : test->name))
        child_note(&child);
}

void test_uncaught(void) {
    static const char *memory = "RPC_S_OUT_OF_MEMORY", *argument = "RPC_S_INVALID_ARG";
    static const char *raise = "RpcRaiseException";
    const struct uncaught tests[] = {
        {"no environment", allocate_without_environment, 0, "RpcSsAllocate", "14", memory},
        {"a foreign pointer", free_foreign, 0, "RpcSsFree", "87", argument},
        {"an unknown handle", set_unknown_handle, 0, "RpcSsSetThreadHandle", "87", argument},
        {"half a pair", set_half_a_pair, 0, "RpcSsSetClientAllocFree", "87", argument},
        {"nowhere to swap to", swap_without_place, 0, "RpcSsSwapClientAllocFree", "87", argument},
        {"freed twice", default_free_twice, 0, "NdrRpcSsDefaultFree", "87", argument},
        {"a known status", raise_status, 1783, raise, "1783", "RPC_X_BAD_STUB_DATA"},
        {"status 0", raise_status, 0, raise, "1726", "RPC_S_CALL_FAILED"},
        {"an unknown status", raise_status, 12345, raise, "12345", NULL},
        {"an access violation", raise_status, (RPC_STATUS)0xC0000005, raise, "0xc0000005",
         "STATUS_ACCESS_VIOLATION"},
        {"an unknown code of the system", raise_status, (RPC_STATUS)0xC0000123, raise, "0xc0000123",
         NULL},
        {"second thread", on_second_thread, 0, "RpcSsAllocate", "14", memory},
        {"second thread, statement on the first", on_thread_below_statement, 0, "RpcSsAllocate",
         "14", memory},
        {"passed on by handler and finally", passed_on_by_handler, 0, "RpcSsAllocate", "14",
         memory},
        {"raised again by a handler", raised_again, 0, raise, "1783", "RPC_X_BAD_STUB_DATA"},
        {"after a statement", after_a_statement, 0, "RpcSsFree", "87", argument},
        {"a filter of -1", asked_to_continue, 0, "filter", "0xc0000025",
         "EXCEPTION_NONCONTINUABLE_EXCEPTION"},
        {"raised in a finally block", in_finally_block, 0, "RpcSsFree", "87", argument},
    };
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        check(&tests[i]);
}
