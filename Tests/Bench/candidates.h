/* candidates.h - the allocators that are compared, by name. */
#ifndef CANDIDATES_H
#define CANDIDATES_H

#include "block.h"

#include <stdbool.h>

/* Ours, which all ratios are about. */
#define CANDIDATE_OURS "midl"
/* A pointer that is only incremented: what the calls and the program itself cost, no allocator. */
#define CANDIDATE_BOUND "bump"
/* The same, but over blocks that are live: what the stamps must find out. Only asked for by name.
 */
#define CANDIDATE_BROKEN "overlap"

enum { CANDIDATE_LIMIT = 16, CANDIDATE_NAME_LIMIT = 32 };

struct candidate {
    char name[CANDIDATE_NAME_LIMIT];
    /* What dlopen finds; empty: none is loaded. */
    char library[256];
    char allocate_symbol[CANDIDATE_NAME_LIMIT], release_symbol[CANDIDATE_NAME_LIMIT];
};

/* All that are known, in the order of the table. Returns how many. */
int candidates_known(struct candidate *candidates);

/* One by its name, or "name=library": another build of ours. False when there is none. */
bool candidate_named(const char *name, struct candidate *candidate);

/* True when its library can be loaded here. It stays loaded: for a process of its own. */
bool candidate_load(const struct candidate *candidate, size_t bump_byte_count,
                    struct allocator *allocator);

#endif /* CANDIDATES_H */
