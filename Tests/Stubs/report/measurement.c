/* One call, measured on both sides; see measurement.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control.h"
#include "measurement.h"
#include "watched.h"

const struct call_group *const all_calls[] = {
    &list_calls,    &tree_calls,   &pointer_calls, &embedded_calls, &text_calls,
    &array_calls,   &union_calls,  &context_calls, &failure_calls,  &vector_calls,
    &package_calls, &roster_calls, NULL,
};

static const char *const column_names[COLUMN_COUNT] = {
    [RAISED] = "exception",    [KEPT_OUT] = "failed before the manager",
    [SEEN] = "seen",           [BUILT] = "built",
    [RECEIVED] = "received",   [CLIENT_ORPHANED] = "client orphaned",
    [ALLOCATED] = "allocated", [SERVER_ORPHANED] = "server orphaned",
};

static unsigned long raised_by_last_remote, raised_in_call;
static long seen_in_call;

const char *column_name(const struct call *call, enum column column) {
    return column == SEEN && call->seen ? call->seen : column_names[column];
}

void remote_begins(void) { ledger_enter(INSIDE_CALL); }

void remote_ends(unsigned long raised) {
    ledger_enter(OUTSIDE_CALL);
    raised_by_last_remote = raised;
    if (raised)
        raised_in_call = raised;
}

unsigned long remote_raised(void) { return raised_by_last_remote; }

void seen(long value) { seen_in_call = value; }

int count_of_calls(void) {
    int count = 0;

    for (int i = 0; all_calls[i]; i++)
        count += all_calls[i]->count;
    return count;
}

static void read_client(struct measurement *measurement) {
    struct ledger ledger = ledger_read();

    measurement->column[RAISED].blocks = (long)raised_in_call;
    measurement->column[SEEN].blocks = seen_in_call;
    measurement->column[BUILT] = ledger.allocated[OUTSIDE_CALL];
    measurement->column[RECEIVED] = ledger.allocated[INSIDE_CALL];
    measurement->column[CLIENT_ORPHANED] = watch_releases();
    measurement->client_left = ledger_release_live();
    measurement->client_freed = ledger.freed[OUTSIDE_CALL];
    measurement->stub_freed = ledger.freed[INSIDE_CALL];
    measurement->client_checks = checks_read();
    measurement->strange_blocks = ledger.unknown_frees + ledger.unaligned + ledger.unowned_blocks;
}

static struct tally server_tally(handle_t binding, SERVER_NUMBER blocks) {
    return (struct tally){control_number(binding, blocks), control_number(binding, blocks + 1)};
}

void server_text(handle_t binding, SERVER_TEXT which, char *text) {
    hyper characters;

    for (LONG from = 0; from < SERVER_TEXT_CAPACITY; from += (LONG)sizeof(characters)) {
        characters = control_text(binding, which, from);
        memcpy(text + from, &characters, sizeof(characters));
        if (memchr(text + from, 0, sizeof(characters)))
            return;
    }
}

static void read_server(struct measurement *measurement, handle_t binding) {
    struct checks *checks = &measurement->server_checks;
    char failure[SERVER_TEXT_CAPACITY];

    measurement->column[ALLOCATED] = server_tally(binding, SERVER_ALLOCATED_BLOCKS);
    measurement->column[SERVER_ORPHANED] = server_tally(binding, SERVER_LIVE_BLOCKS);
    measurement->server_freed = server_tally(binding, SERVER_FREED_BLOCKS);
    measurement->strange_blocks += control_number(binding, SERVER_STRANGE_BLOCKS);
    checks->made = control_number(binding, SERVER_CHECKS_MADE);
    checks->failed = control_number(binding, SERVER_CHECKS_FAILED);
    if (checks->failed) {
        server_text(binding, SERVER_FIRST_FAILURE, failure);
        snprintf(checks->first_failure, sizeof(checks->first_failure), "%.159s", failure);
    }
    measurement->column[KEPT_OUT].blocks = checks->made == 0; /* every manager checks something */
}

/* A call whose data do not arrive may run into a null pointer: that is its failure alone. */
static void make_guarded(const struct call *call, handle_t binding) {
    RpcTryExcept { call->make(binding); }
    RpcExcept(1) {
        ledger_enter(OUTSIDE_CALL);
        check_that(0, call->name, 0, "the client code to go through");
    }
    RpcEndExcept
}

struct measurement measure(const struct call *call, handle_t binding) {
    struct measurement measurement = {0};
    volatile unsigned long lost = 0;

    raised_in_call = 0;
    seen_in_call = 0;
    ledger_begin();
    checks_begin();
    RpcTryExcept {
        control_begin(binding);
        make_guarded(call, binding);
        read_client(&measurement);
        control_end(binding);
        read_server(&measurement, binding);
    }
    RpcExcept(1) { lost = (DWORD)RpcExceptionCode(); }
    RpcEndExcept if (lost) {
        printf("Bail out! %s: the server does not answer (exception %#lx)\n", call->name, lost);
        fflush(stdout);
        _Exit(3);
    }
    return measurement;
}

static const struct deviation *deviation(const struct call *call, enum mode mode,
                                         enum column column) {
    for (const struct deviation *here = call->here; here->modes; here++)
        if (here->column == column && (here->modes & mode))
            return here;
    return NULL;
}

struct tally expected_here(const struct call *call, enum mode mode, enum column column) {
    const struct deviation *here = deviation(call, mode, column);

    return here ? here->here : call->documented[column];
}

const char *deviation_reason(const struct call *call, enum mode mode, enum column column) {
    const struct deviation *here = deviation(call, mode, column);

    return here ? here->because : NULL;
}

int same(struct tally a, struct tally b) { return a.blocks == b.blocks && a.bytes == b.bytes; }

struct tally sum(struct tally a, struct tally b) {
    return (struct tally){a.blocks + b.blocks, a.bytes + b.bytes};
}

struct tally difference(struct tally a, struct tally b) {
    return (struct tally){a.blocks - b.blocks, a.bytes - b.bytes};
}

const char *shown(struct tally tally) {
    static char ring[16][24];
    static int next;
    char *text = ring[next++ % 16];

    if (tally.bytes)
        snprintf(text, sizeof(ring[0]), "%ld/%ld", tally.blocks, tally.bytes);
    else
        snprintf(text, sizeof(ring[0]), "%ld", tally.blocks);
    return text;
}
