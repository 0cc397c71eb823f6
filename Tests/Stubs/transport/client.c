/*
 * The client: makes every call over one transport and reports.
 *
 *     client plan                                    how many test lines tap and crowd print
 *     client tap   MODE PROTOCOL ENDPOINT LIBRARY SERVER_LIBRARY FIRST
 *                                                    test lines from number FIRST
 *     client crowd MODE PROTOCOL ENDPOINT LIBRARY SERVER_LIBRARY FIRST
 *                                                    one of two at once; test lines as well
 *     client table MODE PROTOCOL ENDPOINT LIBRARY SERVER_LIBRARY
 *                                                    the table for a reader
 *     client stop  MODE PROTOCOL ENDPOINT            ends the server
 *
 * MODE is the option of widl that made the stubs, LIBRARY and SERVER_LIBRARY a part of the name of
 * the file that the pair must come from in the client and in the server. The exit status is 0 if
 * everything is as expected, else 1.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "binding.h"
#include "control.h"
#include "crowd.h"
#include "report.h"

int main(int count, char **arguments) {
    struct session session;
    const char *command = count > 1 ? arguments[1] : "";
    int first = count > 7 ? atoi(arguments[7]) : 1;

    if (strcmp(command, "plan") == 0) {
        printf("%d %d\n", tap_plan(), crowd_plan());
        return 0;
    }
    if (count < (strcmp(command, "stop") == 0 ? 5 : 7)) {
        fprintf(stderr, "usage: client plan | stop MODE PROTOCOL ENDPOINT | tap|crowd|table MODE "
                        "PROTOCOL ENDPOINT LIBRARY SERVER_LIBRARY [FIRST]\n");
        return 2;
    }
    session.mode_name = arguments[2];
    session.mode = strcmp(session.mode_name, "-Os") == 0 ? COMPILED : INTERPRETED;
    session.protocol = arguments[3];
    session.binding = bind_to(session.protocol, arguments[4]);
    session.library = arguments[5];
    session.server_library = arguments[6];
    if (strcmp(command, "tap") == 0)
        return tap(&session, first) ? 1 : 0;
    if (strcmp(command, "crowd") == 0)
        return crowd(&session, first) ? 1 : 0;
    if (strcmp(command, "table") == 0)
        return table(&session) ? 1 : 0;
    control_stop(session.binding);
    return 0;
}
