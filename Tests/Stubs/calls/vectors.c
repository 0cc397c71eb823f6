/* The vectors of the package, each on a new thread of the client and in a manager routine of the
 * server. */
#include "vectors.h"
#include "calls.h"
#include "package/vector.h"

/* What a vector raises by mistake fails here and must not end the program. */
static DWORD WINAPI run_here(void *vector) {
    RpcTryExcept { vector_check((enum vector)(ULONG_PTR)vector); }
    RpcExcept(1) { CHECK_EQUAL(0, RpcExceptionCode()); }
    RpcEndExcept return 0;
}

static void run_on_both_sides(handle_t binding, enum vector vector) {
    HANDLE thread = CreateThread(NULL, 0, run_here, (void *)(ULONG_PTR)vector, 0, NULL);

    CHECK_EQUAL(WAIT_OBJECT_0, WaitForSingleObject(thread, 30000));
    CloseHandle(thread);
    REMOTE(vector_run(binding, vector));
}

#define MAKE_VECTOR(function, name, rules)                                                         \
    static void make_##function(handle_t binding) { run_on_both_sides(binding, VECTOR_##function); }
VECTORS(MAKE_VECTOR)

#define VECTOR_CALL(function_, name_, rules_)                                                      \
    {.name = (name_), .direction = "package", .make = make_##function_, .rules = (rules_)},
static const struct call calls[] = {VECTORS(VECTOR_CALL)};

const struct call_group vector_calls = CALL_GROUP(calls);
