/*
 * misuse.c - see misuse.h.
 */
#define _GNU_SOURCE
#include "misuse.h"
#include "tap.h"

#include <ctype.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* One page shared with the children. */
static const void *volatile *expected;

static void share_page(void) {
    if (expected != NULL)
        return;
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        exit(2);
    expected = page;
}

void *misuse_expect(const void *pointer) {
    *expected = pointer;
    return (void *)(uintptr_t)pointer;
}

void misuse_survived(void) { _exit(7); }

/* Blanks out what matches in a copy of the line; what is left is the cause. */
static bool take_function(char *line, const char *function) {
    char *found = strcasestr(line, function);
    if (found == NULL)
        return false;
    memset(found, ' ', strlen(function));
    return true;
}

static bool take_pointer(char *line, const void *pointer) {
    for (char *at = line; (at = strstr(at, "0x")) != NULL; at += 2) {
        char *end;
        if (strtoull(at, &end, 16) == (uintptr_t)pointer && end > at + 2) {
            memset(at, ' ', (size_t)(end - at));
            return true;
        }
    }
    return false;
}

static bool has_words(const char *text) {
    int letters = 0;
    for (; *text != '\0'; text++)
        letters += isalpha((unsigned char)*text) != 0;
    return letters >= 8;
}

static bool one_line(const struct child_result *result) {
    const char *end = strchr(result->text, '\n');
    return end != NULL && end[1] == '\0' && end > result->text;
}

void misuse_test(void (*body)(void *), void *argument, const char *function, char *cause,
                 const char *format, ...) {
    struct child_result result;
    char name[256], line[sizeof result.text];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(name, sizeof name, format, arguments);
    va_end(arguments);
    share_page();
    *expected = NULL;
    child_run(&result, body, argument);
    memcpy(line, result.text, sizeof line);
    bool named = take_function(line, function);
    bool pointed = take_pointer(line, (const void *)*expected);
    bool passed =
        child_died_of(&result, SIGABRT) && one_line(&result) && named && pointed && has_words(line);
    if (cause != NULL)
        snprintf(cause, 256, "%.255s", line);
    if (!tap_ok(passed, "%s", name)) {
        tap_note("wanted SIGABRT and one line with %s, %p and a cause", function,
                 (const void *)*expected);
        child_note(&result);
    }
}
