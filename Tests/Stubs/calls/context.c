/* Calls of context.idl. */
#include "calls.h"
#include "context.h"
#include "control.h"

static void make_session(handle_t binding) {
    SESSION session = NULL;
    SERVER_COUNTS counts;
    LONG total = 0;

    REMOTE(session_open(binding, 40, &session));
    CHECK(session != NULL);
    control_look(binding, &counts);
    CHECK_EQUAL(1, counts.allocated_blocks);
    CHECK_EQUAL(0, counts.freed_blocks); /* the manager's context outlives the call */
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
