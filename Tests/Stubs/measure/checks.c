/* Data checks; see checks.h. One call runs at a time, so plain variables do. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "checks.h"

static struct checks checks;

void checks_begin(void) { memset(&checks, 0, sizeof(checks)); }

struct checks checks_read(void) { return checks; }

static void failed(const char *file, int line, const char *format, ...) {
    const char *name = strrchr(file, '/');
    va_list arguments;
    int length;

    checks.failed += 1;
    if (checks.failed > 1)
        return;
    length = snprintf(checks.first_failure, sizeof(checks.first_failure),
                      "%s:%d: ", name ? name + 1 : file, line);
    va_start(arguments, format);
    vsnprintf(checks.first_failure + length, sizeof(checks.first_failure) - (size_t)length, format,
              arguments);
    va_end(arguments);
}

void check_that(int holds, const char *file, int line, const char *text) {
    checks.made += 1;
    if (!holds)
        failed(file, line, "expected %s", text);
}

void check_equal(long long expected, long long got, const char *file, int line, const char *text) {
    checks.made += 1;
    if (expected != got)
        failed(file, line, "%s: expected %lld, got %lld", text, expected, got);
}

void check_text(const char *expected, const char *got, const char *file, int line,
                const char *text) {
    checks.made += 1;
    if (!got || strcmp(expected, got) != 0)
        failed(file, line, "%s: expected \"%.40s\", got \"%.40s\"", text, expected,
               got ? got : "(null)");
}
