/*
 * instructions.c - pairs of 40 bytes for callgrind to count: `instructions.sh` runs it.
 *
 *   instructions pairs     one block at a time
 *   instructions batches   64 blocks at a time, last in first out
 *
 * What `measured` calls is counted, after as many pairs that are not.
 */
#include "midl_user.h"

#include <string.h>

enum { PAIR_COUNT = 100000, BATCH = 64, BYTE_COUNT = 40 };

static void touch(void *block) { *(volatile char *)block = 1; }

static void run_pairs(void) {
    for (int i = 0; i < PAIR_COUNT; i++) {
        void *block = midl_user_allocate(BYTE_COUNT);
        touch(block);
        midl_user_free(block);
    }
}

/* In all 1,563 batches, the last of them cut short. */
static void run_batches(void) {
    void *blocks[BATCH];
    for (int done = 0; done < PAIR_COUNT; done += BATCH) {
        int count = PAIR_COUNT - done < BATCH ? PAIR_COUNT - done : BATCH;
        for (int i = 0; i < count; i++)
            touch(blocks[i] = midl_user_allocate(BYTE_COUNT));
        for (int i = count - 1; i >= 0; i--)
            midl_user_free(blocks[i]);
    }
}

/* By its name --toggle-collect finds it. */
__attribute__((noinline)) void measured(void (*run)(void));
void measured(void (*run)(void)) {
    run();
    touch(&run); /* so that the call is no jump, which would never return here */
}

int main(int count, char **arguments) {
    if (count != 2)
        return 2;
    void (*run)(void) = strcmp(arguments[1], "batches") == 0 ? run_batches : run_pairs;
    run();
    measured(run);
    return 0;
}
