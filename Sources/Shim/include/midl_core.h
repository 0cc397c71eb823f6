/*
 * midl_core.h - where the library and its diagnostics meet.
 *
 *     libmidl_user      Choice.swift, diagnostics.c     the heap, the pair, RpcSs
 *         |  ^
 *   start |  | struct midl_core: functions of the heap
 *         v  |
 *     libmidl_diagnostics      Sources/Diagnostics      guard, statistics, ...
 *
 * The diagnostics are a library of their own, loaded when MIDL_MEMORY is set or a function of
 * midl_memory.h asks for them, so that the library itself stays small. In an archive and in the
 * Swift package both are one program.
 *
 * All functions here have the platform's calling convention, also under Winelib.
 */
#ifndef MIDL_CORE_H
#define MIDL_CORE_H

#include "midl_memory.h"
#include "midl_platform.h"

#pragma clang assume_nonnull begin

/* Changes whenever a structure of this file does. Both sides refuse another one. */
enum { MIDL_CORE_VERSION = 4 };

/* ---- What the heap lets its diagnostics see ------------------------------ */

enum midl_span_kind {
    MIDL_SPAN_FREE,
    MIDL_SPAN_SLAB,              /* blocks of one size class */
    MIDL_SPAN_LARGE,             /* one block */
    MIDL_SPAN_CHUNK,             /* from which an environment cuts blocks of any size */
    MIDL_SPAN_ENVIRONMENT_BLOCK, /* one block of an environment */
};

/* A run of whole pages of the heap's region. */
struct midl_span {
    uintptr_t start;
    size_t byte_count;
    uintptr_t first_block;   /* where the first block begins, or the only one */
    size_t block_byte_count; /* of a slab: the bytes of each block; of a large block: usable ones */
    /* Free spans: bytes that may still have pages. */
    size_t dirty_byte_count;
    uintptr_t
        owner; /* of a slab: the cache; of a chunk: 0 when it is kept for a next environment */
    enum midl_span_kind kind;
};

/* A live block. */
struct midl_block {
    uintptr_t start;
    size_t byte_count; /* usable */
    bool is_of_environment;
};

enum midl_cache_state { MIDL_CACHE_OF_THREAD, MIDL_CACHE_WITHOUT_THREAD, MIDL_CACHE_LOST = 3 };

/* The cache of a thread. Of other threads' the figures may be a few operations old. */
struct midl_cache {
    uintptr_t address;
    uintptr_t next; /* the address of the next one, 0 at the end */
    enum midl_cache_state state;
    /* By size class: the tops of the two magazines of free blocks (midl_magazine_block_count), the
     * blocks in full magazines besides, and units of 64 KiB of the slabs. */
    const uintptr_t *_Nullable tops, *_Nullable previous_tops;
    const intptr_t *_Nullable full_block_counts, *_Nullable slab_unit_counts;
    uintptr_t no_magazine;   /* a top where there is none */
    size_t kept_chunk_count; /* units kept for the thread's next environment */
};

/* The free blocks in the magazine below a top. */
static inline size_t midl_magazine_block_count(uintptr_t top, uintptr_t no_magazine) {
    uintptr_t magazine = (top - 1) & -(uintptr_t)MIDL_MAGAZINE_BYTE_COUNT;
    const uintptr_t *first = (const uintptr_t *)magazine + 1;
    return top == no_magazine ? 0 : (top - *first) / sizeof(uintptr_t);
}

struct midl_heap_figures {
    uintptr_t start; /* of the region in which all blocks are, and how long it is */
    size_t region_byte_count;
    /* The tags of its granules of 16 bytes, a byte for each. Only that of a live block of the heap
     * may be changed, while nobody frees it, between its own and the watched one; a free puts its
     * own back (WatchedBlock.swift). */
    uintptr_t tags;
    /* Of the heap's own records those that have addresses of the region: none of them refers to a
     * block for the program. */
    uintptr_t records;
    size_t records_byte_count;
    size_t mapped_byte_count;    /* of the region, from its start: ever used */
    size_t used_byte_count;      /* of spans that are not free */
    size_t peak_used_byte_count; /* most of that at any time */
    size_t dirty_byte_count;     /* of free spans: kept with their pages */
    size_t returned_byte_count;  /* given back to the system since the start, in sum */
};

