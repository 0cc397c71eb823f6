/*
 * midl_platform.h - the one gate between the Swift and the system.
 *
 * What Swift cannot do by itself in every build: thread-locals, mappings,
 * locks, the end of the program with a message. Each function is short, has no
 * policy and keeps errno unless it says otherwise.
 */
#ifndef MIDL_PLATFORM_H
#define MIDL_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Pointers are not null unless it says so. */
#pragma clang assume_nonnull begin

/* ---- The front of a thread's cache ---------------------------------------
 *
 * All that the two fast paths read. The rest of a thread's cache follows it in
 * memory and is Swift's (ThreadCache.swift). A thread starts on a constant
 * front on which every allocation and every free misses, so that the fast
 * paths need no test for a thread that is new.
 */
enum {
    MIDL_CLASS_LIMIT = 65,           /* size classes are below */
    MIDL_WATCHED_TAG = 65,           /* the tag of a block that the diagnostics watch, */
    MIDL_WATCHED_LARGE_TAG = 66,     /* of such a large one, */
    MIDL_LARGE_TAG = 67,             /* and of any other large one */
    MIDL_SMALL_BYTE_LIMIT = 1024,    /* classes of sizes up to here by a table for each byte */
    MIDL_MEDIUM_BYTE_LIMIT = 32768,  /* and up to here by one */
    MIDL_MEDIUM_STEP = 128,          /* for so many each */
    MIDL_MAGAZINE_BYTE_COUNT = 1024, /* and a magazine's alignment */
    /* From a front to the tag of the granule that it counts as its first: a constant in the code
     * of free, which so needs no load to find the tags (Region.swift). */
    MIDL_TAGS_DISTANCE = 64 << 20,
};

struct midl_front {
    uintptr_t first_granule;                           /* address of the first granule, as this
                                                          front counts them */
    uintptr_t granule_limit;                           /* and how many there are */
    uintptr_t tag_bias;                                /* a tag is at (address >> 4) + this */
    uintptr_t arena;                                   /* of the current environment, or 0 */
    uintptr_t bump_arena;                              /* the same, or one without room */
    uintptr_t unsealed_block[3];                       /* what an empty magazine holds */
    uint8_t class_of_bytes[MIDL_SMALL_BYTE_LIMIT + 1]; /* size class by bytes asked for */
    uint8_t class_of_steps[MIDL_MEDIUM_BYTE_LIMIT / MIDL_MEDIUM_STEP];
    /* The top of the loaded magazine, by size class, and by tag: the next block to allocate is in
     * the slot below, the next one freed goes there. In a cache the others follow; the constant
     * fronts, by which all bytes are of class 0 and on which no free gets as far as a tag, have
     * only this one. */
    void *_Nullable *_Nonnull tops[1];
};

enum {
    MIDL_FRONT_UNSEALED_OFFSET = offsetof(struct midl_front, unsealed_block),
    MIDL_FRONT_CLASSES_OFFSET = offsetof(struct midl_front, class_of_bytes),
    MIDL_FRONT_STEPS_OFFSET = offsetof(struct midl_front, class_of_steps),
    MIDL_FRONT_TOPS_OFFSET = offsetof(struct midl_front, tops),
};

/* An arena without room, for a front without an environment: zeros, as far as the fast path reads.
 * It is why that path does not ask whether there is an environment. */
const void *midl_no_arena(void);

/* An empty and at the same time full magazine: its end is aligned, and the
 * slot before the end holds a block that is never sealed. */
void *_Nullable *_Nonnull midl_no_magazine(void);

/* The front of a thread without a cache. */
const struct midl_front *midl_new_front(void);

/* Little thread-local storage; initial-exec, so that the front is one load,
 * and small enough for dlopen's reserve of static TLS. */
extern _Thread_local const struct midl_front *midl_thread_front
    __attribute__((tls_model("initial-exec"), visibility("hidden")));

/* The thread has had its notice of the end. */
extern _Thread_local bool midl_thread_is_ending
    __attribute__((tls_model("initial-exec"), visibility("hidden")));

static inline const struct midl_front *midl_current_front(void) { return midl_thread_front; }
static inline void midl_set_current_front(const struct midl_front *front) {
    midl_thread_front = front;
}

static inline bool midl_is_ending(void) { return midl_thread_is_ending; }
static inline void midl_set_ending(void) { midl_thread_is_ending = true; }

/* ---- Address space ------------------------------------------------------- */

