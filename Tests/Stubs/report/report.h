/*
 * report.h - the two outputs of the client: TAP for programs, a table for people.
 */
#ifndef STUBS_REPORT_H
#define STUBS_REPORT_H

#include "measurement.h"

struct session {
    handle_t binding;
    enum mode mode;
    const char *mode_name; /* -Os, -Oicf */
    const char *protocol;  /* ncacn_ip_tcp, ncalrpc */
    /* Part of the name of the file that the pair must come from, here and in the server. */
    const char *library, *server_library;
};

/* How many test lines tap prints. */
int tap_plan(void);

/* Prints the test lines, numbered from first, and returns how many failed. */
int tap(const struct session *session, int first);

/* Prints one row for each call and returns how many calls are not as expected. */
int table(const struct session *session);

#endif
