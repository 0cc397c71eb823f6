/* Lines of TAP; see line.h. */
#include <stdarg.h>
#include <stdio.h>

#include "line.h"

static const struct session *session;
static int number;
static int failures;

void lines_begin(const struct session *with, int first) {
    session = with;
    number = first;
    failures = 0;
}

void line(int holds, const char *subject, const char *format, ...) {
    va_list arguments;

    printf("%sok %d - %s %s %s: ", holds ? "" : "not ", number++, session->mode_name,
           session->protocol, subject);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    failures += !holds;
}

int lines_failed(void) { return failures; }
