/*
 * check.h - conditions that a test collects before it reports one line.
 *
 * Any thread may check; the main thread alone reports. A test that checked nothing has failed.
 */
#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>

#define CHECK(condition) check_that((condition), #condition, __FILE__, __LINE__)

/* Returns passed. */
bool check_that(bool passed, const char *text, const char *file, int line);

/* Whether a check has failed since the last report. */
bool check_failed(void);

/* Reports what was checked since the last report. */
void check_end(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Runs body in a child and reports one test: all its checks passed, at least one was made, and
 * the child came to its end.
 */
void check_child(void (*body)(void *), void *argument, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* In a child of check_child or of a fork: ends it with what was checked, 0 or 1. */
_Noreturn void check_exit(void);

#endif /* CHECK_H */
