/*
 * A lock of one word: 0 free, 1 held, 2 held and waited for.
 * (Drepper, "Futexes Are Tricky", 2011, the second mutex.)
 *
 * What the locks here guard mostly takes less time than to sleep and to be woken up. Who meets a
 * held one therefore looks again for a while, of some microseconds, before it sleeps.
 */
#define _GNU_SOURCE
#include "midl_platform.h"

#include <errno.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { LOOK_COUNT = 100 };

static void pause_briefly(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb" ::: "memory");
#endif
}

static void wait_while_contended(uint32_t *word) {
    int kept = errno;
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, 2, NULL, NULL, 0);
    errno = kept;
}

static void wake_one(uint32_t *word) {
    int kept = errno;
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
    errno = kept;
}

bool midl_try_lock_word(uint32_t *word) {
    uint32_t found = 0;
    /* Acquiring: what the last holder wrote is seen. */
    return atomic_compare_exchange_strong_explicit((_Atomic uint32_t *)word, &found, 1,
                                                   memory_order_acquire, memory_order_relaxed);
}

void midl_lock_word(uint32_t *word) {
    _Atomic uint32_t *state = (_Atomic uint32_t *)word;
    for (int left = LOOK_COUNT; left > 0;) {
        if (midl_try_lock_word(word))
            return;
        do
            pause_briefly();
        while (--left > 0 && atomic_load_explicit(state, memory_order_relaxed) != 0);
    }
    while (atomic_exchange_explicit(state, 2, memory_order_acquire) != 0)
        wait_while_contended(word);
}

void midl_unlock_word(uint32_t *word) {
    /* Releasing: the next holder sees what this one wrote. */
    if (atomic_exchange_explicit((_Atomic uint32_t *)word, 0, memory_order_release) == 2)
        wake_one(word);
}

/* The address of a thread-local is the thread, in the child of a fork as well. Relaxed: a thread
 * finds itself only where it has written itself. */
static bool is_forking(struct midl_fork_lock *lock) {
    return atomic_load_explicit((_Atomic uintptr_t *)&lock->forking_thread, memory_order_relaxed) ==
           (uintptr_t)&midl_thread_front;
}

static void set_forking(struct midl_fork_lock *lock, uintptr_t thread) {
    atomic_store_explicit((_Atomic uintptr_t *)&lock->forking_thread, thread, memory_order_relaxed);
}

void midl_lock_past_fork(struct midl_fork_lock *lock) {
    if (!is_forking(lock))
        midl_lock_word(&lock->word);
}

bool midl_try_lock_past_fork(struct midl_fork_lock *lock) {
    return is_forking(lock) || midl_try_lock_word(&lock->word);
}

void midl_unlock_past_fork(struct midl_fork_lock *lock) {
    if (!is_forking(lock))
        midl_unlock_word(&lock->word);
}

void midl_fork_begins(struct midl_fork_lock *lock) {
    midl_lock_word(&lock->word);
    set_forking(lock, (uintptr_t)&midl_thread_front);
}

bool midl_passes_lock(struct midl_fork_lock *lock) { return is_forking(lock); }

bool midl_try_hold_lock(struct midl_fork_lock *lock) {
    if (!midl_try_lock_word(&lock->word))
        return false;
    set_forking(lock, (uintptr_t)&midl_thread_front);
    return true;
}

void midl_fork_ends(struct midl_fork_lock *lock) {
    set_forking(lock, 0);
    midl_unlock_word(&lock->word);
}
