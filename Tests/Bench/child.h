/* child.h - one workload with one allocator, in a process of its own. */
#ifndef CHILD_H
#define CHILD_H

#include "candidates.h"
#include "workload.h"

enum child_kind {
    CHILD_TIME,  /* nanoseconds for an operation; peak of memory in bytes */
    CHILD_SCALE, /* throughput of two threads, in that of one; the same of two processes */
    CHILD_SHORT, /* a few operations, to see whether contents survive; nothing */
    CHILD_SHORT_SCALE,
};

enum child_end {
    CHILD_DONE,
    CHILD_ABSENT,  /* no such library here, or the workload is not for this allocator */
    CHILD_DAMAGED, /* a block had lost its contents */
    CHILD_FAILED,  /* ended in any other way */
};

/* Runs this program again with child_main, and waits. */
enum child_end child_run(enum child_kind kind, const struct workload *workload,
                         const struct candidate *candidate, double values[2]);

/* What that process does; returns its exit status. */
int child_main(enum child_kind kind, const struct workload *workload,
               const struct candidate *candidate);

#endif /* CHILD_H */
