/*
 * Roster.h - the manager of roster.idl as C sees it: the border between the thunk (thunk.c) and
 * Roster.swift.
 *
 * The structures are those that widl writes into roster.h, without Wine's headers, which Swift
 * cannot import; the thunk asserts that they agree. Both functions have the system's own calling
 * convention, also under Wine.
 */
#ifndef STUBS_ROSTER_H
#define STUBS_ROSTER_H

#include <stdint.h>

#pragma clang assume_nonnull begin

struct player {
    int32_t number;
    char *_Nullable name;
    uint16_t *_Nullable wide_name;
    struct player *_Nullable next;
};

struct roster {
    int32_t count;
    int32_t number_count;
    int32_t *_Nullable numbers;
    struct player *_Nullable first;
};

/* Fills the reply with blocks of the calling thread's environment. Returns 0 or the status to
 * raise. */
int32_t roster_fill(int32_t count, struct roster *reply);
/* The language, which the tests ask for; lives as long as the program. */
const char *roster_fill_language(void);

#pragma clang assume_nonnull end

#endif
