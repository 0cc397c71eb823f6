/* Calls of context.idl. */
#include "context.h"
#include "calls.h"
#include "control.h"

static void make_session(handle_t binding) {
    SESSION session = NULL;
    LONG total = 0;

    REMOTE(session_open(binding, 40, &session));
    CHECK(session != NULL);
    control_look(binding);
    CHECK_EQUAL(1, control_number(binding, SERVER_ALLOCATED_BLOCKS));
    CHECK_EQUAL(0, control_number(binding, SERVER_FREED_BLOCKS)); /* it outlives the call */
    REMOTE(total = session_add(session, 2));
    CHECK_EQUAL(42, total);
    REMOTE(session_close(&session));
    CHECK(session == NULL);
}

static const struct call calls[] = {
    {
        .name = "session_open, _close",
        .direction = "in,out",
        .make = make_session,
        .rules = "A.4: the manager's own block",
        .documented = {[ALLOCATED] = OWN(1, sizeof(LONG))},
    },
};

const struct call_group context_calls = CALL_GROUP(calls);
