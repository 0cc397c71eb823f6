/*
 * test_exit.c - the heap while a thread or the process is ending.
 *
 * A thread's destructors run in an order that nobody controls: some come after
 * the library's own, and one that sets its value again comes several times.
 */
#include "groups.h"
#include "pair.h"
#include "support.h"
#include "tap.h"

#include <limits.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { KEYS = 8 };
static pthread_key_t keys[KEYS];
static atomic_int wrong, destructor_calls;

/* The value of every key is a block filled with its usable size as the seed. */
static void *block_make(size_t byte_count) {
    void *block = pair.allocate(byte_count);
    if (block == NULL)
        atomic_fetch_add(&wrong, 1);
    else
        pattern_fill(block, pair.size(block), pair.size(block));
    return block;
}

static void block_end(void *block) {
    if (!pattern_holds(block, pair.size(block), pair.size(block)))
        atomic_fetch_add(&wrong, 1);
    pair.free(block);
}

/* Frees, allocates in two sizes, and leaves a new block for the next round;
 * in the last round it frees what it has. */
static void destructor(void *value, pthread_key_t key, int *round) {
    atomic_fetch_add(&destructor_calls, 1);
    block_end(value);
    block_end(block_make(3000));
    block_end(block_make(100000));
    if (++*round < PTHREAD_DESTRUCTOR_ITERATIONS)
        pthread_setspecific(key, block_make(48));
}

static _Thread_local int rounds[KEYS];
#define DESTRUCTOR(n)                                                                              \
    static void destructor_##n(void *value) { destructor(value, keys[n], &rounds[n]); }
DESTRUCTOR(0)
DESTRUCTOR(1)
DESTRUCTOR(2)
DESTRUCTOR(3)
DESTRUCTOR(4)
DESTRUCTOR(5)
DESTRUCTOR(6)
DESTRUCTOR(7)
static void (*const destructors[KEYS])(void *) = {destructor_0, destructor_1, destructor_2,
                                                  destructor_3, destructor_4, destructor_5,
                                                  destructor_6, destructor_7};

static void *with_keys(void *unused) {
    for (int index = 0; index < KEYS; index++)
        pthread_setspecific(keys[index], block_make(48));
    return unused;
}

/* Its only use of the heap is in its destructors. */
static void *with_foreign_block(void *block) {
    pthread_setspecific(keys[0], block);
    return NULL;
}

/* C++ thread_local destructors; glibc runs them before those of the keys. */
extern int __cxa_thread_atexit_impl(void (*function)(void *), void *argument, void *library);
extern void *__dso_handle;

static void *with_thread_local_object(void *unused) {
    __cxa_thread_atexit_impl(block_end, block_make(200), &__dso_handle);
    return with_keys(unused);
}

static void threads_with_keys(void *unused) {
    (void)unused;
    /* Half of the keys are older than the library's, half are younger. */
    for (int index = 0; index < KEYS / 2; index++)
        pthread_key_create(&keys[index], destructors[index]);
    pair.free(pair.allocate(1));
    thread_join(thread_start(with_foreign_block, block_make(1000)));
    for (int index = KEYS / 2; index < KEYS; index++)
        pthread_key_create(&keys[index], destructors[index]);

    enum { THREADS = WATCHED ? 300 : 6000 };
    size_t mapped = 0;
    for (int number = 0; number < THREADS; number++) {
        thread_join(thread_start(with_keys, NULL));
        if (number == THREADS / 20)
            mapped = mapped_bytes();
    }
    if (!WATCHED && mapped_bytes() > mapped + 8 * MEBI)
        _exit(3);
    for (int number = 0; number < 100; number++)
        thread_join(thread_start(with_thread_local_object, NULL));
    int expected = PTHREAD_DESTRUCTOR_ITERATIONS * (1 + KEYS * (THREADS + 100));
    if (atomic_load(&destructor_calls) != expected)
        _exit(4);
    _exit(atomic_load(&wrong) != 0);
}

/* ---- the end of the process ---- */

static void *kept_small, *kept_large;
static int handler_count;

static void use_at_exit(void) {
    void *blocks[300];
    for (int index = 0; index < 300; index++)
        blocks[index] = block_make((size_t)index * 50);
    for (int index = 0; index < 300; index++)
        block_end(blocks[index]);
    block_end(block_make(500000));
    handler_count++;
}

static void last_handler(void) {
    use_at_exit();
    block_end(kept_small);
    block_end(kept_large);
    pair.trim();
    _exit(handler_count == 3 && atomic_load(&wrong) == 0 ? 42 : 1);
}

static void exit_with_handlers(void *unused) {
    (void)unused;
    atexit(last_handler); /* the first registered runs last */
    atexit(use_at_exit);
    kept_small = block_make(100);
    kept_large = block_make(1000000);
    atexit(use_at_exit);
    exit(0);
}

/* The linker's list of destructors of the program, after every atexit handler. */
static bool destructor_wanted;
__attribute__((destructor)) static void program_destructor(void) {
    if (!destructor_wanted)
        return;
    use_at_exit();
    block_end(kept_small);
    _exit(atomic_load(&wrong) == 0 ? 43 : 1);
}

static void exit_with_destructor(void *unused) {
    (void)unused;
    destructor_wanted = true;
    kept_small = block_make(100);
    exit(0);
}

static atomic_bool stop;
static void *busy(void *unused) {
    while (!atomic_load(&stop))
        block_end(block_make(700));
    return unused;
}

static void exit_with_busy_threads(void *unused) {
    (void)unused;
    atexit(use_at_exit);
    for (int index = 0; index < 4; index++)
        thread_start(busy, NULL);
    for (int round = 0; round < 100; round++)
        block_end(block_make(700));
    exit(44);
}

#if !SANITIZED
static void *last_thread(void *main_thread) {
    thread_join(*(pthread_t *)main_thread);
    block_end(kept_small);
    use_at_exit();
    exit(atomic_load(&wrong) == 0 ? 45 : 1);
}

static void main_thread_ends_first(void *unused) {
    (void)unused;
    static pthread_t self;
    self = pthread_self();
    kept_small = block_make(300);
    thread_start(last_thread, &self);
    pthread_exit(NULL);
}
#endif

void test_exit(void) {
    static const struct {
        const char *name;
        void (*body)(void *);
        int status;
    } endings[] = {
        {"destructors of eight keys, each four times, allocate and free; no growth",
         threads_with_keys, 0},
        {"atexit handlers older and younger than the heap allocate and free", exit_with_handlers,
         42},
        {"a destructor of the program allocates and frees", exit_with_destructor, 43},
        {"the process ends while four threads allocate and free", exit_with_busy_threads, 44},
#if !SANITIZED /* they take the join of the main thread for a second one */
        {"the main thread ends first, another ends the process", main_thread_ends_first, 45},
#endif
    };
    for (size_t index = 0; index < sizeof endings / sizeof endings[0]; index++) {
        struct child_result result;
        child_run(&result, endings[index].body, NULL);
        if (!tap_ok(child_exited(&result, endings[index].status), "%s", endings[index].name))
            child_note(&result);
    }
}
