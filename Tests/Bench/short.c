/* short.c - see short.h. */
#include "short.h"

#include "../Harness/tap.h"
#include "child.h"

static void check(enum child_kind kind, const struct workload *workload,
                  const struct candidate *candidate, const char *what) {
    double values[2];
    enum child_end end = child_run(kind, workload, candidate, values);
    if (end == CHILD_ABSENT && candidate->library[0] != '\0')
        tap_note("%s is not installed", candidate->library);
    else if (end != CHILD_ABSENT)
        tap_ok(end == CHILD_DONE, "%s: %s", workload->name, what);
}

/* The stamps themselves, with blocks that overlap: where several live at once for certain. */
static void check_stamps(const struct workload *workload) {
    double values[2];
    struct candidate broken;
    candidate_named(CANDIDATE_BROKEN, &broken);
    tap_begin("bench", broken.name);
    if (workload->bump_byte_count > 0 && workload->operations_at_once > 1 && !workload->has_threads)
        tap_ok(child_run(CHILD_SHORT, workload, &broken, values) == CHILD_DAMAGED,
               "%s: overlapping blocks are found out", workload->name);
}

int short_run(const struct results *results) {
    for (int k = 0; k < results->candidate_count; k++) {
        tap_begin("bench", results->candidates[k].name);
        for (int i = 0; i < results->workload_count; i++) {
            const struct workload *workload = results->workloads[i];
            check(CHILD_SHORT, workload, &results->candidates[k], "contents survive");
            if (!workload->has_threads && !results_is_bound(results, k))
                check(CHILD_SHORT_SCALE, workload, &results->candidates[k],
                      "contents survive in two threads");
        }
    }
    for (int i = 0; i < results->workload_count; i++)
        check_stamps(results->workloads[i]);
    return tap_end();
}
