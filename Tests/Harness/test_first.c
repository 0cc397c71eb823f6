/*
 * test_first.c - every entry point as the first call into the library.
 *
 * First in the process: children of a process that never called it. First on
 * a thread: threads of a process that has.
 */
#include "groups.h"
#include "pair.h"
#include "support.h"
#include "tap.h"

#include <signal.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

static void fail_unless(bool passed) {
    if (!passed)
        _exit(1);
}

static void first_allocate(void *block) {
    (void)block;
    void *fresh = pair.allocate(100);
    fail_unless(fresh != NULL && pair.size(fresh) >= 100);
    pair.free(fresh);
}

static void first_allocate_upper(void *block) {
    (void)block;
    void *fresh = pair.allocate_upper(0);
    fail_unless(fresh != NULL);
    pair.free_upper(fresh);
}

static void first_allocate_large(void *block) {
    (void)block;
    char *fresh = pair.allocate(5 * MEBI);
    fail_unless(fresh != NULL);
    fresh[5 * MEBI - 1] = 1;
    pair.free(fresh);
}

static void first_free(void *block) {
    pair.free(block);
    first_allocate(NULL);
}

static void first_free_upper(void *block) {
    pair.free_upper(block);
    first_allocate_upper(NULL);
}

static void first_size(void *block) {
    fail_unless(block == NULL ? pair.size(block) == 0 : pair.size(block) >= 40);
    pair.free(block);
    first_allocate(NULL);
}

static void first_trim(void *block) {
    pair.trim();
    pair.free(block);
    first_allocate(NULL);
}

static void first_free_sized(void *block) {
    size_t usable = pair.size(block);
    pair.free_sized(block, usable);
    first_allocate(NULL);
}

static const struct entry {
    const char *name;
    void (*body)(void *block);
} entries[] = {
    {"midl_user_allocate", first_allocate},
    {"MIDL_user_allocate of 0 bytes", first_allocate_upper},
    {"midl_user_allocate of 5 MiB", first_allocate_large},
    {"midl_user_free", first_free},
    {"MIDL_user_free", first_free_upper},
    {"midl_memory_size", first_size},
    {"midl_memory_trim", first_trim},
    {"midl_memory_free_sized", first_free_sized},
};
enum { ENTRIES = sizeof entries / sizeof entries[0] };

/* Forks; the child uses the heap. */
static bool fork_and_allocate(void) {
    int status = -1;
    pid_t child = fork();
    if (child == 0) {
        limit_time(60);
        first_allocate(NULL);
        first_allocate_large(NULL);
        _exit(0);
    }
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

static void misuse_first(void *address) { pair.free(address); }
static void misuse_size_first(void *address) { pair.size(address); }

static const struct entry *thread_entry;
static void *thread_body(void *block) {
    thread_entry->body(block);
    return NULL;
}

static void on_threads(void *unused) {
    (void)unused;
    for (int index = 0; index < ENTRIES; index++)
        for (int kind = 0; kind < 3; kind++) {
            static const size_t sizes[] = {0, 40, 400000};
            thread_entry = &entries[index];
            bool takes_block = index >= 3;
            void *block = takes_block && kind > 0 ? pair.allocate(sizes[kind]) : NULL;
            thread_join(thread_start(thread_body, block));
        }
}

/* ---- several threads are first at the same time ---- */

enum { FIRST_THREADS = 8 };
static pthread_barrier_t gate;

static void *first_together(void *unused) {
    pthread_barrier_wait(&gate);
    first_allocate(NULL);
    return unused;
}

static void together(void *unused) {
    (void)unused;
    pthread_t threads[FIRST_THREADS];
    pthread_barrier_init(&gate, NULL, FIRST_THREADS);
    for (int index = 0; index < FIRST_THREADS; index++)
        threads[index] = thread_start(first_together, NULL);
    for (int index = 0; index < FIRST_THREADS; index++)
        thread_join(threads[index]);
    /* Whatever was set up must have been set up once: fork locks and unlocks. */
    limit_time(60);
    fail_unless(fork_and_allocate());
}

/* ---- handlers of fork that use the heap, older and younger than its own ---- */

static void use_heap(void) { first_allocate(NULL); }

static void fork_with_handlers(void *unused) {
    (void)unused;
    limit_time(60);
    pthread_atfork(NULL, use_heap, use_heap);
    first_allocate(NULL);
    pthread_atfork(NULL, use_heap, use_heap);
    for (int count = 0; count < 10; count++)
        fail_unless(fork_and_allocate());
}

static void fork_with_prepare_handlers(void *unused) {
    (void)unused;
    limit_time(60);
    pthread_atfork(use_heap, NULL, NULL);
    first_allocate(NULL);
    pthread_atfork(use_heap, NULL, NULL);
    for (int count = 0; count < 10; count++)
        fail_unless(fork_and_allocate());
}

static void test_fork_of_first(void) {
    struct child_result result;
    bool passed = true;
    for (int count = 0; passed && count < TIMES(200); count++) {
        child_run(&result, together, NULL);
        passed = child_exited(&result, 0);
    }
    if (!tap_ok(passed, "eight threads call first at the same time, then the process forks"))
        child_note(&result);
    child_run(&result, fork_with_handlers, NULL);
    if (!tap_ok(child_exited(&result, 0),
                "handlers after fork allocate, older and younger than the heap"))
        child_note(&result);
    child_run(&result, fork_with_prepare_handlers, NULL);
    if (!tap_ok(child_exited(&result, 0),
                "handlers before fork allocate, older and younger than the heap"))
        child_note(&result);
}

void test_first(void) {
    struct child_result result;
    for (int index = 0; index < ENTRIES; index++) {
        child_run(&result, entries[index].body, NULL);
        if (!tap_ok(child_exited(&result, 0), "%s as the first call of the process",
                    entries[index].name))
            child_note(&result);
    }
    static int variable;
    void *addresses[] = {&variable, (void *)16, (void *)(uintptr_t)0x7f0000000010u,
                         (void *)(uintptr_t)0xdeadbeefdeadbeefu};
    for (size_t index = 0; index < sizeof addresses / sizeof addresses[0]; index++) {
        child_run(&result, misuse_first, addresses[index]);
        if (!tap_ok(child_died_of(&result, SIGABRT),
                    "free of a foreign pointer as the first call of the process (%zu)", index))
            child_note(&result);
        child_run(&result, misuse_size_first, addresses[index]);
        if (!tap_ok(child_died_of(&result, SIGABRT),
                    "size of a foreign pointer as the first call of the process (%zu)", index))
            child_note(&result);
    }
    child_run(&result, on_threads, NULL);
    if (!tap_ok(child_exited(&result, 0),
                "every entry point as the first call on a thread, with small and large blocks"))
        child_note(&result);
    test_fork_of_first();
}
