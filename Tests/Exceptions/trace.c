/* trace.c - see trace.h. */
#include "trace.h"
#include "tap.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static char text[4096];
static size_t length;

void trace_clear(void) {
    text[0] = '\0';
    length = 0;
}

void trace(const char *format, ...) {
    va_list arguments;
    if (length != 0 && length < sizeof text - 1)
        text[length++] = ' ';
    va_start(arguments, format);
    int count = vsnprintf(text + length, sizeof text - length, format, arguments);
    va_end(arguments);
    length += (size_t)count < sizeof text - length ? (size_t)count : sizeof text - 1 - length;
}

const char *trace_text(void) { return text; }

bool trace_ok(const char *wanted, const char *name) {
    bool same = strcmp(text, wanted) == 0;
    if (!tap_ok(same, "%s", name)) {
        tap_note("wanted: %s", wanted);
        tap_note("ran:    %s", text);
    }
    trace_clear();
    return same;
}
