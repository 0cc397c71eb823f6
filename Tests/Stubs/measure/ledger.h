/*
 * ledger.h - counts what the pair hands out and takes back, and knows every live block.
 *
 * The linker sends each reference to MIDL_user_allocate and MIDL_user_free in stubs, managers and
 * client code to ledger.c (--wrap), which notes it and calls the library's own function. The
 * blocks are the library's; the ledger is a static table beside them and allocates nothing.
 *
 *     allocated = freed + live            per process, since ledger_begin
 *
 * All functions may be called from any thread: Wine serves each call on a thread of its own.
 */
#ifndef STUBS_LEDGER_H
#define STUBS_LEDGER_H

struct tally {
    long blocks;
    long bytes; /* as asked for by the caller of the pair, not as rounded by the heap */
};

/* On the client, what happens inside a remote call is the stub's doing and the rest is the
 * application's. The server counts everything as inside: its numbers are those of a call. */
enum phase { OUTSIDE_CALL, INSIDE_CALL };

struct ledger {
    struct tally allocated[2]; /* by phase */
    struct tally freed[2];
    struct tally live;
    long unknown_frees;  /* frees of addresses that the ledger does not know; passed on as well */
    long unaligned;      /* blocks whose address is no multiple of 8 */
    long unowned_blocks; /* blocks that midl_memory_size calls smaller than what was asked for */
};

/* Counts from zero. Live blocks stay known. */
void ledger_begin(void);
void ledger_enter(enum phase phase);
struct ledger ledger_read(void);

/* Makes the allocation with this number from now (1 is the next) return NULL, once. 0: none. */
void ledger_fail_at(long allocation);

/* Takes a live block out of the counts, because the library frees it by itself; what it counted
 * for, nothing when it is not known. */
struct tally ledger_forget(void *block);

/* Gives every live block back to the library without counting it. Called when all that can be
 * reached has been freed: what is then live is orphaned. */
struct tally ledger_release_live(void);

#endif
