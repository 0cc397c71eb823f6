/*
 * One of two clients at once; see crowd.h.
 *
 *     calls to warm up | meet | calls of every kind, round after round | meet | look at the server
 *
 * The meetings are calls, too (package_meet): both managers are then in their environments at the
 * same time, and allocate and free side by side.
 */
#include <stdio.h>
#include <string.h>

#include "crowd.h"
#include "graphs.h"
#include "line.h"
#include "package.h"
#include "rpcss.h"

enum {
    LINES = 8,
    WARM_UP_ROUNDS = 50,
    ROUNDS = 500,
    NESTED_EACH = 10, /* rounds */
    COUNT = 20,
    MEETING_COUNT = 500,
    MEETING_ATTEMPTS = 400, /* of 50 ms */
    RAISED_BY_MANAGER = 0x4321,
    /* Each round leaves 40 KB to the end of its environments, both clients together 40 MB. What
     * remains is Wine's, and the stacks of threads that it made meanwhile. */
    GROWTH_LIMIT_KILOBYTES = 6000,
    QUIET_LIMIT_MS = 5000,
};

struct server_state {
    long checks_made, checks_failed;
    long begun, ended;
    long kilobytes;
    long pair_blocks;
};

static struct {
    long made, wrong;
} plain, raised, nested;

static struct server_state look(handle_t binding) {
    struct server_state state;

    control_look(binding);
    state.checks_made = control_number(binding, SERVER_CHECKS_MADE);
    state.checks_failed = control_number(binding, SERVER_CHECKS_FAILED);
    state.begun = control_number(binding, SERVER_CALLS_BEGUN);
    state.ended = control_number(binding, SERVER_CALLS_ENDED);
    state.kilobytes = control_number(binding, SERVER_RESIDENT_KILOBYTES);
    state.pair_blocks = control_number(binding, SERVER_LIVE_BLOCKS);
    return state;
}

/* When the other, too, has left its last call. */
static struct server_state look_when_quiet(handle_t binding) {
    struct server_state state = look(binding);

    for (int i = 0; state.begun != state.ended && i < QUIET_LIMIT_MS / 10; i++) {
        Sleep(10);
        state = look(binding);
    }
    return state;
}

/* ---- The calls ---- */

static int is_reply(REPLY *reply, LONG seed) {
    char name[24];
    LONG value = seed;
    int holds = remote_raised() == 0 && reply->count == COUNT && reply->name;

    snprintf(name, sizeof(name), "reply %ld", (long)seed);
    holds = holds && strcmp(reply->name, name) == 0;
    RpcSmClientFree(reply->name);
    while (reply->list) {
        NODE *next = reply->list->next;

        holds = holds && reply->list->value == value++;
        RpcSmClientFree(reply->list);
        reply->list = next;
    }
    return holds && value == seed + COUNT;
}

static void call_make(handle_t binding, LONG seed) {
    REPLY reply = {0};

    REMOTE(package_make(binding, seed, COUNT, &reply));
    plain.made += 1;
    plain.wrong += !is_reply(&reply, seed);
}

static void call_edit(handle_t binding, LONG seed) {
    NODE *list = list_build(COUNT);
    int holds;

    list->value = seed;
    REMOTE(package_edit(binding, &list));
    holds = remote_raised() == 0 && list_count(list) == COUNT &&
            list_sum(list) == 2 * (seed + COUNT * (COUNT + 1) / 2 - 1);
    plain.made += 1;
    plain.wrong += !holds;
    list_free(list);
}

static void call_raising(handle_t binding, LONG round) {
    REPLY reply = {0};
    if (round % 2)
        REMOTE(package_five(binding, RAISED_BY_MANAGER, &reply));
    else
        REMOTE(package_raise(binding, RAISING_FREE, &reply));
    raised.made += 1;
    raised.wrong += remote_raised() != (round % 2 ? RAISED_BY_MANAGER : RPC_S_INVALID_ARG) ||
                    reply.name || reply.list;
}