/* What a record of an environment is: there are none with higher indices, no environment uses it,
 * or one does. */
enum midl_environment_state {
    MIDL_ENVIRONMENT_NONE,
    MIDL_ENVIRONMENT_SPARE,
    MIDL_ENVIRONMENT_IN_USE
};

struct midl_core {
    uint32_t version;

    /* A block of the heap, whatever is chosen; NULL, and ENOMEM, without memory. */
    void *_Nullable (*_Nonnull allocate)(size_t byte_count);
    /* As midl_user_free, but that the allocator's `freed` is not told. */
    void (*_Nonnull free)(void *block);

    /* The locks of the registry and of the pool; order: registry before pool. Whoever holds one
     * allocates and frees nothing, by malloc neither. */
    void (*_Nonnull lock)(enum midl_lock_index index);
    void (*_Nonnull unlock)(enum midl_lock_index index);

    /* The span that an address is in. False outside of what the heap has ever used, so that spans
     * are walked from `figures.start` on by their byte counts until it is false. Under the pool's
     * lock. */
    bool (*_Nonnull span)(uintptr_t address, struct midl_span *span);
    /* The usable bytes of the live block that starts at an address, of the heap's or of an
     * environment; 0 when none does. Under the pool's lock, unless the caller owns the block or any
     * answer will do. */
    size_t (*_Nonnull live)(uintptr_t address);
    /* The first cache for 0, else the one at an address. False when there is none. Under the
     * registry's lock. */
    bool (*_Nonnull cache)(uintptr_t address, struct midl_cache *cache);
    /* Of the records of environments, by index from 0 on. Under the registry's lock. */
    enum midl_environment_state (*_Nonnull environment)(size_t index);
    /* midl_choice. */
    const uintptr_t *_Nonnull choice;
    /* All zero before the first allocation. Under the pool's lock. */
    void (*_Nonnull figures)(struct midl_heap_figures *figures);
};

/* ---- What the diagnostics give the library ------------------------------- */

/* An allocator in the heap's place. */
struct midl_allocator {
    /* Sets `block` to one that is aligned to 16, 0 bytes included, or to NULL without memory. False
     * leaves it to the heap, as for a thread that is in this function already. */
    bool (*_Nullable allocate)(size_t byte_count, void *_Nullable *_Nonnull block);
    /* Free and size of any pointer that is not in the heap's region: ends the program for what
     * `allocate` never made. */
    void (*_Nullable free)(void *block);
    size_t (*_Nullable size)(const void *block);
    /* Told of every block of the heap after it was made, and of every pointer, a good one or not,
     * before the heap frees it; true when it is not to free it. `period` is 1 then. */
    void (*_Nullable made)(void *block);
    bool (*_Nullable freed)(void *pointer);
    /* Of any pointer in the heap's region: the bytes of a block that `allocate` took of the heap,
     * as asked for; -1 for another's. Ends the program for a block that was freed or is an
     * environment's, in the name of midl_memory_size or of midl_memory_free_sized. */
    ptrdiff_t (*_Nullable requested)(const void *pointer, bool is_sized_free);
    /* 1: asked for every block; n, from some hundreds on: for about one in n. 0: no allocator. */
    uint32_t period;
};

/* Blocks of environments one by one, each from an allocator, in the place of chunks from which many
 * are cut. An environment is any number but 0. */
struct midl_environment_blocks {
    /* A block that is aligned to 16; NULL leaves it to the heap. */
    void *_Nullable (*_Nullable allocate)(uintptr_t environment, size_t byte_count);
    /* False, and nothing has happened, when the block is not a live one of the environment's. */
    bool (*_Nullable free)(uintptr_t environment, void *block);
    /* Frees all blocks of an environment. */
    void (*_Nullable end)(uintptr_t environment);
    /* Whether a live block of any environment or of the allocator is at an address. */
    bool (*_Nullable contains)(const void *_Nullable address);
};

