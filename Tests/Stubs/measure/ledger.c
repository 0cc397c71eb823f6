/* The counting wrapper around the pair; see ledger.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <rpc.h>
#include <rpcndr.h>

#include "ledger.h"
#include "midl_memory.h"

/* More than any call here ever has alive at once. */
enum { CAPACITY = 4096 };

void *__RPC_USER __real_MIDL_user_allocate(size_t byteCount);
void __RPC_USER __real_MIDL_user_free(void *block);
void *__RPC_USER __wrap_MIDL_user_allocate(size_t byteCount);
void __RPC_USER __wrap_MIDL_user_free(void *block);

static SRWLOCK lock = SRWLOCK_INIT;
static struct ledger counts;
static enum phase current_phase;
static long allocations_until_failure;
static LONG unowned_blocks;
static struct {
    void *block;
    long byteCount;
} live_blocks[CAPACITY]; /* [0, counts.live.blocks) */

static void add(struct tally *tally, long byteCount) {
    tally->blocks += 1;
    tally->bytes += byteCount;
}

static void remove_from(struct tally *tally, long byteCount) {
    tally->blocks -= 1;
    tally->bytes -= byteCount;
}

static void note_allocation(void *block, size_t byteCount) {
    if (counts.live.blocks == CAPACITY) {
        fprintf(stderr, "ledger: more than %d live blocks\n", CAPACITY);
        abort();
    }
    live_blocks[counts.live.blocks].block = block;
    live_blocks[counts.live.blocks].byteCount = (long)byteCount;
    add(&counts.live, (long)byteCount);
    add(&counts.allocated[current_phase], (long)byteCount);
    if ((ULONG_PTR)block % 8)
        counts.unaligned += 1;
}

static void note_free(void *block) {
    long index = counts.live.blocks - 1;

    while (index >= 0 && live_blocks[index].block != block)
        index -= 1;
    if (index < 0) {
        counts.unknown_frees += 1;
        return;
    }
    add(&counts.freed[current_phase], live_blocks[index].byteCount);
    remove_from(&counts.live, live_blocks[index].byteCount);
    live_blocks[index] = live_blocks[counts.live.blocks];
}

/* The library is never called under the lock: where it aborts, Wine turns SIGABRT into an exception
 * that leaves through the stub, and the process goes on. */
void *__RPC_USER __wrap_MIDL_user_allocate(size_t byteCount) {
    void *block;
    int fails;

    AcquireSRWLockExclusive(&lock);
    fails = allocations_until_failure && --allocations_until_failure == 0;
    ReleaseSRWLockExclusive(&lock);
    if (fails) {
        errno = ENOMEM;
        return NULL;
    }
    block = __real_MIDL_user_allocate(byteCount);
    if (!block)
        return NULL;
    /* Ends the program if the block is not the library's. */
    if (midl_memory_size(block) < byteCount)
        InterlockedIncrement(&unowned_blocks);
    AcquireSRWLockExclusive(&lock);
    note_allocation(block, byteCount);
    ReleaseSRWLockExclusive(&lock);
    return block;
}

void __RPC_USER __wrap_MIDL_user_free(void *block) {
    AcquireSRWLockExclusive(&lock);
    if (block)
        note_free(block);
    ReleaseSRWLockExclusive(&lock);
    __real_MIDL_user_free(block);
}

void ledger_begin(void) {
    struct tally live;

    AcquireSRWLockExclusive(&lock);
    live = counts.live;
    counts = (struct ledger){.live = live};
    allocations_until_failure = 0;
    unowned_blocks = 0;
    ReleaseSRWLockExclusive(&lock);
}

void ledger_enter(enum phase phase) {
    AcquireSRWLockExclusive(&lock);
    current_phase = phase;
    ReleaseSRWLockExclusive(&lock);
}

struct ledger ledger_read(void) {
    struct ledger copy;

    AcquireSRWLockExclusive(&lock);
    copy = counts;
    copy.unowned_blocks = unowned_blocks;
    ReleaseSRWLockExclusive(&lock);
    return copy;
}

void ledger_fail_at(long allocation) {
    AcquireSRWLockExclusive(&lock);
    allocations_until_failure = allocation;
    ReleaseSRWLockExclusive(&lock);
}

struct tally ledger_forget(void *block) {
    struct tally forgotten = {0, 0};

    AcquireSRWLockExclusive(&lock);
    for (long i = 0; i < counts.live.blocks; i++)
        if (live_blocks[i].block == block) {
            forgotten = (struct tally){1, live_blocks[i].byteCount};
            remove_from(&counts.live, live_blocks[i].byteCount);
            live_blocks[i] = live_blocks[counts.live.blocks];
        }
    ReleaseSRWLockExclusive(&lock);
    return forgotten;
}

struct tally ledger_release_live(void) {
    struct tally orphaned;

    AcquireSRWLockExclusive(&lock);
    orphaned = counts.live;
    while (counts.live.blocks > 0) {
        counts.live.blocks -= 1;
        __real_MIDL_user_free(live_blocks[counts.live.blocks].block);
    }
    counts.live.bytes = 0;
    ReleaseSRWLockExclusive(&lock);
    return orphaned;
}
