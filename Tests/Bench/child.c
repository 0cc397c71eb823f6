/*
 * child.c - see child.h.
 *
 * A process has one warm-up run, which is not timed, and then REPETITION_COUNT timed ones. It
 * reports the best: whatever else the machine does can only add. What an allocator does now and
 * then is in every repetition, of some tens of milliseconds each.
 *
 * Peak memory is VmHWM at the end less VmRSS before the first allocation, when the library is
 * loaded and all that the program itself works on is resident. The kernel counts pages in batches
 * for each processor: both are exact to some 256 KiB.
 */
#include "child.h"

#include "resident.h"
#include "timing.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static const double SCALE_SECONDS = 0.03;
enum {
    REPETITION_COUNT = 5,
    SCALE_REPETITION_COUNT = 3,
    SHORT_SHARE = 100,
    ABSENT_EXIT_STATUS = 4
};

/* ---- Time ---- */

static long operations(enum child_kind kind, const struct workload *workload) {
    if (kind == CHILD_TIME || kind == CHILD_SCALE)
        return workload->operation_count;
    long count = workload->operation_count / SHORT_SHARE;
    return count > workload->operations_at_once ? count : workload->operations_at_once;
}

/* What `run` really does: whole batches. */
static double operations_done(const struct workload *workload, long operation_count) {
    long batches =
        (operation_count + workload->operations_at_once - 1) / workload->operations_at_once;
    return (double)(batches * workload->operations_at_once);
}

static void begin(const struct workload *workload, struct worker *worker) {
    if (workload->begin != NULL)
        workload->begin(worker);
}

static void end(const struct workload *workload, struct worker *worker) {
    if (workload->end != NULL)
        workload->end(worker);
}

static double measure_time(enum child_kind kind, const struct workload *workload,
                           struct worker *workers) {
    long count = operations(kind, workload);
    double best = 0;
    timing_pin(1);
    begin(workload, workers);
    for (int repetition = -1; repetition < REPETITION_COUNT; repetition++) {
        double start = timing_now();
        workload->run(workers, count);
        double spent = timing_now() - start;
        if (repetition == 0 || (repetition > 0 && spent < best))
            best = spent;
        if (kind == CHILD_SHORT && repetition == 0)
            break;
    }
    end(workload, workers);
    return best / operations_done(workload, count);
}

/* ---- Two threads, each its own blocks ----
 *
 * Both threads are there all the time; in even repetitions the second only waits, so that both
 * figures are of a program with threads. Two processes with a thread each do the same before, in
 * which nothing is shared: they reach what the machine gives.
 *
 * A repetition takes SCALE_SECONDS at least, beside which it does not count how long a thread takes
 * to wake up. */

struct scale {
    const struct workload *workload;
    long operation_count;
    double seconds; /* of a repetition, at least */
    pthread_barrier_t *barrier;
    long *run_count; /* in a repetition; the same for both */
    struct worker *worker;
    double starts[2 * SCALE_REPETITION_COUNT], ends[2 * SCALE_REPETITION_COUNT];
};

static void *scale_part(void *argument) {
    struct scale *scale = argument;
    bool is_first = scale->worker->index == 0;
    timing_pin(scale->worker->index);
    begin(scale->workload, scale->worker);
    scale->workload->run(scale->worker, scale->operation_count);
    double start = timing_now();
    scale->workload->run(scale->worker, scale->operation_count);
    if (is_first)
        *scale->run_count = 1 + (long)(scale->seconds / (1e-9 * (timing_now() - start)));
    for (int i = 0; i < 2 * SCALE_REPETITION_COUNT; i++) {
        pthread_barrier_wait(scale->barrier);
        long run_count = is_first || i % 2 == 1 ? *scale->run_count : 0;
        scale->starts[i] = timing_now();
        for (long run = 0; run < run_count; run++)
            scale->workload->run(scale->worker, scale->operation_count);
        scale->ends[i] = timing_now();
    }
    end(scale->workload, scale->worker);
    return NULL;
}

static void run_in_threads(struct scale *scales) {
    pthread_t threads[WORKER_COUNT];
    for (int i = 0; i < WORKER_COUNT; i++)
        if (pthread_create(&threads[i], NULL, scale_part, &scales[i]) != 0)
            block_fail("no thread");
    for (int i = 0; i < WORKER_COUNT; i++)
        pthread_join(threads[i], NULL);
}

static void run_in_processes(struct scale *scales) {
    pid_t processes[WORKER_COUNT];
    for (int i = 0; i < WORKER_COUNT; i++) {
        processes[i] = fork();
        if (processes[i] == 0) {
            scale_part(&scales[i]);
            _exit(0);
        }
        if (processes[i] < 0)
            block_fail("no process");
    }
    for (int i = 0; i < WORKER_COUNT; i++) {
        int status;
        wait(&status);
        if (status == 0)
            continue;
        /* The other one waits for it. */
        for (int k = 0; k < WORKER_COUNT; k++)
            kill(processes[k], SIGKILL);
        _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
    }
}

