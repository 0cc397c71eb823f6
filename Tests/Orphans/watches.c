/*
 * watches.c - watches beside each other: nested, in threads, after fork, and what happens to
 * watched blocks and their addresses meanwhile.
 */
#include "graph.h"
#include "rpcss.h"
#include "tap.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROOT(variable) ((struct midl_orphans_root){&(variable), sizeof(variable)})

static void null_watch(void) {
    struct midl_orphans_found found = {1, 1, (void *)1};
    tap_ok(midl_orphans_find(NULL, 0, &found) == EINVAL && found.block_count == 0 &&
               found.blocks == NULL && midl_orphans_release(NULL) == 0,
           "without a watch nothing is found or freed");
    midl_orphans_end(NULL);
    struct midl_orphans *watch = midl_orphans_watch(NULL, 0);
    tap_ok(watch != NULL && midl_orphans_find(watch, 2, &found) == EINVAL &&
               midl_orphans_find(watch, 0, NULL) == 0,
           "no roots are fine, another choice is not");
    midl_orphans_end(watch);
}

/* A small and a large block that are freed while they are watched, and whose addresses are given
 * out again: to an owner that no root knows of. */
static void freed_meanwhile(size_t byte_count, const char *kind) {
    void *block = midl_user_allocate(byte_count), *again = NULL, *others[64];
    int count = 0;
    struct midl_orphans_root root = ROOT(block);
    memset(block, 0, byte_count);
    struct midl_orphans *watch = midl_orphans_watch(&root, 1);
    void *before = block;
    tap_ok(midl_memory_size(block) >= byte_count, "%s: a watched block has its size", kind);
    midl_user_free(block);
    block = NULL;
    while (again != before && count < 64)
        others[count++] = again = midl_user_allocate(byte_count);
    struct midl_orphans_found found = find(watch, 0);
    /* In the guard's quarantine no address comes again. */
    const char *choices = getenv("MIDL_MEMORY");
    bool comes_again = choices == NULL || strcmp(choices, "guard") != 0;
    tap_ok(comes_again == (again == before) && found.block_count == 0,
           "%s: a new block at the address of a freed one is not found", kind);
    tap_ok(midl_orphans_release(watch) == 0 && is_live(again), "%s: nor freed", kind);
    /* The address is watched again, by somebody else: the old watch has nothing to do with it. */
    struct midl_orphans_root other_root = ROOT(again);
    struct midl_orphans *other = midl_orphans_watch(&other_root, 1);
    again = NULL;
    found = find(watch, 0);
    tap_ok(found.block_count == 0, "%s: nor when another watch has the new one", kind);
    found = find(other, 0);
    tap_ok(found_are(&found, others[count - 1], NULL), "%s: which finds it", kind);
    midl_orphans_end(watch);
    midl_orphans_end(other);
    while (count > 0)
        midl_user_free(others[--count]);
}

/* A block that the caller frees between find and release. */
static void freed_after_find(void) {
    struct node *list = list_make(2), *first = list, *second = list->next;
    struct midl_orphans_root root = ROOT(list);
    struct midl_orphans *watch = midl_orphans_watch(&root, 1);
    list = NULL;
    find(watch, 0);
    midl_user_free(first);
    void *again = midl_user_allocate(sizeof *first);
    tap_ok(midl_orphans_release(watch) == 1 && is_live(again) && !is_live(second),
           "what was freed after the find is not freed again");
    midl_orphans_end(watch);
    midl_user_free(again);
}

static void nested(void) {
    struct node *list = list_make(4);
    struct node *nodes[4] = {list, list->next, list->next->next, list->next->next->next};
    struct midl_orphans_root root = ROOT(list);
    struct midl_orphans *outer = midl_orphans_watch(&root, 1);
    nodes[2]->next = NULL;
    struct midl_orphans *inner = midl_orphans_watch(&root, 1);
    nodes[0]->next = NULL;
    struct midl_orphans_found found = find(inner, 0);
    tap_ok(found_are(&found, nodes[1], nodes[2], NULL), "nested: the inner one finds its own");
    midl_orphans_release(inner);
    struct node *again[2] = {node_make(NULL, NULL), node_make(NULL, NULL)};
    found = find(outer, 0);
    tap_ok(found_are(&found, nodes[3], NULL), "nested: the outer one what is left");
    midl_orphans_end(inner);
    found = find(outer, 0);
    tap_ok(found_are(&found, nodes[3], NULL), "nested: also after the end of the inner one");
    tap_ok(midl_orphans_release(outer) == 1 && is_live(again[0]) && is_live(again[1]),
           "nested: released");
    midl_orphans_end(outer);
    midl_user_free(again[0]);
    midl_user_free(again[1]);
    midl_user_free(nodes[0]);
}

