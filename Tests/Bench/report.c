/* report.c - the tables; see report.h. */
#include "report.h"

enum { FIRST_WIDTH = 76, WIDTH = 15 };

static void print_cell(FILE *file, const char *text) { fprintf(file, " %*s |", WIDTH, text); }

static void print_head(FILE *file, const struct results *results, const char *title,
                       const char *last) {
    fprintf(file, "\n| %-*s |", FIRST_WIDTH, title);
    for (int i = 0; i < results->candidate_count; i++)
        print_cell(file, results->candidates[i].name);
    if (last != NULL)
        print_cell(file, last);
    fprintf(file, "\n| %.*s |", FIRST_WIDTH,
            "--------------------------------------------------------------------------------");
    for (int i = 0; i < results->candidate_count + (last != NULL); i++)
        fprintf(file, " %.*s: |", WIDTH - 1, "--------------------");
    fprintf(file, "\n");
}

static void print_first(FILE *file, const struct workload *workload) {
    char text[128];
    snprintf(text, sizeof text, "%s: %s", workload->name, workload->title);
    fprintf(file, "| %-*s |", FIRST_WIDTH, text);
}

/* Three digits that count, and the spread. */
static void print_time(FILE *file, const struct timing *times) {
    char text[64] = "-";
    if (times->count > 0) {
        double median = timing_median(times);
        snprintf(text, sizeof text, "%.*f \u00b1%2.0f%%", median < 100 ? 2 : 0, median,
                 timing_spread(times));
        fprintf(file, " %*s |", WIDTH + 1, text); /* the sign takes two bytes */
    } else {
        print_cell(file, text);
    }
}

static void print_number(FILE *file, double number, const char *format) {
    char text[64];
    snprintf(text, sizeof text, format, number);
    print_cell(file, number > 0 ? text : "-");
}

static int ours(const struct results *results) {
    for (int i = 0; i < results->candidate_count; i++)
        if (strcmp(results->candidates[i].name, CANDIDATE_OURS) == 0)
            return i;
    return -1;
}

static void report_times(FILE *file, const struct results *results) {
    int index = ours(results);
    print_head(file, results, "nanoseconds for an allocation and its free", "ours/best other");
    for (int i = 0; i < results->workload_count; i++) {
        print_first(file, results->workloads[i]);
        for (int k = 0; k < results->candidate_count; k++)
            print_time(file, &results->table[i][k].times);
        double fastest = results_fastest(results, i, index);
        bool compares = index >= 0 && results->table[i][index].times.count > 0 && fastest > 0;
        print_number(file, compares ? timing_median(&results->table[i][index].times) / fastest : 0,
                     "%.2f");
        fprintf(file, "\n");
    }
    fprintf(file, "| %-*s |", FIRST_WIDTH, "geometric mean, to the fastest");
    for (int k = 0; k < results->candidate_count; k++)
        print_number(file, results_is_bound(results, k) ? 0 : results_mean_time(results, k),
                     "%.2f");
    print_cell(file, "");
    fprintf(file, "\n");
}

static void report_peaks(FILE *file, const struct results *results) {
    print_head(file, results, "peak of memory in MiB", NULL);
    for (int i = 0; i < results->workload_count; i++) {
        print_first(file, results->workloads[i]);
        for (int k = 0; k < results->candidate_count; k++) {
            const struct timing *peaks = &results->table[i][k].peaks;
            print_number(file, peaks->count > 0 ? timing_median(peaks) / 1024 / 1024 : 0, "%.2f");
        }
        fprintf(file, "\n");
    }
    fprintf(file, "| %-*s |", FIRST_WIDTH,
            "geometric mean, to the smallest, where that is 1 MiB and more");
    for (int k = 0; k < results->candidate_count; k++)
        print_number(file, results_is_bound(results, k) ? 0 : results_mean_peak(results, k),
                     "%.2f");
    fprintf(file, "\n");
}

static const struct timing *threads_of(const struct result *result) { return &result->scales; }
static const struct timing *processes_of(const struct result *result) { return &result->processes; }

static void report_scales(FILE *file, const struct results *results, const char *title,
                          const struct timing *scales_of(const struct result *result)) {
    print_head(file, results, title, NULL);
    for (int i = 0; i < results->workload_count; i++) {
        if (results->workloads[i]->has_threads)
            continue;
        print_first(file, results->workloads[i]);
        for (int k = 0; k < results->candidate_count; k++) {
            const struct timing *scales = scales_of(&results->table[i][k]);
            print_number(file, scales->count > 0 ? timing_median(scales) : 0, "%.2f");
        }
        fprintf(file, "\n");
    }
}

static bool has_scales(const struct results *results) {
    for (int i = 0; i < results->workload_count; i++)
        for (int k = 0; k < results->candidate_count; k++)
            if (results->table[i][k].scales.count > 0)
                return true;
    return false;
}

void report_tables(FILE *file, const struct results *results) {
    char machine[256];
    timing_describe_machine(machine, sizeof machine);
    fprintf(file,
            "%s: `%s`\n\nMedian of %d interleaved rounds, each a process of its own that takes the "
            "best of 5 "
            "repetitions; ± half the distance of the quartiles.\n",
            machine, results->command, results->round_count);
    report_times(file, results);
    report_peaks(file, results);
    if (!has_scales(results))
        return;
    report_scales(file, results, "throughput of two threads, each its own blocks, in that of one",
                  threads_of);
    report_scales(file, results, "the same of two processes: what the machine gives", processes_of);
}
