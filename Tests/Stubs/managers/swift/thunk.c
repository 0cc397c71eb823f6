/* Server side of roster.idl in Swift: the routine that the stub calls, in the convention of the
 * stubs. It raises what Swift returned, when no Swift frame is left on the stack. */
#include <stddef.h>

#include <rpc.h>
#include <rpcndr.h>

#include "checks.h"
#include "roster.h"
#include "roster_language.h"

#define _Nullable
#pragma GCC diagnostic ignored "-Wunknown-pragmas"
#include "managers/swift/Roster.h"

_Static_assert(sizeof(struct player) == sizeof(PLAYER), "");
_Static_assert(offsetof(struct player, name) == offsetof(PLAYER, name), "");
_Static_assert(offsetof(struct player, wide_name) == offsetof(PLAYER, wide_name), "");
_Static_assert(offsetof(struct player, next) == offsetof(PLAYER, next), "");
_Static_assert(sizeof(struct roster) == sizeof(ROSTER), "");
_Static_assert(offsetof(struct roster, number_count) == offsetof(ROSTER, number_count), "");
_Static_assert(offsetof(struct roster, numbers) == offsetof(ROSTER, numbers), "");
_Static_assert(offsetof(struct roster, first) == offsetof(ROSTER, first), "");

const char *roster_language(void) { return roster_fill_language(); }

void __cdecl roster_make(handle_t binding, LONG count, ROSTER *roster) {
    int32_t status;

    (void)binding;
    CHECK(roster->first == NULL);
    status = roster_fill(count, (struct roster *)roster);
    if (status)
        RpcRaiseException(status);
}