/* The root of one watch keeps the blocks of another. */
static void other_roots(void) {
    struct node *p = node_make(NULL, NULL), *q = p, *block = p;
    struct midl_orphans_root root = ROOT(p), other_root = ROOT(q);
    struct midl_orphans *watch = midl_orphans_watch(&root, 1);
    struct midl_orphans *other = midl_orphans_watch(&other_root, 1);
    p = NULL;
    struct midl_orphans_found found = find(watch, 0);
    tap_ok(found.block_count == 0, "the root of another watch keeps a block");
    midl_orphans_end(other);
    found = find(watch, 0);
    tap_ok(found_are(&found, block, NULL), "until that watch ends");
    midl_orphans_release(watch);
    midl_orphans_end(watch);
}

/* Blocks of environments lead on, and are not found. */
static void environments(void) {
    RpcSsEnableAllocate();
    struct node *list = RpcSsAllocate(sizeof *list);
    struct node *block = node_make(NULL, NULL);
    *list = (struct node){block, NULL, 0};
    struct midl_orphans_root root = ROOT(list);
    struct midl_orphans *watch = midl_orphans_watch(&root, 1);
    struct midl_orphans_found found = find(watch, 0);
    tap_ok(found.block_count == 0, "a block of an environment leads on to others");
    list->other = block;
    list = NULL;
    found = find(watch, MIDL_ORPHANS_UNLESS_BLOCK);
    tap_ok(found.block_count == 0, "and by choice keeps them");
    found = find(watch, 0);
    tap_ok(found_are(&found, block, NULL), "but is itself never found");
    midl_orphans_release(watch);
    midl_orphans_end(watch);
    RpcSsDisableAllocate();
}

/* ---- Threads ---- */

enum { THREADS = 4, ROUNDS = 300 };

static void *watch_in_thread(void *failures) {
    for (int round = 0; round < ROUNDS; round++) {
        struct node *list = list_make(20), *kept = list->next->next;
        struct midl_orphans_root root = ROOT(list);
        struct midl_orphans *watch = midl_orphans_watch(&root, 1);
        list->next = kept;
        struct midl_orphans_found found = find(watch, round % 4 == 0);
        bool holds = found.block_count <= 1 && (round % 4 == 0 || found.block_count == 1);
        size_t count = found.block_count;
        holds = midl_orphans_release(watch) == count && holds;
        midl_orphans_end(watch);
        list_free(list);
        if (!holds)
            __atomic_fetch_add((int *)failures, 1, __ATOMIC_RELAXED);
    }
    return NULL;
}

static void *churn(void *stop) {
    void *blocks[64] = {NULL};
    for (unsigned i = 0; !__atomic_load_n((int *)stop, __ATOMIC_RELAXED); i++) {
        midl_user_free(blocks[i % 64]);
        blocks[i % 64] = midl_user_allocate(i % 3000 * (i % 97 == 0 ? 40 : 1));
    }
    for (int i = 0; i < 64; i++)
        midl_user_free(blocks[i]);
    return NULL;
}

static void threads(void) {
    pthread_t watching[THREADS], churning;
    int failures = 0, stop = 0;
    pthread_create(&churning, NULL, churn, &stop);
    for (int i = 0; i < THREADS; i++)
        pthread_create(&watching[i], NULL, watch_in_thread, &failures);
    for (int i = 0; i < THREADS; i++)
        pthread_join(watching[i], NULL);
    __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
    pthread_join(churning, NULL);
    tap_ok(failures == 0, "%d threads watch beside one that allocates and frees", THREADS);
}

/* A watched block that another thread frees goes home as any. */
static void *free_it(void *block) {
    midl_user_free(block);
    return NULL;
}

