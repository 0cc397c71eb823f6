/*
 * allocators.c - our allocator against others, in the workloads of `workloads`.
 *
 *   allocators [--rounds N] [--only PART,...] [--with NAME,...] [--scale] [--output DIRECTORY]
 *   allocators --short
 *
 *   --rounds   how often every workload runs with every allocator; 3 if not given
 *   --only     the workloads whose names contain one of the parts
 *   --with     the allocators; NAME=LIBRARY is another build of ours
 *   --scale    two threads against one as well
 *   --output   writes allocators.md and allocators.svg there
 *   --short    a few operations of everything, to see whether contents survive; TAP, no times
 *
 * Each run is a process of its own, so that its memory and its state are its own. Rounds
 * interleave: within a round each workload runs with each allocator, in an order that rotates.
 */
#include "child.h"
#include "report.h"
#include "short.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

static struct results results;

static bool has_part(const char *name, const char *parts) {
    char copy[512], *rest = copy, *part;
    snprintf(copy, sizeof copy, "%s", parts);
    while ((part = strsep(&rest, ",")) != NULL)
        if (strstr(name, part) != NULL)
            return true;
    return false;
}

static void choose_workloads(const char *parts) {
    for (int i = 0; workloads[i] != NULL; i++)
        if (parts == NULL || has_part(workloads[i]->name, parts))
            results.workloads[results.workload_count++] = workloads[i];
}

/* False when a name is unknown. */
static bool choose_candidates(const char *names) {
    if (names == NULL) {
        results.candidate_count = candidates_known(results.candidates);
        return true;
    }
    char copy[2048], *rest = copy, *name;
    snprintf(copy, sizeof copy, "%s", names);
    while ((name = strsep(&rest, ",")) != NULL) {
        if (results.candidate_count == CANDIDATE_LIMIT ||
            !candidate_named(name, &results.candidates[results.candidate_count++])) {
            fprintf(stderr, "allocators: no allocator %s\n", name);
            return false;
        }
    }
    return true;
}

/* False when a process failed, which no table may hide. */
static bool run_one(enum child_kind kind, int workload, int candidate) {
    double values[2];
    enum child_end end =
        child_run(kind, results.workloads[workload], &results.candidates[candidate], values);
    struct result *result = &results.table[workload][candidate];
    if (end == CHILD_DONE && kind == CHILD_TIME) {
        timing_add(&result->times, values[0]);
        timing_add(&result->peaks, values[1]);
    } else if (end == CHILD_DONE) {
        timing_add(&result->scales, values[0]);
        timing_add(&result->processes, values[1]);
    } else if (end != CHILD_ABSENT) {
        fprintf(stderr, "allocators: %s with %s failed\n", results.workloads[workload]->name,
                results.candidates[candidate].name);
        return false;
    }
    return true;
}

static bool run_round(int round, bool has_scale) {
    bool passed = true;
    for (int i = 0; i < results.workload_count; i++) {
        for (int k = 0; k < results.candidate_count; k++) {
            int candidate = (round + i + k) % results.candidate_count;
            passed &= run_one(CHILD_TIME, i, candidate);
            if (has_scale && !results.workloads[i]->has_threads &&
                !results_is_bound(&results, candidate))
                passed &= run_one(CHILD_SCALE, i, candidate);
        }
    }
    return passed;
}

static bool write_file(const char *directory, const char *name,
                       void (*write_to)(FILE *file, const struct results *results)) {
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        perror(path);
        return false;
    }
    write_to(file, &results);
    printf("# written: %s\n", path);
    return fclose(file) == 0;
}

static int compare(bool has_scale, const char *output) {
    bool passed = true;
    for (int round = 0; round < results.round_count; round++) {
        fprintf(stderr, "round %d of %d\n", round + 1, results.round_count);
        passed &= run_round(round, has_scale);
    }
    report_tables(stdout, &results);
    if (output != NULL)
        passed &= write_file(output, "allocators.md", report_tables) &&
                  write_file(output, "allocators.svg", report_chart);
    return passed ? 0 : 1;
}

static int run_child(char **arguments) {
    struct candidate candidate;
    if (!candidate_named(arguments[2], &candidate))
        return 1;
    for (int i = 0; workloads[i] != NULL; i++)
        if (strcmp(workloads[i]->name, arguments[1]) == 0)
            return child_main((enum child_kind)atoi(arguments[0]), workloads[i], &candidate);
    return 1;
}

struct choice {
    const char *only, *with, *output;
    bool has_scale, is_short;
};

/* False when an option is unknown. */
static bool read_choice(int count, char **arguments, struct choice *choice) {
    static const struct option options[] = {
        {"rounds", required_argument, NULL, 'r'},
        {"only", required_argument, NULL, 'o'},
        {"with", required_argument, NULL, 'w'},
        {"scale", no_argument, NULL, 's'},
        {"output", required_argument, NULL, 'd'},
        {"short", no_argument, NULL, 't'},
        {NULL, 0, NULL, 0},
    };
    *choice = (struct choice){0};
    results.round_count = 3;
    for (int option; (option = getopt_long(count, arguments, "", options, NULL)) != -1;) {
        switch (option) {
        case 'r':
            results.round_count = atoi(optarg);
            break;
        case 'o':
            choice->only = optarg;
            break;
        case 'w':
            choice->with = optarg;
            break;
        case 's':
            choice->has_scale = true;
            break;
        case 'd':
            choice->output = optarg;
            break;
        case 't':
            choice->is_short = true;
            break;
        default:
            return false;
        }
    }
    return optind == count;
}

static void keep_command(int count, char **arguments) {
    for (int i = 0; i < count; i++) {
        size_t used = strlen(results.command);
        snprintf(results.command + used, sizeof results.command - used, "%s%s", i > 0 ? " " : "",
                 arguments[i]);
    }
}

int main(int count, char **arguments) {
    struct choice choice;
    if (count == 5 && strcmp(arguments[1], "--child") == 0)
        return run_child(&arguments[2]);
    /* For jemalloc, whose thread-locals are larger than what is spare for a library that comes
     * late. Read when a process starts, so it serves the children. */
    setenv("GLIBC_TUNABLES", "glibc.rtld.optional_static_tls=16384", 1);
    keep_command(count, arguments);
    if (!read_choice(count, arguments, &choice)) {
        fprintf(stderr, "allocators [--rounds N] [--only PART,...] [--with NAME,...] [--scale] "
                        "[--output DIRECTORY] [--short]\n");
        return 2;
    }
    choose_workloads(choice.only);
    if (!choose_candidates(choice.with) || results.workload_count == 0 || results.round_count < 1 ||
        results.round_count > TIMING_ROUND_LIMIT) {
        fprintf(stderr, "allocators: nothing to run\n");
        return 2;
    }
    return choice.is_short ? short_run(&results) : compare(choice.has_scale, choice.output);
}
