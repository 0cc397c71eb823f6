/* results.c - see results.h. */
#include "results.h"

#include <math.h>

bool results_is_bound(const struct results *results, int candidate) {
    return strcmp(results->candidates[candidate].name, CANDIDATE_BOUND) == 0;
}

double results_fastest(const struct results *results, int workload, int except) {
    double fastest = 0;
    for (int i = 0; i < results->candidate_count; i++) {
        const struct timing *times = &results->table[workload][i].times;
        if (i == except || times->count == 0 || results_is_bound(results, i))
            continue;
        if (fastest == 0 || timing_median(times) < fastest)
            fastest = timing_median(times);
    }
    return fastest;
}

double results_smallest(const struct results *results, int workload) {
    double smallest = 0;
    for (int i = 0; i < results->candidate_count; i++) {
        const struct timing *peaks = &results->table[workload][i].peaks;
        if (peaks->count == 0 || results_is_bound(results, i))
            continue;
        if (smallest == 0 || timing_median(peaks) < smallest)
            smallest = timing_median(peaks);
    }
    return smallest;
}

bool results_counts_memory(const struct results *results, int workload) {
    return results_smallest(results, workload) >= 1024 * 1024;
}

double results_mean_time(const struct results *results, int candidate) {
    double sum = 0;
    for (int i = 0; i < results->workload_count; i++) {
        const struct timing *times = &results->table[i][candidate].times;
        if (times->count == 0)
            return 0;
        sum += log(timing_median(times) / results_fastest(results, i, -1));
    }
    return exp(sum / results->workload_count);
}

double results_mean_peak(const struct results *results, int candidate) {
    double sum = 0;
    int count = 0;
    for (int i = 0; i < results->workload_count; i++) {
        const struct timing *peaks = &results->table[i][candidate].peaks;
        if (!results_counts_memory(results, i))
            continue;
        if (peaks->count == 0)
            return 0;
        sum += log(timing_median(peaks) / results_smallest(results, i));
        count++;
    }
    return count == 0 ? 0 : exp(sum / count);
}
