/*
 * package.c - runs the groups of tests that its arguments name, or all.
 *
 *   package-FORM [GROUP...]
 *
 * run.sh gives each group a process of its own.
 */
#include "package.h"
#include "tap.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct group {
    const char *name;
    void (*run)(void);
} groups[] = {
    {"status", test_status},
    {"vectors", test_vectors},
    {"ndr", test_ndr},
    {"exceptions", test_exceptions},
    {"slots", test_slots},
    {"handles", test_handles},
    {"free", test_free},
    {"misuse", test_misuse},
    {"contents", test_contents},
    {"memory", test_memory},
    {"sharing", test_sharing},
    {"disabling", test_disabling},
    {"thread-ends", test_thread_ends},
    {"stub-hooks", test_stub_hooks},
    {"client-pair", test_client_pair},
    {"limit", test_limit},
    {"fork", test_fork},
};
enum { GROUP_COUNT = sizeof groups / sizeof groups[0] };

#if SANITIZED
/* The tests fork with threads running, and the child makes threads: both are what the library
 * promises, so the sanitizer must not stop at them. */
const char *__tsan_default_options(void);
const char *__tsan_default_options(void) { return "die_after_fork=0:allocator_may_return_null=1"; }
const char *__asan_default_options(void);
const char *__asan_default_options(void) { return "allocator_may_return_null=1"; }
#endif

static bool run(const char *name) {
    for (int index = 0; index < GROUP_COUNT; index++)
        if (name == NULL || strcmp(groups[index].name, name) == 0) {
            tap_begin(PACKAGE_FORM, groups[index].name);
            /* A hang is a failure too; the limit is far above any honest run. */
            limit_time(WATCHED ? 900 : 300);
            groups[index].run();
            limit_time(0);
            if (name != NULL)
                return true;
        }
    if (name != NULL)
        fprintf(stderr, "no group of tests is called %s\n", name);
    return name == NULL;
}

int main(int argument_count, char **arguments) {
    if (argument_count == 1)
        run(NULL);
    for (int next = 1; next < argument_count; next++)
        if (!run(arguments[next]))
            return 2;
    return tap_end();
}
