/* Thread-locals, locks, and the moments at which threads end and processes fork. */
#include "midl_platform.h"

#include <pthread.h>

/* Never sealed. An allocation subtracts the block's address, a multiple of 16, from its seal; what
 * is left here is never a multiple of 16, however often, and by how many threads at once, that is
 * done, so that it is never zero, which would make it a block. */
static _Alignas(16) uint32_t unsealed_block[4] = {0, 1, 0, 0};

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
void AnnotateBenignRaceSized(const char *file, int line, const volatile void *memory, size_t count,
                             const char *description);
__attribute__((constructor)) static void tell_sanitizer(void) {
    AnnotateBenignRaceSized(__FILE__, __LINE__, unsealed_block, sizeof unsealed_block,
                            "any of the values is as good as another");
}
#endif
#endif

static const uintptr_t arena_without_room[4];

/* The front of a thread without a cache, and behind it what is no magazine: a slot, and an end that
 * is aligned as a magazine's. No region: each free misses. An empty magazine: each allocation
 * misses. */
struct new_thread {
    _Alignas(MIDL_MAGAZINE_BYTE_COUNT) struct midl_front front;
    char unused[MIDL_MAGAZINE_BYTE_COUNT -
                (sizeof(struct midl_front) + sizeof(void *)) % MIDL_MAGAZINE_BYTE_COUNT];
    void *slot;
};
_Static_assert(sizeof(struct new_thread) == offsetof(struct new_thread, slot) + sizeof(void *), "");

static const struct new_thread new_thread;

#define NO_MAGAZINE ((void **)(&new_thread + 1))

static const struct new_thread new_thread = {
    .front = {.bump_arena = (uintptr_t)arena_without_room, .tops = {NO_MAGAZINE}},
    .slot = (void *)unsealed_block,
};

const struct midl_front *midl_new_front(void) { return &new_thread.front; }

const void *midl_no_arena(void) { return arena_without_room; }

void **midl_no_magazine(void) { return NO_MAGAZINE; }

_Thread_local const struct midl_front *midl_thread_front = &new_thread.front;
_Thread_local bool midl_thread_is_ending;

/* Each on a line of its own: nothing that is read all the time beside one that is fought for. */
static struct {
    _Alignas(64) uint32_t word;
} locks[MIDL_LOCK_COUNT];

void midl_lock(enum midl_lock_index index) { midl_lock_word(&locks[index].word); }

void midl_unlock(enum midl_lock_index index) { midl_unlock_word(&locks[index].word); }

static pthread_key_t key;
static _Atomic bool key_exists;
static void (*_Atomic thread_ends)(const struct midl_front *);

static void call_thread_ends(void *front) { thread_ends(front); }

/* Tried again after a failure, which pthread_once would not do. */
static bool make_key(void) {
    midl_lock(MIDL_LOCK_REGISTRY);
    if (!key_exists)
        key_exists = pthread_key_create(&key, call_thread_ends) == 0;
    midl_unlock(MIDL_LOCK_REGISTRY);
    return key_exists;
}

bool midl_watch_thread_end(const struct midl_front *front,
                           void (*ends)(const struct midl_front *)) {
    thread_ends = ends;
    return (key_exists || make_key()) && pthread_setspecific(key, front) == 0;
}

bool midl_watch_fork(void (*begins)(void), void (*ends_in_parent)(void),
                     void (*ends_in_child)(void)) {
    return pthread_atfork(begins, ends_in_parent, ends_in_child) == 0;
}
