/*
 * The client: makes every call over one transport and reports.
 *
 *     client plan                                             how many test lines tap prints
 *     client tap   MODE PROTOCOL ENDPOINT LIBRARY FIRST       test lines from number FIRST
 *     client table MODE PROTOCOL ENDPOINT LIBRARY             the table for a reader
 *     client stop  MODE PROTOCOL ENDPOINT LIBRARY             ends the server
 *
 * MODE is the option of widl that made the stubs, LIBRARY a part of the name of the file that the
 * pair must come from. The exit status is 0 if everything is as expected, else 1.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control.h"
#include "report.h"

static handle_t bind_to(const char *protocol, const char *endpoint) {
    const char *address = strcmp(protocol, "ncacn_ip_tcp") == 0 ? "127.0.0.1" : NULL;
    handle_t binding = NULL;
    RPC_CSTR text;

    if (RpcStringBindingComposeA(NULL, (RPC_CSTR)protocol, (RPC_CSTR)address, (RPC_CSTR)endpoint,
                                 NULL, &text) != RPC_S_OK ||
        RpcBindingFromStringBindingA(text, &binding) != RPC_S_OK) {
        fprintf(stderr, "client: no binding for %s %s\n", protocol, endpoint);
        exit(2);
    }
    RpcStringFreeA(&text);
    return binding;
}

int main(int count, char **arguments) {
    struct session session;
    const char *command = count > 1 ? arguments[1] : "";

    if (strcmp(command, "plan") == 0) {
        printf("%d\n", tap_plan());
        return 0;
    }
    if (count < 6) {
        fprintf(stderr, "usage: client plan | tap|table|stop MODE PROTOCOL ENDPOINT LIBRARY "
                        "[FIRST]\n");
        return 2;
    }
    session.mode_name = arguments[2];
    session.mode = strcmp(session.mode_name, "-Os") == 0 ? COMPILED : INTERPRETED;
    session.protocol = arguments[3];
    session.binding = bind_to(session.protocol, arguments[4]);
    session.library = arguments[5];
    if (strcmp(command, "tap") == 0)
        return tap(&session, count > 6 ? atoi(arguments[6]) : 1) ? 1 : 0;
    if (strcmp(command, "table") == 0)
        return table(&session) ? 1 : 0;
    control_stop(session.binding);
    return 0;
}
