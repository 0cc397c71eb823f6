/* Calls of roster.idl, whose manager is in C in one server and in Swift in the other. */
#include <stdio.h>

#include "calls.h"
#include "roster.h"
#include "rpcss.h"

static void check_player(const PLAYER *player, LONG number) {
    char name[24], wide[24];
    int i;

    CHECK_EQUAL(number, player->number);
    snprintf(name, sizeof(name), "player %ld", (long)number);
    CHECK_TEXT(name, player->name);
    snprintf(name, sizeof(name), "player # %ld", (long)number);
    for (i = 0; i < 23 && player->wide_name[i]; i++)
        wide[i] = player->wide_name[i] == 0x2116 ? '#' : (char)player->wide_name[i];
    wide[i] = 0;
    CHECK_TEXT(name, wide);
}

static void check_players(const ROSTER *roster) {
    LONG number = 0;

    for (const PLAYER *player = roster->first; player; player = player->next) {
        number += 1;
        check_player(player, number);
        CHECK_EQUAL(number, roster->numbers[number - 1]);
    }
    CHECK_EQUAL(roster->count, number);
}

/* On an enabled thread, whose environment takes what the client stub allocates. */
static void make_with(handle_t binding, LONG count) {
    ROSTER roster = {0};

    CHECK_EQUAL(RPC_S_OK, RpcSmEnableAllocate());
    REMOTE(roster_make(binding, count, &roster));
    CHECK_EQUAL(count, roster.count);
    check_players(&roster);
    CHECK_EQUAL(RPC_S_OK, RpcSmDisableAllocate());
}

static void make_none(handle_t binding) { make_with(binding, 0); }
static void make_five(handle_t binding) { make_with(binding, 5); }
static void make_many(handle_t binding) { make_with(binding, 1000); }

static void make_refused(handle_t binding) {
    ROSTER roster = {0};

    REMOTE(roster_make(binding, -1, &roster));
    CHECK(roster.first == NULL);
}

static const struct call calls[] = {
    {.name = "roster of none", .direction = "out", .make = make_none, .rules = "B.4.2, C.2"},
    {.name = "roster of 5", .direction = "out", .make = make_five, .rules = "B.4.2, C.2"},
    {.name = "roster of 1000", .direction = "out", .make = make_many, .rules = "B.4.2, C.2"},
    {
        .name = "roster refused",
        .direction = "out",
        .make = make_refused,
        .rules = "E.12",
        .documented = {[RAISED] = {RPC_S_INVALID_ARG, 0}},
    },
};

const struct call_group roster_calls = CALL_GROUP(calls);
