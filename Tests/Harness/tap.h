/*
 * tap.h - results in the Test Anything Protocol, on standard output.
 *
 * Only the main thread of the test program itself reports. Threads and
 * children hand their findings to it.
 */
#ifndef TAP_H
#define TAP_H

#include <stdbool.h>

/* Every test's name begins with form and group: "ok 1 - shared: fork: ...". */
void tap_begin(const char *form, const char *group);

/* Prints one line; returns passed, so that a detail can follow a failure. */
bool tap_ok(bool passed, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A comment line, for what a person needs to understand the line above. */
void tap_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints the plan. Returns the program's exit status: 1 when a test failed. */
int tap_end(void);

#endif /* TAP_H */
