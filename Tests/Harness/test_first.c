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
#include <stdio.h>
#include <stdlib.h>
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
};
enum { ENTRIES = sizeof entries / sizeof entries[0] };

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
}