static void call_nested(handle_t binding, LONG seed) {
    REPLY reply = {0};

    REMOTE(package_nested(binding, 2, seed, COUNT, &reply));
    nested.made += 1;
    nested.wrong += !is_reply(&reply, seed);
}

static void make_rounds(handle_t binding, LONG seed, int rounds) {
    for (int round = 0; round < rounds; round++) {
        call_make(binding, seed + round);
        call_edit(binding, seed + round);
        call_raising(binding, round);
        if (round % NESTED_EACH == 0)
            call_nested(binding, seed + round);
    }
}

static LONG try_to_meet(handle_t binding, LONG seed) {
    LONG met = 0;

    REMOTE(met = package_meet(binding, seed, MEETING_COUNT));
    return met;
}

/* Calls until the other is in the server at the same time. */
static int meet(handle_t binding, LONG seed) {
    for (int i = 0; i < MEETING_ATTEMPTS; i++) {
        LONG met = try_to_meet(binding, seed);

        if (met || remote_raised())
            return met && !remote_raised();
    }
    return 0;
}

/* ---- The lines ---- */

static void server_lines(handle_t binding, struct server_state before, struct server_state after) {
    long made = after.checks_made - before.checks_made;
    long failed = after.checks_failed - before.checks_failed;
    long growth = after.kilobytes - before.kilobytes;
    char failure[SERVER_TEXT_CAPACITY];

    line(made > 0 && failed == 0, "two clients",
         "in the server all checks hold; after each call the slot is NULL, its handle stale\n");
    if (failed) {
        server_text(binding, SERVER_FIRST_FAILURE, failure);
        printf("# got %ld failed of %ld, %s\n", failed, made, failure);
    }
    line(after.begun > before.begun && after.begun == after.ended, "two clients",
         "every call that entered its environment left it\n");
    if (after.begun != after.ended)
        printf("# got %ld calls entered, %ld left\n", after.begun, after.ended);
    line(before.kilobytes > 0 && growth < GROWTH_LIMIT_KILOBYTES &&
             after.pair_blocks == before.pair_blocks,
         "two clients", "the server keeps less than %d KB and no block of the pair\n",
         GROWTH_LIMIT_KILOBYTES);
    printf("# %ld calls in all, %ld KB more, %ld blocks of the pair\n", after.ended - before.ended,
           growth, after.pair_blocks - before.pair_blocks);
}

int crowd_plan(void) { return LINES; }

int crowd(const struct session *session, int first) {
    handle_t binding = session->binding;
    /* The two take different data. */
    LONG seed = (LONG)(GetCurrentProcessId() % 1000 + 1) * 1000;
    struct server_state before, after;
    int met, met_again;

    lines_begin(session, first);
    make_rounds(binding, seed, WARM_UP_ROUNDS);
    met = meet(binding, seed);
    before = look(binding);
    make_rounds(binding, seed, ROUNDS);
    met_again = meet(binding, seed);
    after = look_when_quiet(binding);

    line(met, "two clients", "both in managers at once, each in its own environment\n");
    line(met_again, "two clients", "again after %d rounds of calls\n", ROUNDS);
    line(plain.made > 0 && plain.wrong == 0, "two clients", "%ld calls, the data as expected\n",
         plain.made);
    line(raised.made > 0 && raised.wrong == 0, "two clients",
         "%ld calls raise: the manager's code, no data\n", raised.made);
    line(nested.made > 0 && nested.wrong == 0, "two clients",
         "%ld calls in which the server calls itself, the data as expected\n", nested.made);
    if (plain.wrong || raised.wrong || nested.wrong)
        printf("# got wrong: %ld plain, %ld raised, %ld nested\n", plain.wrong, raised.wrong,
               nested.wrong);
    server_lines(binding, before, after);
    return lines_failed();
}
