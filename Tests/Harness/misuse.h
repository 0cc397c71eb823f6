/*
 * misuse.h - children that must end by misuse, and the line they must print.
 */
#ifndef MISUSE_H
#define MISUSE_H

#include "support.h"

/* In the child, right before the call that must not return: the pointer that
 * the line has to name. Returns the pointer. */
void *misuse_expect(const void *pointer);

/* In the child, when a call has returned that must not. */
_Noreturn void misuse_survived(void);

/*
 * Runs body in a child and reports one test: the child died of SIGABRT, after
 * exactly one line on standard error with the function's name (in either
 * spelling: they are one function), the expected pointer in hexadecimal and a
 * cause. When cause is not NULL it receives the line without function and
 * pointer, at most 256 bytes of it.
 */
void misuse_test(void (*body)(void *), void *argument, const char *function, char *cause,
                 const char *format, ...) __attribute__((format(printf, 5, 6)));

#endif /* MISUSE_H */
