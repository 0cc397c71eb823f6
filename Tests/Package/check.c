/*
 * check.c - see check.h. The counters are relaxed: they must not order what threads do, or the
 * thread sanitizer would see fewer races.
 */
#include "check.h"
#include "support.h"
#include "tap.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static atomic_long made, failures;
static char first[200];

bool check_that(bool passed, const char *text, const char *file, int line) {
    atomic_fetch_add_explicit(&made, 1, memory_order_relaxed);
    if (passed)
        return true;
    if (atomic_fetch_add_explicit(&failures, 1, memory_order_relaxed) == 0) {
        const char *name = strrchr(file, '/');
        snprintf(first, sizeof first, "%s:%d: %s", name == NULL ? file : name + 1, line, text);
    }
    return false;
}

bool check_failed(void) { return atomic_load_explicit(&failures, memory_order_relaxed) != 0; }

static void forget(void) {
    atomic_store(&made, 0);
    atomic_store(&failures, 0);
    first[0] = '\0';
}

void check_end(const char *format, ...) {
    char name[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(name, sizeof name, format, arguments);
    va_end(arguments);
    if (!tap_ok(atomic_load(&failures) == 0 && atomic_load(&made) > 0, "%s", name))
        tap_note("%ld of %ld checks failed, first %s", atomic_load(&failures), atomic_load(&made),
                 first);
    forget();
}

void check_exit(void) {
    bool passed = atomic_load(&failures) == 0 && atomic_load(&made) > 0;
    if (!passed)
        dprintf(STDERR_FILENO, "%ld of %ld checks failed, first %s\n", atomic_load(&failures),
                atomic_load(&made), first);
    _exit(!passed);
}

struct child_body {
    void (*body)(void *);
    void *argument;
};

static void in_child(void *argument) {
    struct child_body *child = argument;
    forget();
    child->body(child->argument);
    check_exit();
}

void check_child(void (*body)(void *), void *argument, const char *format, ...) {
    char name[256];
    struct child_result result;
    struct child_body child = {body, argument};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(name, sizeof name, format, arguments);
    va_end(arguments);
    child_run(&result, in_child, &child);
    if (!tap_ok(child_exited(&result, 0), "%s", name))
        child_note(&result);
}