struct midl_diagnostics {
    struct midl_allocator allocator;
    /* All NULL when the heap cuts them from chunks. */
    struct midl_environment_blocks environment_blocks;
    /* MIDL_MEMORY names an allocator, be it the heap: the program's own has no say. Else
     * `allocator`, if there is one, only watches, and gives way to the program's own. */
    bool has_chosen_allocator;
    /* Functions of midl_memory.h, which forward to them. */
    int (*_Nullable statistics)(struct midl_memory_statistics *_Nullable statistics);
    int (*_Nullable report)(const char *_Nullable name, int file);
    struct midl_orphans *_Nullable (*_Nullable orphans_watch)(
        const struct midl_orphans_root *_Nullable roots, size_t count);
    int (*_Nullable orphans_find)(struct midl_orphans *_Nullable watch, unsigned unless,
                                  struct midl_orphans_found *_Nullable found);
    size_t (*_Nullable orphans_release)(struct midl_orphans *_Nullable watch);
    void (*_Nullable orphans_end)(struct midl_orphans *_Nullable watch);
};

/* Starts the diagnostics, once for each process. `core` and `diagnostics` stay where they are;
 * `choices` is the text of MIDL_MEMORY, NULL when it is not set: then a tool that watches the
 * program (midl_watching_tool) makes the choice. False, and nothing has happened, for another
 * version, or without memory. */
bool midl_diagnostics_start(const struct midl_core *core, const char *_Nullable choices,
                            struct midl_diagnostics *diagnostics);

/* ---- In the library ------------------------------------------------------ */

/* diagnostics.c: the diagnostics, started when they have not been, after the choice was made. NULL,
 * and a line was printed, when they cannot be. Under no lock. */
const struct midl_diagnostics *_Nullable midl_use_diagnostics(void);

/* 0 for the heap, 1 before the choice, else the address of the allocator. */
extern uintptr_t midl_choice __attribute__((visibility("hidden")));

static inline bool midl_heap_is_chosen(void) {
    return __atomic_load_n(&midl_choice, __ATOMIC_RELAXED) == 0;
}

/* NULL for the heap and before the choice. Acquiring: who sees the address sees the allocator. */
static inline const struct midl_allocator *_Nullable midl_chosen_allocator(void) {
    uintptr_t choice = __atomic_load_n(&midl_choice, __ATOMIC_ACQUIRE);
    return choice == 1 ? NULL : (const struct midl_allocator *)choice;
}

/* diagnostics.c: NULL when environments cut their blocks from chunks. Written before any thread has
 * an environment. */
extern const struct midl_environment_blocks *_Nullable midl_chosen_environment_blocks
    __attribute__((visibility("hidden")));

static inline const struct midl_environment_blocks *_Nullable midl_environment_blocks(void) {
    return midl_chosen_environment_blocks;
}

/* Makes the choice unless it is made. What the system allocates meanwhile on the same thread comes
 * from the heap. Under no lock. */
void midl_make_choice(void);
/* The same with the program's own allocator, which stays where it is and is used unless MIDL_MEMORY
 * names another one. False when the choice had been made. */
bool midl_make_own_choice(const struct midl_allocator *_Nullable allocator);

/* Swift: what changes in the front of a thread that had a cache before the choice. */
void midl_core_prepare(const struct midl_front *front);
/* Swift: the functions of struct midl_core. */
void *_Nullable midl_core_allocate(size_t byte_count);
void midl_core_free(void *block);
bool midl_core_span(uintptr_t address, struct midl_span *span);
size_t midl_core_live(uintptr_t address);
bool midl_core_cache(uintptr_t address, struct midl_cache *cache);
enum midl_environment_state midl_core_environment(size_t index);
void midl_core_figures(struct midl_heap_figures *figures);

#pragma clang assume_nonnull end

#endif /* MIDL_CORE_H */
