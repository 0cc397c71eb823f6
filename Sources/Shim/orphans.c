/* The functions of midl_memory.h about orphans, forwarded to the diagnostics. */
#include "midl_core.h"
#include "midl_memory.h"

#include <errno.h>

#define EXPORTED __attribute__((visibility("default")))

/* What the diagnostics fill in is what the program reads. */
#define SAME_FIELD(public, field, own, own_field)                                                  \
    _Static_assert(offsetof(struct public, field) == offsetof(struct own, own_field) &&            \
                       sizeof(struct public) == sizeof(struct own),                                \
                   "another field")
SAME_FIELD(midl_orphans_root, start, midl_root, start);
SAME_FIELD(midl_orphans_root, byte_count, midl_root, byte_count);
SAME_FIELD(midl_orphan, block, midl_lost_block, start);
SAME_FIELD(midl_orphan, byte_count, midl_lost_block, byte_count);
SAME_FIELD(midl_orphan, frames, midl_lost_block, frames);
SAME_FIELD(midl_orphan, frame_count, midl_lost_block, frame_count);
SAME_FIELD(midl_orphans_found, block_count, midl_lost_blocks, block_count);
SAME_FIELD(midl_orphans_found, byte_count, midl_lost_blocks, byte_count);
SAME_FIELD(midl_orphans_found, blocks, midl_lost_blocks, blocks);

EXPORTED struct midl_orphans *__RPC_USER midl_orphans_watch(const struct midl_orphans_root *roots,
                                                            size_t count) {
    const struct midl_diagnostics *diagnostics = midl_use_diagnostics();
    uintptr_t watch =
        diagnostics == NULL
            ? 0
            : diagnostics->watch_orphans((const struct midl_root *)(const void *)roots, count);
    if (watch == 0)
        midl_set_out_of_memory();
    return (struct midl_orphans *)watch;
}

/* Who has a watch has the diagnostics. */

EXPORTED int __RPC_USER midl_orphans_find(struct midl_orphans *watch, unsigned unless,
                                          struct midl_orphans_found *found) {
    struct midl_orphans_found ignored;
    if (found == NULL)
        found = &ignored;
    *found = (struct midl_orphans_found){0};
    return watch == NULL ? EINVAL
                         : midl_use_diagnostics()->find_orphans(
                               (uintptr_t)watch, unless, (struct midl_lost_blocks *)(void *)found);
}

EXPORTED size_t __RPC_USER midl_orphans_release(struct midl_orphans *watch) {
    return watch == NULL ? 0 : midl_use_diagnostics()->release_orphans((uintptr_t)watch);
}

EXPORTED void __RPC_USER midl_orphans_end(struct midl_orphans *watch) {
    if (watch != NULL)
        midl_use_diagnostics()->end_orphans((uintptr_t)watch);
}
