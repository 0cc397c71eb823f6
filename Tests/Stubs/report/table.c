/* The table: a row for each call, and below it the reasons for what is left or is unusual. */
#include <stdio.h>

#include "report.h"

/* "-" reads better than a zero in a table of mostly zeros. */
static const char *cell(struct tally tally) {
    return tally.blocks || tally.bytes ? shown(tally) : "-";
}

static void heading(void) {
    printf(
        "built: blocks/bytes of the client application. received: of the client stub. allocated: "
        "of server stub and manager.\n");
    printf("On each side all that is not freed is orphaned: live, and no pointer reaches it any "
           "more; the lines below say why.\n");
    printf("What is orphaned on the client midl_orphans_find finds after the call and "
           "midl_orphans_release gives back. left: on the client, after that.\n\n");
    printf("%-23s %-9s %37s   %29s   %6s\n", "", "", "------------- client --------------",
           "---------- server ----------", "client");
    printf("%-23s %-9s %8s %9s %8s %9s   %9s %8s %10s   %6s\n", "call", "direction", "built",
           "received", "freed", "orphaned", "allocated", "freed", "orphaned", "left");
}

static void row(const char *name, const char *direction, const struct measurement *measured) {
    printf("%-23s %-9s %8s %9s %8s %9s   %9s %8s %10s   %6s\n", name, direction,
           cell(measured->column[BUILT]), cell(measured->column[RECEIVED]),
           cell(measured->client_freed), cell(measured->column[CLIENT_ORPHANED]),
           cell(measured->column[ALLOCATED]), cell(measured->server_freed),
           cell(measured->column[SERVER_ORPHANED]), shown(measured->client_left));
}

static void reason(const char *subject, struct tally tally, const char *text) {
    printf("    %s %s: %s\n", subject, shown(tally), text);
}

/* The reasons below a row. Returns whether everything is as expected. */
static int reasons(const struct call *call, enum mode mode, const struct measurement *measured) {
    int all_expected = !measured->client_checks.failed && !measured->server_checks.failed;

    if (!all_expected)
        printf("    NOT AS EXPECTED, data: %s\n", measured->client_checks.failed
                                                      ? measured->client_checks.first_failure
                                                      : measured->server_checks.first_failure);
    if (measured->stub_freed.blocks) {
        printf("    NOT AS EXPECTED, freed by the client stub: %s\n", shown(measured->stub_freed));
        all_expected = 0;
    }
    if (measured->client_left.blocks) {
        printf("    NOT AS EXPECTED, left on the client: %s\n", shown(measured->client_left));
        all_expected = 0;
    }
    for (enum column column = 0; column < COLUMN_COUNT; column++) {
        struct tally got = measured->column[column];
        struct tally expected = expected_here(call, mode, column);
        const char *deviates = deviation_reason(call, mode, column);

        if (!same(got, expected)) {
            printf("    NOT AS EXPECTED, %s: %s instead of %s\n", column_name(call, column),
                   shown(got), shown(expected));
            all_expected = 0;
        } else if (column == RAISED && got.blocks && !deviates) {
            printf("    exception %ld at the client, as documented: %s\n", got.blocks, call->rules);
        } else if (deviates) {
            printf("    %s %s, documented %s: %s\n", column_name(call, column), shown(got),
                   shown(call->documented[column]), deviates);
        } else if (column == CLIENT_ORPHANED && got.blocks) {
            reason("client orphaned", got, call->client_orphans);
        } else if (column == SERVER_ORPHANED && got.blocks) {
            reason("server orphaned", got, call->server_orphans);
        }
    }
    return all_expected;
}

static void add(struct measurement *total, const struct measurement *measured) {
    for (enum column column = BUILT; column < COLUMN_COUNT; column++)
        total->column[column] = sum(total->column[column], measured->column[column]);
    total->client_left = sum(total->client_left, measured->client_left);
    total->client_freed = sum(total->client_freed, measured->client_freed);
    total->server_freed = sum(total->server_freed, measured->server_freed);
}

int table(const struct session *session) {
    struct measurement total = {0};
    int unexpected = 0;

    heading();
    for (int i = 0; all_calls[i]; i++)
        for (int j = 0; j < all_calls[i]->count; j++) {
            const struct call *call = &all_calls[i]->calls[j];
            struct measurement measured;

            if (call->skipped_in & session->mode) {
                printf("%-23s %-9s not made in this mode: %s\n", call->name, call->direction,
                       call->skipped_because);
                continue;
            }
            measured = measure(call, session->binding);
            row(call->name, call->direction, &measured);
            unexpected += !reasons(call, session->mode, &measured);
            add(&total, &measured);
        }
    row("total", "", &total);
    return unexpected;
}
