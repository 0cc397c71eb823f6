/*
 * line.h - one line of TAP: "ok NUMBER - MODE PROTOCOL SUBJECT: ...".
 */
#ifndef STUBS_LINE_H
#define STUBS_LINE_H

#include "report.h"

/* The lines that follow are about this session and numbered from first. */
void lines_begin(const struct session *session, int first);

/* Prints a line; the format is what is expected and ends the line unless more is to follow. */
void line(int holds, const char *subject, const char *format, ...)
    __attribute__((format(gnu_printf, 3, 4)));

/* How many did not hold. */
int lines_failed(void);

#endif
