/*
 * test_loading.c - the shared library is opened, closed and opened again.
 *
 *   loading LIBRARY
 *
 * Blocks live across, threads end after the close, and others begin before
 * the library is there.
 */
#include "support.h"
#include "tap.h"

#include <dlfcn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *library_path;

struct library {
    void *handle;
    void *(*allocate)(size_t);
    void (*free)(void *);
    size_t (*size)(const void *);
    size_t (*trim)(void);
};

static struct library open_library(int flags) {
    struct library library;
    library.handle = dlopen(library_path, flags);
    if (library.handle == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        exit(2);
    }
    *(void **)&library.allocate = dlsym(library.handle, "MIDL_user_allocate");
    *(void **)&library.free = dlsym(library.handle, "MIDL_user_free");
    *(void **)&library.size = dlsym(library.handle, "midl_memory_size");
    *(void **)&library.trim = dlsym(library.handle, "midl_memory_trim");
    return library;
}

enum { BLOCKS = 400 };
static void *blocks[BLOCKS];

static void fill_blocks(const struct library *library) {
    for (size_t index = 0; index < BLOCKS; index++) {
        blocks[index] = library->allocate(index * 300);
        pattern_fill(blocks[index], index * 300, index + 1);
    }
}

static bool empty_blocks(const struct library *library) {
    bool held = true;
    for (size_t index = 0; index < BLOCKS; index++) {
        held = held && pattern_holds(blocks[index], index * 300, index + 1) &&
               library->size(blocks[index]) >= index * 300;
        library->free(blocks[index]);
    }
    return held;
}

static void across(void *unused) {
    (void)unused;
    struct library first = open_library(RTLD_NOW | RTLD_LOCAL);
    fill_blocks(&first);
    dlclose(first.handle);
    struct library second = open_library(RTLD_LAZY | RTLD_LOCAL);
    if (!empty_blocks(&second))
        _exit(1);
    fill_blocks(&second);
    dlclose(second.handle);
    struct library third = open_library(RTLD_NOW | RTLD_GLOBAL);
    if (!empty_blocks(&third))
        _exit(1);
    third.trim();
    dlclose(third.handle);
}

static void many_times(void *unused) {
    (void)unused;
    size_t mapped = 0;
    for (int round = 0; round < 500; round++) {
        struct library library = open_library(RTLD_NOW);
        fill_blocks(&library);
        if (!empty_blocks(&library))
            _exit(1);
        dlclose(library.handle);
        if (round == 50)
            mapped = mapped_bytes();
    }
    if (mapped_bytes() > mapped + 8 * MEBI)
        _exit(2);
}

/* ---- threads around the close ---- */

static pthread_barrier_t used, closed;
static struct library shared;

static void *user(void *unused) {
    void *cached = shared.allocate(100);
    shared.free(shared.allocate(3000));
    shared.free(cached);
    pthread_barrier_wait(&used);
    pthread_barrier_wait(&closed);
    return unused; /* its cache goes back now, after the close */
}

static void threads_end_after_close(void *unused) {
    (void)unused;
    enum { THREADS = 20 };
    pthread_t threads[THREADS];
    pthread_barrier_init(&used, NULL, THREADS + 1);
    pthread_barrier_init(&closed, NULL, THREADS + 1);
    for (int round = 0; round < 20; round++) {
        shared = open_library(RTLD_NOW | RTLD_LOCAL);
        for (int index = 0; index < THREADS; index++)
            threads[index] = thread_start(user, NULL);
        pthread_barrier_wait(&used);
        dlclose(shared.handle);
        pthread_barrier_wait(&closed);
        for (int index = 0; index < THREADS; index++)
            thread_join(threads[index]);
    }
}

/* The last close happens in the destructor of a thread's own key. */
static void close_at_thread_end(void *handle) { dlclose(handle); }

static void *closes_at_end(void *key) {
    struct library library = open_library(RTLD_NOW | RTLD_LOCAL);
    library.free(library.allocate(200));
    pthread_setspecific(*(pthread_key_t *)key, library.handle);
    return NULL;
}

static void close_while_thread_ends(void *unused) {
    (void)unused;
    pthread_key_t key;
    pthread_key_create(&key, close_at_thread_end);
    for (int round = 0; round < 100; round++)
        thread_join(thread_start(closes_at_end, &key));
}

/* Static TLS of a library that comes late must be found by older threads. */
static void *older_thread(void *unused) {
    pthread_barrier_wait(&used);
    for (size_t size = 0; size < 3000; size += 7) {
        char *block = shared.allocate(size);
        if (block == NULL || shared.size(block) < size)
            _exit(1);
        shared.free(block);
    }
    return unused;
}

static void threads_older_than_library(void *unused) {
    (void)unused;
    enum { THREADS = 30 };
    pthread_t threads[THREADS];
    pthread_barrier_init(&used, NULL, THREADS + 1);
    for (int index = 0; index < THREADS; index++)
        threads[index] = thread_start(older_thread, NULL);
    shared = open_library(RTLD_NOW | RTLD_LOCAL);
    pthread_barrier_wait(&used);
    for (int index = 0; index < THREADS; index++)
        thread_join(threads[index]);
}

static void exit_after_close(void *unused) {
    (void)unused;
    struct library library = open_library(RTLD_NOW | RTLD_LOCAL);
    fill_blocks(&library);
    dlclose(library.handle);
    exit(0);
}

/* A fork handler of a library that has gone would be called at its old address. */
static void fork_after_close(void *unused) {
    (void)unused;
    struct library library = open_library(RTLD_NOW | RTLD_LOCAL);
    fill_blocks(&library);
    dlclose(library.handle);
    struct child_result result;
    child_run(&result, across, NULL);
    if (!child_exited(&result, 0))
        _exit(1);
    struct library again = open_library(RTLD_NOW | RTLD_LOCAL);
    if (!empty_blocks(&again))
        _exit(2);
}

int main(int argument_count, char **arguments) {
    static const struct {
        const char *name;
        void (*body)(void *);
    } tests[] = {
        {"blocks live across close and open", across},
        {"opened and closed 500 times, no growth", many_times},
        {"threads end after the close", threads_end_after_close},
        {"a thread closes the library while it ends", close_while_thread_ends},
        {"threads that are older than the library use it", threads_older_than_library},
        {"the process exits after the close", exit_after_close},
        {"the process forks after the close", fork_after_close},
    };
    if (argument_count != 2)
        return 2;
    library_path = arguments[1];
    tap_begin("dlopen", "loading");
    for (size_t index = 0; index < sizeof tests / sizeof tests[0]; index++) {
        struct child_result result;
        child_run(&result, tests[index].body, NULL);
        if (!tap_ok(child_exited(&result, 0), "%s", tests[index].name))
            child_note(&result);
    }
    return tap_end();
}
