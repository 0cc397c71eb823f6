/* Data checks; see checks.h. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <rpc.h>

#include "checks.h"

static SRWLOCK lock = SRWLOCK_INIT;
static struct checks checks;

void checks_begin(void) {
    AcquireSRWLockExclusive(&lock);
    memset(&checks, 0, sizeof(checks));
    ReleaseSRWLockExclusive(&lock);
}

struct checks checks_read(void) {
    struct checks copy;

    AcquireSRWLockExclusive(&lock);
    copy = checks;
    ReleaseSRWLockExclusive(&lock);
    return copy;
}

/* Notes a check; the rest is for one that failed. */
static void note(int holds, const char *file, int line, const char *format, ...) {
    const char *name = strrchr(file, '/');
    va_list arguments;
    int length;

    AcquireSRWLockExclusive(&lock);
    checks.made += 1;
    checks.failed += !holds;
    if (holds || checks.failed > 1) {
        ReleaseSRWLockExclusive(&lock);
        return;
    }
    length = snprintf(checks.first_failure, sizeof(checks.first_failure),
                      "%s:%d: ", name ? name + 1 : file, line);
    va_start(arguments, format);
    vsnprintf(checks.first_failure + length, sizeof(checks.first_failure) - (size_t)length, format,
              arguments);
    va_end(arguments);
    ReleaseSRWLockExclusive(&lock);
}

void check_that(int holds, const char *file, int line, const char *text) {
    note(holds, file, line, "expected %s", text);
}

void check_equal(long long expected, long long got, const char *file, int line, const char *text) {
    note(expected == got, file, line, "%s: expected %lld, got %lld", text, expected, got);
}

void check_text(const char *expected, const char *got, const char *file, int line,
                const char *text) {
    note(got && strcmp(expected, got) == 0, file, line, "%s: expected \"%.40s\", got \"%.40s\"",
         text, expected, got ? got : "(null)");
}
