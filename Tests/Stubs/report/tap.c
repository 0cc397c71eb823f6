/*
 * TAP: four lines for each call (data, client, server, orphans), then those about the run.
 *
 * Numbers are blocks/bytes. The description is what is expected; where that is not what the
 * documents say it ends with the documented number and the reason. A failed line is followed by
 * what was got instead.
 */
#include <stdio.h>
#include <string.h>

#include "control.h"
#include "line.h"
#include "origin.h"
#include "report.h"

enum { LINES_PER_CALL = 4, LINES_PER_RUN = 7 };

static const struct session *session;

int tap_plan(void) { return LINES_PER_CALL * count_of_calls() + LINES_PER_RUN; }

/* Ends a line: why the numbers of these columns are not the documented ones. */
static void reasons(const struct call *call, const enum column *columns, int count) {
    for (int i = 0; i < count; i++) {
        const char *reason = deviation_reason(call, session->mode, columns[i]);

        if (reason)
            printf(" [%s is documented as %s; %s]", column_name(call, columns[i]),
                   shown(call->documented[columns[i]]), reason);
    }
    printf(" (%s)\n", call->rules);
}

static void got_number(const char *what, struct tally expected, struct tally measured) {
    if (expected.blocks != measured.blocks)
        printf("# %s: expected %ld, got %ld\n", what, expected.blocks, measured.blocks);
}

static void data_line(const struct call *call, const struct measurement *measured) {
    static const enum column columns[] = {RAISED, KEPT_OUT, SEEN};
    struct tally raised = expected_here(call, session->mode, RAISED);
    struct tally kept_out = expected_here(call, session->mode, KEPT_OUT);
    struct tally observed = expected_here(call, session->mode, SEEN);

    line(same(raised, measured->column[RAISED]) && same(kept_out, measured->column[KEPT_OUT]) &&
             same(observed, measured->column[SEEN]) && !measured->client_checks.failed &&
             !measured->server_checks.failed,
         call->name, "data: exception %ld, manager %sreached", raised.blocks,
         kept_out.blocks ? "not " : "");
    if (call->seen)
        printf(", %s: %ld", call->seen, observed.blocks);
    reasons(call, columns, 3);
    got_number("exception", raised, measured->column[RAISED]);
    got_number("failed before the manager", kept_out, measured->column[KEPT_OUT]);
    got_number(column_name(call, SEEN), observed, measured->column[SEEN]);
    if (measured->client_checks.failed)
        printf("# client, %s\n", measured->client_checks.first_failure);
    if (measured->server_checks.failed)
        printf("# server, %s\n", measured->server_checks.first_failure);
}

static void got(const char *what, struct tally expected, struct tally measured) {
    if (!same(expected, measured))
        printf("# %s: expected %s, got %s\n", what, shown(expected), shown(measured));
}

static void client_line(const struct call *call, const struct measurement *measured) {
    static const enum column columns[] = {BUILT, RECEIVED, CLIENT_ORPHANED};
    const struct tally none = {0, 0};
    struct tally built = expected_here(call, session->mode, BUILT);
    struct tally received = expected_here(call, session->mode, RECEIVED);
    struct tally orphaned = expected_here(call, session->mode, CLIENT_ORPHANED);
    struct tally freed = difference(sum(built, received), orphaned);

    line(same(built, measured->column[BUILT]) && same(received, measured->column[RECEIVED]) &&
             same(freed, measured->client_freed) && same(none, measured->stub_freed),
         call->name, "client: built %s, received %s, freed %s, by the stub 0", shown(built),
         shown(received), shown(freed));
    reasons(call, columns, 3);
    got("built", built, measured->column[BUILT]);
    got("received", received, measured->column[RECEIVED]);
    got("freed", freed, measured->client_freed);
    got("freed by the client stub", none, measured->stub_freed);
}

static void server_line(const struct call *call, const struct measurement *measured) {
    static const enum column columns[] = {ALLOCATED, SERVER_ORPHANED};
    struct tally allocated = expected_here(call, session->mode, ALLOCATED);
    struct tally orphaned = expected_here(call, session->mode, SERVER_ORPHANED);
    struct tally freed = difference(allocated, orphaned);

    line(same(allocated, measured->column[ALLOCATED]) && same(freed, measured->server_freed),
         call->name, "server: allocated %s, freed %s", shown(allocated), shown(freed));
    reasons(call, columns, 2);
    got("allocated", allocated, measured->column[ALLOCATED]);
    got("freed", freed, measured->server_freed);
}

