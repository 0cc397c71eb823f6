/*
 * checks.h - what the client and the managers say about the data they see.
 *
 * A failed check is remembered, the first one with its text, and the call goes on: the counts
 * of a call are wanted even when its data are wrong. May be used from any thread.
 */
#ifndef STUBS_CHECKS_H
#define STUBS_CHECKS_H

struct checks {
    long made;
    long failed;
    char first_failure[160];
};

#define CHECK(condition) check_that((condition) != 0, __FILE__, __LINE__, #condition)
#define CHECK_EQUAL(expected, got)                                                                 \
    check_equal((long long)(expected), (long long)(got), __FILE__, __LINE__, #got)
#define CHECK_TEXT(expected, got) check_text((expected), (got), __FILE__, __LINE__, #got)

void checks_begin(void);
struct checks checks_read(void);

void check_that(int holds, const char *file, int line, const char *text);
void check_equal(long long expected, long long got, const char *file, int line, const char *text);
void check_text(const char *expected, const char *got, const char *file, int line,
                const char *text);

#endif
