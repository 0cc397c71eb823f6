/*
 * test_fork.c - the child of a program with other threads in the heap.
 *
 * The other threads are inside the heap at most of the forks: whatever lock
 * they hold stays held in the child unless the library sees to it. A child
 * that hangs is ended by its time limit, which is a failure.
 */
#include "groups.h"
#include "pair.h"
#include "support.h"
#include "tap.h"

#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORKERS = 4, SHARED = 256, INHERITED = 400 };
static _Atomic(void *) shared[SHARED];
static atomic_bool stop;
static atomic_int started;
static void *inherited[INHERITED];

static void *short_thread(void *unused) {
    pair.free(pair.allocate(64));
    return unused;
}

static void *worker(void *argument) {
    struct random random = {(uint64_t)(uintptr_t)argument};
    atomic_fetch_add(&started, 1);
    for (unsigned round = 0; !atomic_load(&stop); round++) {
        size_t byte_count = random_byte_count(&random, round % 50 == 0 ? 400000 : 3000);
        char *block = pair.allocate(byte_count);
        if (byte_count > 0)
            block[byte_count - 1] = 1;
        pair.free(atomic_exchange(&shared[random_below(&random, SHARED)], block));
        if (round % 2000 == 0)
            pair.trim();
        if (round % 5000 == 0)
            thread_join(thread_start(short_thread, NULL));
    }
    return NULL;
}

static bool blocks_work(uint64_t seed) {
    struct {
        void *block;
        size_t byte_count;
    } made[200];
    struct random random = {seed};
    for (int index = 0; index < 200; index++) {
        made[index].byte_count = random_byte_count(&random, index % 40 == 0 ? 500000 : 5000);
        made[index].block = pair.allocate(made[index].byte_count);
        if (made[index].block == NULL)
            return false;
        pattern_fill(made[index].block, made[index].byte_count, (uint64_t)index + seed);
    }
    for (int index = 0; index < 200; index++) {
        if (!pattern_holds(made[index].block, made[index].byte_count, (uint64_t)index + seed))
            return false;
        pair.free(made[index].block);
    }
    return true;
}

static void *thread_of_child(void *unused) {
    (void)unused;
    static char yes;
    return blocks_work(31) ? &yes : NULL;
}

/* ---- what the children do; each returns its exit status ---- */

static int child_allocates(void) { return blocks_work(11) ? 0 : 1; }

/* What other threads, which the child does not have, had made. */
static int child_frees_inherited(void) {
    for (int index = 0; index < INHERITED; index++) {
        if (!pattern_holds(inherited[index], 1000, (uint64_t)index + 1))
            return 1;
        pair.free(inherited[index]);
    }
    for (int index = 0; index < SHARED; index++)
        pair.free(atomic_exchange(&shared[index], NULL));
    pair.trim();
    return blocks_work(12) ? 0 : 1;
}

static int child_makes_threads(void) {
    pthread_t threads[3];
    for (int index = 0; index < 3; index++)
        threads[index] = thread_start(thread_of_child, NULL);
    bool worked = blocks_work(13);
    for (int index = 0; index < 3; index++)
        worked &= thread_join(threads[index]) != NULL;
    return worked && blocks_work(14) ? 0 : 1;
}

static int wait_status(pid_t child) {
    int status;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static int fork_and_wait(int (*body)(void)) {
    pid_t child = fork();
    if (child == 0) {
        limit_time(60);
        _exit(body());
    }
    return child < 0 ? -1 : wait_status(child);
}

static int child_has_child(void) {
    if (!blocks_work(15))
        return 1;
    int status = fork_and_wait(child_makes_threads);
    return status == 0 && blocks_work(16) ? 0 : 2;
}

static int child_exits(void) {
    if (!blocks_work(17))
        return 1;
    pair.trim();
    return 0;
}

/* ---- the parent ---- */

static void forks(const char *what, int count, int (*body)(void)) {
    int failed = 0, last = 0;
    for (int number = 0; number < count && failed < 3; number++) {
        int status = fork_and_wait(body);
        failed += status != 0;
        last = status != 0 ? status : last;
        sched_yield();
    }
    if (!tap_ok(failed == 0, "%d forks: %s", count, what))
        tap_note("status %d (above 1000: signal)", last);
}

static int (*forking_body)(void);
static int forking_failures;

static void *forking_thread(void *unused) {
    for (int number = 0; number < 100 && forking_failures == 0; number++) {
        blocks_work(18);
        forking_failures += fork_and_wait(forking_body) != 0;
    }
    return unused;
}

static void forks_from_thread(const char *what, int (*body)(void)) {
    forking_body = body;
    forking_failures = 0;
    thread_join(thread_start(forking_thread, NULL));
    tap_ok(forking_failures == 0, "100 forks from a thread: %s", what);
}

/* A chain: each process uses the heap, forks once, and passes on the verdict. */
static int chain_left;
static int chain(void) {
    if (!blocks_work((uint64_t)chain_left + 1))
        return 1;
    return --chain_left == 0 ? 0 : fork_and_wait(chain);
}

static atomic_bool stop_trimming;

static void *trimmer(void *unused) {
    while (!atomic_load(&stop_trimming))
        pair.trim();
    return unused;
}

/* At most of the forks the other thread is in the middle of it. */
static void forks_while_another_trims(int count) {
    atomic_store(&stop_trimming, false);
    pthread_t thread = thread_start(trimmer, NULL);
    forks("the child trims, as another thread did", count, child_exits);
    atomic_store(&stop_trimming, true);
    thread_join(thread);
}

static void *heap_of_other_thread(void *unused) {
    for (int index = 0; index < INHERITED; index++)
        pattern_fill(inherited[index] = pair.allocate(1000), 1000, (uint64_t)index + 1);
    return unused;
}

static void grow_nothing(void) {
    enum { GENERATIONS = 40 };
    chain_left = GENERATIONS;
    tap_ok(chain() == 0, "%d generations, each the child of the one before", GENERATIONS);
}

void test_fork(void) {
    pthread_t workers[WORKERS];
    atomic_store(&stop, false);
    atomic_store(&started, 0);
    thread_join(thread_start(heap_of_other_thread, NULL));
    for (uintptr_t index = 0; index < WORKERS; index++)
        workers[index] = thread_start(worker, (void *)(index + 1));
    while (atomic_load(&started) < WORKERS)
        sched_yield();

    forks("the child allocates and frees at once", WATCHED ? 30 : 300, child_allocates);
    forks("the child frees what other threads made", WATCHED ? 20 : 100, child_frees_inherited);
    forks("the child trims", WATCHED ? 20 : 60, child_exits);
    forks_while_another_trims(WATCHED ? 20 : 60);
    /* The child waits for ever for a lock of the address sanitizer's, if another thread had it. */
    if (!ADDRESS_SANITIZED) {
        forks("the child makes threads", WATCHED ? 20 : 100, child_makes_threads);
        forks("the child has a child that makes threads", WATCHED ? 10 : 60, child_has_child);
        forks_from_thread("the child allocates and frees at once", child_allocates);
        forks_from_thread("the child frees what other threads made", child_frees_inherited);
        forks_from_thread("the child makes threads", child_makes_threads);
    }
    grow_nothing();

    atomic_store(&stop, true);
    for (int index = 0; index < WORKERS; index++)
        thread_join(workers[index]);
    tap_ok(blocks_work(19), "afterwards the parent's heap works");
    for (int index = 0; index < INHERITED; index++)
        pair.free(inherited[index]);
    for (int index = 0; index < SHARED; index++)
        pair.free(atomic_exchange(&shared[index], NULL));
}
