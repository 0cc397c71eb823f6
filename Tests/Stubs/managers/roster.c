/* Server side of roster.idl in C; see managers/swift/ for the same in Swift. */
#include <stdio.h>
#include <string.h>

#include "checks.h"
#include "roster.h"
#include "roster_language.h"
#include "rpcss.h"

const char *roster_language(void) { return "C"; }

static char *name_of(LONG number) {
    char *name = RpcSsAllocate(24);

    snprintf(name, 24, "player %ld", (long)number);
    return name;
}

/* ASCII only, but for the sign. */
static WCHAR *wide_name_of(LONG number) {
    char name[24];
    WCHAR *wide = RpcSsAllocate(sizeof(name) * sizeof(*wide));
    int length = snprintf(name, sizeof(name), "player # %ld", (long)number);

    for (int i = 0; i <= length; i++)
        wide[i] = name[i] == '#' ? 0x2116 : (WCHAR)name[i];
    return wide;
}

void __cdecl roster_make(handle_t binding, LONG count, ROSTER *roster) {
    PLAYER **link = &roster->first;

    (void)binding;
    CHECK(roster->first == NULL);
    if (count < 0)
        RpcRaiseException(RPC_S_INVALID_ARG);
    roster->count = roster->number_count = count;
    roster->numbers = RpcSsAllocate((size_t)count * sizeof(*roster->numbers));
    for (LONG number = 1; number <= count; number++) {
        PLAYER *player = RpcSsAllocate(sizeof(*player));

        *player = (PLAYER){number, name_of(number), wide_name_of(number), NULL};
        roster->numbers[number - 1] = number;
        *link = player;
        link = &player->next;
    }
}