static void freed_by_another(void) {
    struct node *list = list_make(1);
    struct midl_orphans_root root = ROOT(list);
    struct midl_orphans *watch = midl_orphans_watch(&root, 1);
    pthread_t thread;
    pthread_create(&thread, NULL, free_it, list);
    pthread_join(thread, NULL);
    void *block = list;
    list = NULL;
    struct midl_orphans_found found = find(watch, 0);
    tap_ok(found.block_count == 0 && !is_live(block), "a block that another thread freed is free");
    midl_orphans_end(watch);
}

/* ---- fork ---- */

static void after_fork(void) {
    struct node *list = list_make(3), *second = list->next;
    struct midl_orphans_root root = ROOT(list);
    struct midl_orphans *watch = midl_orphans_watch(&root, 1);
    int status = 0;
    pid_t child = fork();
    list->next = NULL;
    struct midl_orphans_found found = find(watch, 0);
    bool holds = found_are(&found, second, second->next, NULL);
    holds = midl_orphans_release(watch) == 2 && holds;
    midl_orphans_end(watch);
    if (child == 0)
        _exit(holds ? 0 : 1);
    waitpid(child, &status, 0);
    tap_ok(holds && WIFEXITED(status) && WEXITSTATUS(status) == 0,
           "the child of a fork and its parent each find and release");
    list_free(list);
}

/* The watches of other threads, and the guard's allocations, hold the locks that fork takes. */
static void fork_beside(void) {
    enum { FORKS = 100 };
    pthread_t watching, churning;
    int failures = 0, stop = 0, ended = 0;
    pthread_create(&churning, NULL, churn, &stop);
    pthread_create(&watching, NULL, watch_in_thread, &failures);
    for (int i = 0; i < FORKS; i++) {
        int status = 0;
        pid_t child = fork();
        if (child == 0) {
            struct node *list = list_make(3);
            struct midl_orphans_root root = ROOT(list);
            alarm(60);
            struct midl_orphans *watch = midl_orphans_watch(&root, 1);
            list->next = NULL;
            bool holds = find(watch, 0).block_count == 2;
            _exit(holds && midl_orphans_release(watch) == 2 ? 0 : 1);
        }
        waitpid(child, &status, 0);
        ended += WIFEXITED(status) && WEXITSTATUS(status) == 0;
    }
    pthread_join(watching, NULL);
    __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
    pthread_join(churning, NULL);
    tap_ok(ended == FORKS && failures == 0,
           "forks beside a thread that watches and one that allocates: %d", ended);
}

/* ---- Memory is short ---- */

static int short_of_memory(void) {
    struct node *list = list_make(100000), *second = list->next;
    struct midl_orphans_root root = ROOT(list);
    struct midl_orphans *watch = midl_orphans_watch(&root, 1);
    struct rlimit limit = {64 << 20, RLIM_INFINITY}, none = {RLIM_INFINITY, RLIM_INFINITY};
    struct midl_orphans_found found;
    list->next = NULL;
    setrlimit(RLIMIT_AS, &limit);
    errno = 0;
    struct midl_orphans *refused = midl_orphans_watch(&root, 1);
    bool is_refused = refused == NULL && errno == ENOMEM;
    errno = 5;
    int result = midl_orphans_find(watch, 0, &found);
    bool is_short = result == ENOMEM && found.block_count == 0 && errno == 5;
    bool frees_none = midl_orphans_release(watch) == 0;
    setrlimit(RLIMIT_AS, &none);
    if (midl_orphans_find(watch, 0, &found) != 0)
        return 4;
    bool is_whole = found.block_count == 99999 && found.blocks[0].block == second;
    return !is_refused ? 1 : !is_short ? 2 : !frees_none ? 3 : !is_whole ? 5 : 0;
}

static void without_memory(void) {
    int status = 0;
    pid_t child = fork();
    if (child == 0)
        _exit(short_of_memory());
    waitpid(child, &status, 0);
    tap_ok(WIFEXITED(status) && WEXITSTATUS(status) == 0,
           "without memory a watch and a find say so, and change nothing (%d)",
           WEXITSTATUS(status));
}

int main(void) {
    tap_begin(PAIR_FORM, "watches");
    null_watch();
    freed_meanwhile(24, "small");
    freed_meanwhile(5000, "of some pages");
    freed_meanwhile(100000, "large");
    freed_after_find();
    nested();
    other_roots();
    environments();
    threads();
    freed_by_another();
    after_fork();
    fork_beside();
    without_memory();
    return tap_end();
}
