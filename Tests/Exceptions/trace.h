/*
 * trace.h - the order in which pieces of a test ran.
 *
 * The text is static: what runs after a raise reads it without volatile locals.
 */
#ifndef TRACE_H
#define TRACE_H

#include <stdbool.h>

void trace_clear(void);
void trace(const char *format, ...) __attribute__((format(printf, 1, 2)));
const char *trace_text(void);

/* One result: the pieces ran in this order. Clears the trace. */
bool trace_ok(const char *wanted, const char *name);

#endif /* TRACE_H */
