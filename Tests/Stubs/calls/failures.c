/* Calls that fail: a manager that raises, and an allocator that has nothing left. */
#include "failures.h"
#include "arrays.h"
#include "calls.h"
#include "control.h"
#include "graphs.h"

enum { RAISED_BY_MANAGER = 0x4321 };

static void make_raise_with_list(handle_t binding) {
    NODE *head = NULL;

    REMOTE(raise_with_list(binding, RAISED_BY_MANAGER, &head));
    CHECK(head == NULL); /* J21: no [out] data arrives */
}

static void make_raise_with_array(handle_t binding) {
    char values[100] = {-1};

    REMOTE(raise_with_array(binding, RAISED_BY_MANAGER, 100, values));
    CHECK_EQUAL(-1, values[0]);
}

static void make_client_first(handle_t binding) {
    NODE *head = NULL;

    ledger_fail_at(1);
    REMOTE(list_out(binding, 3, &head));
    CHECK(head == NULL);
}

/* The head may be there, its link is not to be trusted. */
static void make_client_second(handle_t binding) {
    NODE *head = NULL;

    ledger_fail_at(2);
    REMOTE(list_out(binding, 3, &head));
    CHECK(remote_raised() != 0);
    midl_user_free(head);
}

static void make_server_first(handle_t binding) {
    NODE *head = list_build(3);

    control_fail_at(binding, 1);
    REMOTE(list_in(binding, head));
    CHECK_EQUAL(6, list_sum(head));
    list_free(head);
}

static void make_server_second(handle_t binding) {
    NODE *head = list_build(3);

    control_fail_at(binding, 2);
    REMOTE(list_in(binding, head));
    CHECK_EQUAL(6, list_sum(head));
    list_free(head);
}

static void make_server_out(handle_t binding) {
    char values[100] = {-1};

    control_fail_at(binding, 1);
    REMOTE(conformant_out(binding, 100, values));
    CHECK_EQUAL(-1, values[0]);
}

/* A server without memory answers with the fault nca_s_fault_remote_no_memory (E.12), which is
 * RPC_S_SERVER_OUT_OF_MEMORY (1130) at the client. */
static const struct call calls[] = {
    {
        .name = "raise_with_list",
        .direction = "out",
        .make = make_raise_with_list,
        .rules = "E.12, J21",
        .documented = {[RAISED] = {RAISED_BY_MANAGER, 0}, [ALLOCATED] = OWN(2, sizeof(NODE))},
        .here = {{INTERPRETED, SERVER_ORPHANED, OWN(2, sizeof(NODE)),
                  "H.1: no try/finally in Wine's interpreter"}},
    },
    {
        .name = "raise_with_array",
        .direction = "out",
        .make = make_raise_with_array,
        .rules = "E.12, J21",
        .documented = {[RAISED] = {RAISED_BY_MANAGER, 0}, [ALLOCATED] = STUB(1, 100)},
        .here = {{INTERPRETED, SERVER_ORPHANED, STUB(1, 100),
                  "H.1: no try/finally in Wine's interpreter"}},
    },
    {
        .name = "client: no 1st block",
        .direction = "out",
        .make = make_client_first,
        .rules = "A.3, E.12, J02",
        .documented = {[RAISED] = {RPC_X_NO_MEMORY, 0}, [ALLOCATED] = OWN(3, sizeof(NODE))},
    },
    {
        .name = "client: no 2nd block",
        .direction = "out",
        .make = make_client_second,
        .rules = "A.3, E.12, J02",
        .documented = {[RAISED] = {RPC_X_NO_MEMORY, 0},
                       [RECEIVED] = STUB(1, sizeof(NODE)),
                       [ALLOCATED] = OWN(3, sizeof(NODE))},
    },
    {
        .name = "server: no 1st block",
        .direction = "in",
        .make = make_server_first,
        .rules = "A.3, E.12",
        .documented = {[RAISED] = {RPC_S_SERVER_OUT_OF_MEMORY, 0},
                       [KEPT_OUT] = {1, 0},
                       [BUILT] = OWN(3, sizeof(NODE))},
    },
    {
        .name = "server: no 2nd block",
        .direction = "in",
        .make = make_server_second,
        .rules = "A.3, E.12",
        .documented = {[RAISED] = {RPC_S_SERVER_OUT_OF_MEMORY, 0},
                       [KEPT_OUT] = {1, 0},
                       [BUILT] = OWN(3, sizeof(NODE)),
                       [ALLOCATED] = STUB(1, sizeof(NODE))},
        .here = {{INTERPRETED, SERVER_ORPHANED, STUB(1, sizeof(NODE)),
                  "H.1: no try/finally in Wine's interpreter"}},
    },
    {
        .name = "server: no [out] block",
        .direction = "out",
        .make = make_server_out,
        .rules = "A.3, E.7, E.12",
        .documented = {[RAISED] = {RPC_S_SERVER_OUT_OF_MEMORY, 0}, [KEPT_OUT] = {1, 0}},
    },
};

const struct call_group failure_calls = CALL_GROUP(calls);
