/*
 * tap.c - see tap.h.
 *
 * Each line is flushed at once: a buffer that is full when a test forks would
 * be printed by the child too.
 */
#include "tap.h"

#include <stdarg.h>
#include <stdio.h>

static const char *current_form = "";
static const char *current_group = "";
static int test_count;
static int failure_count;

void tap_begin(const char *form, const char *group) {
    current_form = form;
    current_group = group;
}

bool tap_ok(bool passed, const char *format, ...) {
    va_list arguments;
    test_count++;
    failure_count += !passed;
    printf("%sok %d - %s: %s: ", passed ? "" : "not ", test_count, current_form, current_group);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf("\n");
    fflush(stdout);
    return passed;
}

void tap_note(const char *format, ...) {
    va_list arguments;
    printf("# ");
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf("\n");
    fflush(stdout);
}

int tap_end(void) {
    printf("1..%d\n", test_count);
    fflush(stdout);
    return failure_count != 0 || test_count == 0;
}
