/*
 * measurement.h - makes one call and says what it did to memory on both sides.
 */
#ifndef STUBS_MEASUREMENT_H
#define STUBS_MEASUREMENT_H

#include "calls.h"
#include "control.h"

struct measurement {
    struct tally column[COLUMN_COUNT];
    struct tally client_freed; /* by the application */
    struct tally client_left;  /* live after what was orphaned has been released */
    struct tally stub_freed;   /* by the client stub; J03: never */
    struct tally server_freed;
    struct checks client_checks, server_checks;
    long strange_blocks; /* unknown, unaligned or not the library's, on either side */
};

extern const struct call_group *const all_calls[]; /* ends with NULL */
int count_of_calls(void);

/* Ends the program with "Bail out!" when the server does not answer any more. */
struct measurement measure(const struct call *call, handle_t binding);

/* Fetches a text of at most SERVER_TEXT_CAPACITY bytes. */
void server_text(handle_t binding, SERVER_TEXT which, char *text);

const char *column_name(const struct call *call, enum column column);

/* What a column must hold in this mode, and why if the documents say otherwise (else NULL). */
struct tally expected_here(const struct call *call, enum mode mode, enum column column);
const char *deviation_reason(const struct call *call, enum mode mode, enum column column);

int same(struct tally a, struct tally b);
struct tally sum(struct tally a, struct tally b);
struct tally difference(struct tally a, struct tally b);

/* "3/48", or "3" if there are no bytes, into a ring of buffers, good for one line of output. */
const char *shown(struct tally tally);

#endif