/* Reserves address space without access and without a claim on memory. NULL when refused. */
void *_Nullable midl_reserve(size_t byte_count);
/* Gives a reserved or committed range back to the system altogether. */
void midl_release(void *start, size_t byte_count);
/* Makes a reserved range readable; it reads as zero and takes no memory. */
bool midl_make_readable(void *start, size_t byte_count);
/* Makes a reserved range readable and writable: from here on the system may refuse memory, or
 * count it. The limits of the process (RLIMIT_AS) bind what is committed, not what is reserved:
 * `reserved_byte_count` is how much of the process's address space is only reserved. */
bool midl_commit(void *start, size_t byte_count, size_t reserved_byte_count);
/* Gives the pages of a committed range back; they read as zero afterwards. */
void midl_decommit(void *start, size_t byte_count);
/* Asks the system for huge pages in a committed range, or for small ones only. */
void midl_advise_huge(void *start, size_t byte_count, bool is_huge);
/* Whether a page is in memory; unknown where the system does not say. */
enum midl_residency { MIDL_NOT_RESIDENT, MIDL_RESIDENT, MIDL_RESIDENCY_UNKNOWN };
enum midl_residency midl_residency(void *page);

size_t midl_physical_byte_count(void);
/* The limit on the process's address space, SIZE_MAX when there is none. */
size_t midl_address_space_limit(void);

/* Milliseconds since some moment, cheaply: a few behind. */
uint64_t midl_milliseconds(void);

/* 64 bits that cannot be guessed. */
uint64_t midl_random(void);

/* ---- Tools that watch the program ---------------------------------------- */

enum midl_tool { MIDL_NO_TOOL, MIDL_MEMCHECK, MIDL_ADDRESS_SANITIZER };
/* The one that has replaced malloc to see every access. */
enum midl_tool midl_watching_tool(void);

/* ---- Locks, threads, fork ------------------------------------------------ */

enum midl_lock_index { MIDL_LOCK_RESTING, MIDL_LOCK_REGISTRY, MIDL_LOCK_POOL, MIDL_LOCK_COUNT };
/* Order: as above. */
void midl_lock(enum midl_lock_index index);
void midl_unlock(enum midl_lock_index index);

/* A lock of one word, 0 when it is free; for records that come and go. Who waits
 * for long waits in the system. */
void midl_lock_word(uint32_t *word);
/* False, at once, when it is held. */
bool midl_try_lock_word(uint32_t *word);
void midl_unlock_word(uint32_t *word);

/* A lock that fork takes, all zero when it is free. While the thread that forks has it for that, it
 * passes: handlers of fork that are older than the lock's run inside, and use the blocks. */
struct midl_fork_lock {
    /* 0 for none. First, for Swift makes a global of it without the padding between fields. */
    uintptr_t forking_thread;
    uint32_t word;
};
void midl_lock_past_fork(struct midl_fork_lock *lock);
bool midl_try_lock_past_fork(struct midl_fork_lock *lock);
void midl_unlock_past_fork(struct midl_fork_lock *lock);
/* For midl_watch_fork: `ends` is the same in parent and child. */
void midl_fork_begins(struct midl_fork_lock *lock);
void midl_fork_ends(struct midl_fork_lock *lock);
/* Takes the lock, if it is free, so that the calling thread passes until midl_fork_ends; false, at
 * once, when it is held. */
bool midl_try_hold_lock(struct midl_fork_lock *lock);
/* Whether the calling thread passes. */
bool midl_passes_lock(struct midl_fork_lock *lock);

/* Has `ends` called with `front` on the calling thread when it ends; `ends` is the same in every
 * call. False when the system cannot do that. */
bool midl_watch_thread_end(const struct midl_front *front, void (*ends)(const struct midl_front *));
/* Has the functions called around fork, on the thread that forks. Once for each process. */
bool midl_watch_fork(void (*begins)(void), void (*ends_in_parent)(void),
                     void (*ends_in_child)(void));

/* ---- Errors -------------------------------------------------------------- */

void midl_set_out_of_memory(void); /* errno = ENOMEM */

/* Prints "libmidl_user: text" as one line on standard error. */
void midl_complain(const char *text);

/* Prints "function(pointer): cause" as one line on standard error and aborts. */
_Noreturn void midl_stop(const char *function, const void *_Nullable pointer, const char *cause);

/* Prints the status, name and origin of an exception that nobody catches, as one line, and
 * aborts. */
_Noreturn void midl_stop_uncaught(int32_t status, const char *name, const char *function);

#pragma clang assume_nonnull end

#endif /* MIDL_PLATFORM_H */
