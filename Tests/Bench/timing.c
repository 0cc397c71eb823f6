/* Clock, medians, machine. */
#include "timing.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

double timing_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

void timing_add(struct timing *timing, double nanoseconds) {
    if (timing->count < TIMING_ROUND_LIMIT)
        timing->rounds[timing->count++] = nanoseconds;
}

static int compare(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static double quantile(const struct timing *timing, double share) {
    double sorted[TIMING_ROUND_LIMIT];
    memcpy(sorted, timing->rounds, timing->count * sizeof sorted[0]);
    qsort(sorted, timing->count, sizeof sorted[0], compare);
    return sorted[(size_t)((double)(timing->count - 1) * share + 0.5)];
}

double timing_median(const struct timing *timing) { return quantile(timing, 0.5); }

double timing_spread(const struct timing *timing) {
    return 50 * (quantile(timing, 0.75) - quantile(timing, 0.25)) / timing_median(timing);
}

void timing_describe_machine(char *text, size_t byte_count) {
    char model[256] = "unknown processor", line[256];
    FILE *cpuinfo = fopen("/proc/cpuinfo", "r");
    while (cpuinfo != NULL && fgets(line, sizeof line, cpuinfo) != NULL) {
        if (strncmp(line, "model name", 10) == 0) {
            snprintf(model, sizeof model, "%s", strchr(line, ':') + 2);
            model[strcspn(model, "\n")] = '\0';
            break;
        }
    }
    if (cpuinfo != NULL)
        fclose(cpuinfo);
    time_t now = time(NULL);
    strftime(line, sizeof line, "%Y-%m-%d", localtime(&now));
    snprintf(text, byte_count, "%s, %ld processors, %s", model, sysconf(_SC_NPROCESSORS_ONLN),
             line);
}

void timing_print_machine(const char *command) {
    char text[512];
    timing_describe_machine(text, sizeof text);
    printf("# %s\n# %s\n", text, command);
}

void timing_pin(int processor) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(processor % (int)sysconf(_SC_NPROCESSORS_ONLN), &set);
    pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}