static void orphan_line(const struct call *call, const struct measurement *measured) {
    static const enum column columns[] = {CLIENT_ORPHANED, SERVER_ORPHANED};
    const struct tally none = {0, 0};
    struct tally client = expected_here(call, session->mode, CLIENT_ORPHANED);
    struct tally server = expected_here(call, session->mode, SERVER_ORPHANED);

    line(same(client, measured->column[CLIENT_ORPHANED]) && same(none, measured->client_left) &&
             same(server, measured->column[SERVER_ORPHANED]),
         call->name, "orphaned: client %s, found and released, server %s", shown(client),
         shown(server));
    reasons(call, columns, 2);
    got("left on the client", none, measured->client_left);
    got("orphaned on the client", client, measured->column[CLIENT_ORPHANED]);
    got("orphaned on the server", server, measured->column[SERVER_ORPHANED]);
}

static void skipped_lines(const struct call *call) {
    static const char *const subjects[LINES_PER_CALL] = {"data", "client", "server", "orphaned"};

    for (int i = 0; i < LINES_PER_CALL; i++)
        line(1, call->name, "%s # SKIP %s\n", subjects[i], call->skipped_because);
}

static void origin_lines(const char *side, const char *library, const struct origin *origin) {
    int is_librarys = origin->sizes_hold && strstr(origin->allocate_from, library) &&
                      strstr(origin->free_from, library);

    line(is_librarys, side, "the pair is that of %s, midl_memory_size knows its blocks\n", library);
    if (!is_librarys)
        printf("# got %s and %s, sizes %s\n", origin->allocate_from, origin->free_from,
               origin->sizes_hold ? "hold" : "do not hold");
    line(!origin->elsewhere[0], side,
         "the functions of rpcss.h are from the same file, not from "
         "rpcrt4.dll\n");
    if (origin->elsewhere[0])
        printf("# got %s from elsewhere\n", origin->elsewhere);
}

static struct origin origin_in_server(void) {
    struct origin origin;
    char text[SERVER_TEXT_CAPACITY];

    control_origin(session->binding);
    server_text(session->binding, SERVER_ALLOCATE_FROM, origin.allocate_from);
    server_text(session->binding, SERVER_FREE_FROM, origin.free_from);
    server_text(session->binding, SERVER_ELSEWHERE, text);
    snprintf(origin.elsewhere, sizeof(origin.elsewhere), "%.63s", text);
    origin.sizes_hold = control_number(session->binding, SERVER_SIZES_HOLD);
    return origin;
}

/* The language of the manager of roster.idl: its calls are the same in both. */
static void language_line(void) {
    const char *expected = strstr(session->server_library, "swift") ? "Swift" : "C";
    char language[SERVER_TEXT_CAPACITY];

    server_text(session->binding, SERVER_ROSTER_LANGUAGE, language);
    line(strcmp(language, expected) == 0, "server", "the manager of the roster is in %s\n",
         expected);
}

static void nothing(handle_t binding) { (void)binding; }

/* What the measurement itself costs, without a call in it. */
static void trace_line(void) {
    static const struct call no_call = {.name = "control", .make = nothing};
    struct measurement measured = measure(&no_call, session->binding);

    line(measured.column[ALLOCATED].blocks == 0 && measured.column[RECEIVED].blocks == 0, "control",
         "the control interface leaves no trace in the counts\n");
}

int tap(const struct session *with, int first) {
    struct origin client = origin_of_pair(), server;
    long strange_blocks = 0;

    session = with;
    lines_begin(session, first);
    origin_lines("client", session->library, &client);
    server = origin_in_server();
    origin_lines("server", session->server_library, &server);
    language_line();
    trace_line();
    for (int i = 0; all_calls[i]; i++)
        for (int j = 0; j < all_calls[i]->count; j++) {
            const struct call *call = &all_calls[i]->calls[j];
            struct measurement measured;

            if (call->skipped_in & session->mode) {
                skipped_lines(call);
                continue;
            }
            measured = measure(call, session->binding);
            data_line(call, &measured);
            client_line(call, &measured);
            server_line(call, &measured);
            orphan_line(call, &measured);
            strange_blocks += measured.strange_blocks;
            fflush(stdout);
        }
    line(strange_blocks == 0, "all calls",
         "every block aligned to 8, known to the library, freed once\n");
    if (strange_blocks)
        printf("# got %ld blocks or frees that are not\n", strange_blocks);
    return lines_failed();
}