/* The throughput of both, in that of the first. */
static double throughput(const struct scale *scales) {
    double alone = 0, both = 0;
    for (int i = 0; i < 2 * SCALE_REPETITION_COUNT; i++) {
        const struct scale *a = &scales[0], *b = &scales[1];
        if (i % 2 == 0) {
            double spent = a->ends[i] - a->starts[i];
            alone = alone == 0 || spent < alone ? spent : alone;
        } else {
            double start = a->starts[i] < b->starts[i] ? a->starts[i] : b->starts[i];
            double spent = (a->ends[i] > b->ends[i] ? a->ends[i] : b->ends[i]) - start;
            both = both == 0 || spent < both ? spent : both;
        }
    }
    return WORKER_COUNT * alone / both;
}

static void measure_scale(enum child_kind kind, const struct workload *workload,
                          struct worker *workers, double values[2]) {
    struct {
        pthread_barrier_t barrier;
        long run_count;
        struct scale scales[WORKER_COUNT];
    } *shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pthread_barrierattr_t attributes;
    if (shared == MAP_FAILED || pthread_barrierattr_init(&attributes) != 0 ||
        pthread_barrierattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED) != 0 ||
        pthread_barrier_init(&shared->barrier, &attributes, WORKER_COUNT) != 0)
        block_fail("no memory");
    for (int i = 0; i < WORKER_COUNT; i++)
        shared->scales[i] = (struct scale){.workload = workload,
                                           .operation_count = operations(kind, workload),
                                           .seconds = kind == CHILD_SCALE ? SCALE_SECONDS : 0,
                                           .barrier = &shared->barrier,
                                           .run_count = &shared->run_count,
                                           .worker = &workers[i]};
    run_in_processes(shared->scales);
    values[1] = throughput(shared->scales);
    run_in_threads(shared->scales);
    values[0] = throughput(shared->scales);
}

int child_main(enum child_kind kind, const struct workload *workload,
               const struct candidate *candidate) {
    struct worker *workers = mmap(NULL, WORKER_COUNT * sizeof *workers, PROT_READ | PROT_WRITE,
                                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (workers == MAP_FAILED)
        return 1;
    struct allocator allocator;
    if (!candidate_load(candidate, workload->bump_byte_count, &allocator))
        return ABSENT_EXIT_STATUS;
    for (int i = 0; i < WORKER_COUNT; i++) {
        workers[i].allocator = allocator;
        workers[i].index = i;
        workers[i].random.state = 0x9E3779B97F4A7C15U * (uint64_t)(i + 1);
    }
    double values[2];
    if (kind == CHILD_SCALE || kind == CHILD_SHORT_SCALE) {
        measure_scale(kind, workload, workers, values);
    } else {
        double before = resident_estimate();
        resident_reset_peak();
        values[0] = measure_time(kind, workload, workers);
        double peak = resident_peak() - before;
        values[1] = peak > 0 ? peak : 0;
    }
    printf("%f %f\n", values[0], values[1]);
    return 0;
}

/* ---- The process ---- */

extern char **environ;

static enum child_end end_of(int status) {
    if (!WIFEXITED(status))
        return CHILD_FAILED;
    switch (WEXITSTATUS(status)) {
    case 0:
        return CHILD_DONE;
    case ABSENT_EXIT_STATUS:
        return CHILD_ABSENT;
    case DAMAGE_EXIT_STATUS:
        return CHILD_DAMAGED;
    default:
        return CHILD_FAILED;
    }
}

enum child_end child_run(enum child_kind kind, const struct workload *workload,
                         const struct candidate *candidate, double values[2]) {
    char number[16], name[sizeof candidate->name + sizeof candidate->library + 1];
    snprintf(number, sizeof number, "%d", (int)kind);
    snprintf(name, sizeof name, strchr(candidate->library, '/') != NULL ? "%s=%s" : "%s",
             candidate->name, candidate->library);
    char *arguments[] = {"allocators", "--child", number, (char *)workload->name, name, NULL};
    int ends[2];
    pid_t process;
    posix_spawn_file_actions_t actions;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return CHILD_FAILED;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    /* What it complains of is expected. */
    if (strcmp(candidate->name, CANDIDATE_BROKEN) == 0)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    int error = posix_spawn(&process, "/proc/self/exe", &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    FILE *file = fdopen(ends[0], "r");
    int found = file != NULL && error == 0 ? fscanf(file, "%lf %lf", &values[0], &values[1]) : 0;
    if (file != NULL)
        fclose(file);
    int status;
    if (error != 0 || waitpid(process, &status, 0) != process)
        return CHILD_FAILED;
    enum child_end end = end_of(status);
    return end == CHILD_DONE && found != 2 ? CHILD_FAILED : end;
}
