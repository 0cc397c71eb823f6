/*
 * calls.h - the calls of the client, each with what it must do to memory.
 *
 * A call is made like this:
 *
 *     build its input            outside: the application's blocks (BUILT)
 *     WATCHED(root, REMOTE(...)) inside:  the client stub's blocks (RECEIVED); the stub frees none
 *     check what came back
 *     free all that can be reached
 *
 * and the measurement takes what the watch then gives back as orphaned on the client, where nothing
 * else is live after that, and what is still live as orphaned on the server. So
 *
 *     client: BUILT + RECEIVED = freed + CLIENT_ORPHANED
 *     server: ALLOCATED        = freed + SERVER_ORPHANED
 *
 * The numbers stand twice: as documented (rpc-memory.md, whose sections and vectors are cited),
 * and, where this Wine or this widl does something else, as it is here, with the reason. Both are
 * exact.
 */
#ifndef STUBS_CALLS_H
#define STUBS_CALLS_H

#include <rpc.h>
#include <rpcndr.h>

#include "checks.h"
#include "ledger.h"
#include "rpcexcept.h"

enum mode { COMPILED = 1, INTERPRETED = 2, BOTH_MODES = 3 }; /* widl -Os, widl -Oicf */

enum column {
    RAISED,          /* .blocks is the exception that the client sees; 0: none */
    KEPT_OUT,        /* .blocks is 1 if the call fails before it reaches the manager */
    SEEN,            /* .blocks is what the call passes to seen(), where that is in question */
    BUILT,           /* blocks of the client application */
    RECEIVED,        /* blocks of the client stub */
    CLIENT_ORPHANED, /* blocks on the client that nothing reaches afterwards */
    ALLOCATED,       /* blocks of the server stub and of the manager */
    SERVER_ORPHANED, /* blocks on the server that nobody has freed afterwards */
    COLUMN_COUNT
};

struct deviation {
    enum mode modes;
    enum column column;
    struct tally here;
    const char *because;
};

struct call {
    const char *name;
    const char *direction;
    void (*make)(handle_t binding);
    const char *rules; /* sections and vectors of rpc-memory.md behind the documented numbers */
    struct tally documented[COLUMN_COUNT];
    const char *seen;                            /* what is passed to seen() */
    const char *client_orphans, *server_orphans; /* why, where the documents foresee them */
    struct deviation here[6];                    /* ends with modes == 0 */
    enum mode skipped_in;                        /* cannot be made in this mode, */
    const char *skipped_because;                 /* because */
};

struct call_group {
    const struct call *calls;
    int count;
};

#define CALL_GROUP(calls) {(calls), sizeof(calls) / sizeof((calls)[0])}

extern const struct call_group list_calls, tree_calls, pointer_calls, embedded_calls, text_calls,
    array_calls, union_calls, context_calls, failure_calls, vector_calls, package_calls,
    roster_calls;

/* What NdrAllocate asks the pair for: the count rounded up to 8 and a trailer of 24 bytes (C.4). */
#define NDR(byteCount) ((((long)(byteCount) + 7) & ~7L) + 24)
/* A number of blocks of one size: from the stub, from the application or the manager. */
#define STUB(count, byteCount) {(count), (count) * NDR(byteCount)}
#define OWN(count, byteCount) {(count), (count) * (long)(byteCount)}

/* The deviation of H.1 that most calls meet: after a call Wine's interpreter frees what lies behind
 * an [in] or [in,out] simple ref parameter, but never the parameter's own block, be it a structure,
 * an array or a sized string. */
#define REF_LEAKS(count, byteCount)                                                                \
    {INTERPRETED, SERVER_ORPHANED, STUB(count, byteCount), REF_LEAKS_REASON}
#define REF_LEAKS_REASON "H.1: interpreter never frees the block of an [in] ref parameter"

/* The other one: a slot for the pointer that the manager returns, which nobody frees. */
#define SLOT_LEAKS(blocks, bytes)                                                                  \
    {INTERPRETED, ALLOCATED, {(blocks) + 1, (bytes) + NDR(sizeof(void *))}, SLOT_REASON}, {        \
        INTERPRETED, SERVER_ORPHANED, STUB(1, sizeof(void *)), SLOT_REASON                         \
    }
#define SLOT_REASON "H.1: interpreter leaks a slot for each returned pointer"

/* The exception of the last REMOTE, 0 if it returned. */
unsigned long remote_raised(void);

/* Reports the one datum on which this Wine and the documents differ. */
void seen(long value);

void remote_begins(void);
void remote_ends(unsigned long raised);

#define REMOTE(statement)                                                                          \
    do {                                                                                           \
        volatile unsigned long raised_ = 0;                                                        \
        remote_begins();                                                                           \
        RpcTryExcept { statement; }                                                                \
        RpcExcept(1) { raised_ = (DWORD)RpcExceptionCode(); }                                      \
        RpcEndExcept remote_ends(raised_);                                                         \
    } while (0)

#endif
