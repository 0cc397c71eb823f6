/* Server side of context.idl. A session is one block of the pair, alive from open to close. */
#include <rpc.h>
#include <rpcndr.h>

#include "checks.h"
#include "context.h"

void __cdecl session_open(handle_t binding, LONG start, SESSION *session) {
    LONG *total = midl_user_allocate(sizeof(*total));

    (void)binding;
    CHECK_EQUAL(40, start);
    *total = start;
    *session = total;
}

LONG __cdecl session_add(SESSION session, LONG amount) {
    LONG *total = session;

    CHECK_EQUAL(40, *total);
    return *total += amount;
}

void __cdecl session_close(SESSION *session) {
    LONG *total = *session;

    CHECK_EQUAL(42, *total);
    midl_user_free(total);
    *session = NULL;
}

/* Called by the runtime when a client goes away without closing. */
void __RPC_USER SESSION_rundown(SESSION session) { midl_user_free(session); }
