/*
 * watched.h - calls whose client watches what they orphan (midl_orphans_watch) and gives it back.
 *
 *     WATCHED(variable, REMOTE(...))      a call that may orphan what the variable leads to
 *
 * What was found is released when the application has freed all that it can reach.
 */
#ifndef STUBS_WATCHED_H
#define STUBS_WATCHED_H

#include <stddef.h>

#include "ledger.h"

#define WATCHED(variable, call)                                                                    \
    do {                                                                                           \
        watch_begins(&(variable), sizeof(variable));                                               \
        call;                                                                                      \
        watch_finds(sizeof(variable));                                                             \
    } while (0)

void watch_begins(const void *root, size_t byte_count);
/* Less of the root may count by now. */
void watch_finds(size_t byte_count);

/* Releases what the last watch found, and says what that was; nothing without a watch. */
struct tally watch_releases(void);

#endif
