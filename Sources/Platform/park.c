/*
 * The other threads of the process, parked: each in the handler of a signal, with its registers on
 * its stack, until it is let go.
 *
 * The signal is a real-time one that the program has left alone. Its handler stays: a thread that
 * has it blocked meets it late, and goes on at once. Nothing here allocates, or waits for a lock.
 */
#define _GNU_SOURCE
#include "midl_diagnosing.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { THREAD_LIMIT = 1024, PATIENCE_MILLISECONDS = 2000 };

static int signal_number;
/* Counts the times; odd while threads are to park. */
static uint32_t turn;
static uint32_t parked_count, gone_count;
static uintptr_t stack_pointers[THREAD_LIMIT];
static int threads[THREAD_LIMIT];
static size_t thread_count;

static uint32_t load(const uint32_t *word) { return __atomic_load_n(word, __ATOMIC_SEQ_CST); }

static void park(int number) {
    int kept = errno;
    uint32_t current = load(&turn);
    (void)number;
    if (current % 2 != 0) {
        uint32_t index = __atomic_fetch_add(&parked_count, 1, __ATOMIC_SEQ_CST);
        /* The registers of the interrupted code are above. */
        if (index < THREAD_LIMIT)
            __atomic_store_n(&stack_pointers[index], (uintptr_t)__builtin_frame_address(0),
                             __ATOMIC_SEQ_CST);
        while (load(&turn) == current)
            syscall(SYS_futex, &turn, FUTEX_WAIT_PRIVATE, current, NULL, NULL, 0);
        __atomic_fetch_add(&gone_count, 1, __ATOMIC_SEQ_CST);
    }
    errno = kept;
}

static bool take_signal(void) {
    struct sigaction action = {.sa_handler = park, .sa_flags = SA_RESTART}, current;
    if (signal_number != 0)
        return true;
    sigfillset(&action.sa_mask);
    for (int number = SIGRTMAX; number >= SIGRTMIN; number--)
        if (sigaction(number, NULL, &current) == 0 && current.sa_handler == SIG_DFL &&
            sigaction(number, &action, NULL) == 0) {
            signal_number = number;
            return true;
        }
    return false;
}

static bool is_known(int thread) {
    for (size_t i = 0; i < thread_count; i++)
        if (threads[i] == thread)
            return true;
    return false;
}

struct entry {
    uint64_t inode;
    int64_t offset;
    unsigned short byte_count;
    unsigned char type;
    char name[];
};

/* Sends the signal to threads that have not had it; how many, -1 when they cannot be listed. */
static int signal_new_threads(void) {
    _Alignas(8) char bytes[4096];
    int self = (int)syscall(SYS_gettid), count = 0;
    long length;
    int directory = open("/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0)
        return -1;
    while ((length = syscall(SYS_getdents64, directory, bytes, sizeof bytes)) > 0)
        for (long at = 0; at < length;) {
            const struct entry *entry = (const struct entry *)(const void *)(bytes + at);
            int thread = atoi(entry->name);
            at += entry->byte_count;
            if (thread <= 0 || thread == self || is_known(thread))
                continue;
            if (thread_count == THREAD_LIMIT) {
                length = -1;
                break;
            }
            if (syscall(SYS_tgkill, getpid(), thread, signal_number) == 0) {
                threads[thread_count++] = thread;
                count++;
            }
        }
    close(directory);
    return length < 0 ? -1 : count;
}

/* Takes threads that have ended out of the list. */
static void forget_ended(void) {
    for (size_t i = 0; i < thread_count;)
        if (syscall(SYS_tgkill, getpid(), threads[i], 0) != 0 && errno == ESRCH)
            threads[i] = threads[--thread_count];
        else
            i++;
}

static void wait_a_moment(void) {
    struct timespec moment = {0, 100000};
    nanosleep(&moment, NULL);
}

static bool all_have_parked(void) {
    for (int tries = 0; tries < PATIENCE_MILLISECONDS * 5; tries++) {
        if (load(&parked_count) >= thread_count)
            return true;
        forget_ended();
        wait_a_moment();
    }
    return false;
}

/* Those that come into being meanwhile are of threads that are not parked yet. */
static bool park_all(void) {
    int count;
    while ((count = signal_new_threads()) > 0)
        if (!all_have_parked())
            return false;
    return count == 0;
}

static void let_go(void) {
    __atomic_fetch_add(&turn, 1, __ATOMIC_SEQ_CST);
    syscall(SYS_futex, &turn, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
    while (load(&gone_count) < load(&parked_count))
        wait_a_moment();
}

/* A function of its own: below its frame is nothing of the caller's, and above it are the registers
 * that the caller has saved. */
__attribute__((noinline)) static void enter(void (*body)(void *, uintptr_t), void *context) {
    body(context, (uintptr_t)__builtin_frame_address(0));
    __asm__ volatile("" : : : "memory");
}

__attribute__((noinline)) void midl_with_registers_saved(void (*body)(void *, uintptr_t),
                                                         void *context) {
    __builtin_unwind_init();
    enter(body, context);
    __asm__ volatile("" : : : "memory");
}

bool midl_with_threads_parked(uintptr_t own_stack_pointer,
                              void (*body)(const uintptr_t *stack_pointers, size_t count)) {
    int kept = errno;
    bool done = take_signal();
    if (done) {
        parked_count = gone_count = 0;
        thread_count = 0;
        __atomic_fetch_add(&turn, 1, __ATOMIC_SEQ_CST);
        done = park_all() && load(&parked_count) < THREAD_LIMIT;
        if (done) {
            size_t count = load(&parked_count);
            stack_pointers[count] = own_stack_pointer;
            body(stack_pointers, count + 1);
        }
        let_go();
    }
    errno = kept;
    return done;
}
