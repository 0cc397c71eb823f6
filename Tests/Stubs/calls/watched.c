/* Orphans, found and given back; see watched.h. */
#include <rpc.h>
#include <rpcndr.h>

#include "checks.h"
#include "midl_memory.h"
#include "watched.h"

static struct midl_orphans_root root;
static struct midl_orphans *watch;
static struct midl_orphans_found found;

void watch_begins(const void *start, size_t byte_count) {
    root = (struct midl_orphans_root){start, byte_count};
    watch = midl_orphans_watch(&root, 1);
    CHECK(watch != NULL);
}

void watch_finds(size_t byte_count) {
    root.byte_count = byte_count;
    CHECK_EQUAL(0, midl_orphans_find(watch, 0, &found));
    root.byte_count = 0; /* the variable goes before the watch does */
}

struct tally watch_releases(void) {
    struct tally sum = {0, 0};

    for (size_t i = 0; i < found.block_count; i++) {
        struct tally block = ledger_forget(found.blocks[i].block);

        sum.blocks += block.blocks;
        sum.bytes += block.bytes;
    }
    if (watch)
        CHECK_EQUAL(sum.blocks, (long)midl_orphans_release(watch));
    midl_orphans_end(watch);
    watch = NULL;
    found = (struct midl_orphans_found){0};
    return sum;
}
