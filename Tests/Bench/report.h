/* report.h - the tables, in Markdown that is read as plain text as well, and the chart. */
#ifndef REPORT_H
#define REPORT_H

#include "results.h"

#include <stdio.h>

void report_tables(FILE *file, const struct results *results);

/* Horizontal bars, a group for each workload: times in those of the fastest. */
void report_chart(FILE *file, const struct results *results);

#endif /* REPORT_H */
