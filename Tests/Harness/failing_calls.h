/*
 * failing_calls.h - system calls that fail on demand.
 *
 * The program defines mmap and its like and exports them, so that the calls of
 * a shared library arrive here too. Those of the C library itself, such as
 * pthread_create's for a stack, do not pass this way.
 */
#ifndef FAILING_CALLS_H
#define FAILING_CALLS_H

#include <stdbool.h>

enum call {
    CALL_MMAP,
    CALL_MUNMAP,
    CALL_MPROTECT,
    CALL_MADVISE,
    CALL_MREMAP,
    CALL_GETRANDOM,
    CALL_KEY_CREATE,
    CALL_SETSPECIFIC,
    CALL_ATFORK,
    CALL_SYSINFO,
    CALL_COUNT,
    CALL_ANY = CALL_COUNT, /* whichever comes n-th */
};

extern const char *const call_names[CALL_COUNT + 1];

/* From now on the n-th such call fails, counted from 1; with and_all_later,
 * every one after it too. */
void calls_fail(enum call call, int n, bool and_all_later);

/* Ends that. Returns whether any call was made to fail. */
bool calls_succeed(void);

/* How many calls the process has made so far. */
int calls_made(enum call call);

#endif /* FAILING_CALLS_H */
