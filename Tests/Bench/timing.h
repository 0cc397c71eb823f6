/* timing.h - clock, medians and the header of a table; for the benchmark programs. */
#ifndef TIMING_H
#define TIMING_H

#include <stddef.h>

enum { TIMING_ROUND_LIMIT = 101 };

/* The times of one candidate, one for each round, in nanoseconds. */
struct timing {
    double rounds[TIMING_ROUND_LIMIT];
    size_t count;
};

/* Nanoseconds since some moment. */
double timing_now(void);

void timing_add(struct timing *timing, double nanoseconds);
double timing_median(const struct timing *timing);
/* Half of the distance between the quartiles, in percent of the median. */
double timing_spread(const struct timing *timing);

/* The machine, the date and the command, as lines that begin with "# ". */
void timing_print_machine(const char *command);
/* The machine and the date alone, without a line's end. */
void timing_describe_machine(char *text, size_t byte_count);

/* Keeps the calling thread on one processor. */
void timing_pin(int processor);

#endif /* TIMING_H */
