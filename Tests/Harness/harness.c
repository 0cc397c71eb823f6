/*
 * harness.c - runs the groups of tests that its arguments name, or all.
 *
 *   harness-FORM [-l LIBRARY] [GROUP...]
 *
 * Each group may run in a process of its own (run.sh does that): a group that
 * dies takes no other with it. "first" wants a process in which the library
 * has not been called, so it comes first when all run in one.
 */
#include "groups.h"
#include "pair.h"
#include "support.h"
#include "tap.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct group {
    const char *name;
    void (*run)(void);
} groups[] = {
    {"first", test_first},
    {"contract", test_contract},
    {"contents", test_contents},
    {"threads", test_threads},
    {"thread-life", test_thread_life},
    {"exit", test_exit},
    {"fork", test_fork},
    {"misuse", test_misuse},
    {"overwrite", test_overwrite},
    {"sized", test_sized},
    {"addresses", test_addresses},
    {"return", test_return},
    {"limit", test_limit},
    {"stubs", test_stubs},
    {"calls", test_calls},
};
enum { GROUP_COUNT = sizeof groups / sizeof groups[0] };

#if SANITIZED
/* The tests fork with threads running, and the child makes threads: both are
 * what the library promises, so the sanitizer must not stop at them. */
const char *__tsan_default_options(void);
const char *__tsan_default_options(void) { return "die_after_fork=0:allocator_may_return_null=1"; }

/* NULL for a count above PTRDIFF_MAX is asked for by the tests. */
const char *__asan_default_options(void);
const char *__asan_default_options(void) { return "allocator_may_return_null=1"; }
#endif

static void run(const struct group *group) {
    tap_begin(pair_form, group->name);
    /* A hang is a failure too; the limit is far above any honest run. */
    limit_time(WATCHED ? 900 : 300);
    group->run();
    limit_time(0);
}

int main(int argument_count, char **arguments) {
    const char *library = "build/lib/libmidl_user.so.1";
    int next = 1;
    if (next + 1 < argument_count && strcmp(arguments[next], "-l") == 0) {
        library = arguments[next + 1];
        next += 2;
    }
    pair_open(library);
    signal(SIGPIPE, SIG_IGN);
    if (next == argument_count)
        for (int index = 0; index < GROUP_COUNT; index++)
            run(&groups[index]);
    for (; next < argument_count; next++) {
        int index = 0;
        while (index < GROUP_COUNT && strcmp(groups[index].name, arguments[next]) != 0)
            index++;
        if (index == GROUP_COUNT) {
            fprintf(stderr, "no group of tests is called %s\n", arguments[next]);
            return 2;
        }
        run(&groups[index]);
    }
    return tap_end();
}
