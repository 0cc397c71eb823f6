/* results.h - what the rounds have found, and what follows from it. */
#ifndef RESULTS_H
#define RESULTS_H

#include "candidates.h"
#include "timing.h"
#include "workload.h"

enum { WORKLOAD_LIMIT = 32 };

/* One workload with one candidate. A count of 0: it could not be run. */
struct result {
    struct timing times;     /* nanoseconds for an operation */
    struct timing peaks;     /* bytes */
    struct timing scales;    /* throughput of two threads, in that of one */
    struct timing processes; /* the same of two processes */
};

struct results {
    const struct workload *workloads[WORKLOAD_LIMIT];
    int workload_count;
    struct candidate candidates[CANDIDATE_LIMIT];
    int candidate_count;
    int round_count;
    char command[512];
    struct result table[WORKLOAD_LIMIT][CANDIDATE_LIMIT];
};

bool results_is_bound(const struct results *results, int candidate);

/* The least median of the candidates without the lower bound and without `except`; 0: none. */
double results_fastest(const struct results *results, int workload, int except);
double results_smallest(const struct results *results, int workload);

/* Peaks below 1 MiB are a matter of what an allocator sets up, and are left out of the mean. */
bool results_counts_memory(const struct results *results, int workload);

/* Geometric means, over the workloads, of a candidate's median to the fastest and the smallest;
 * 0 where a workload is missing. */
double results_mean_time(const struct results *results, int candidate);
double results_mean_peak(const struct results *results, int candidate);

#endif /* RESULTS_H */
