/*
 * leaky.c - leaves blocks behind, for leaks.sh: each command a way of its own.
 *
 *     leaky COMMAND     none, some, more, threads, fork, orphan, demand, environment,
 *                       short, freed, unknown, own
 */
#define _GNU_SOURCE
#include "midl_memory.h"
#include "rpcss.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void *kept[4096];
static int kept_count;

/* The compiler is not to make calls of them into jumps, which leave no return address. */
#define PLACE __attribute__((noinline)) void

static void keep(void *block) {
    kept[__atomic_fetch_add(&kept_count, 1, __ATOMIC_RELAXED)] = block;
}

PLACE lose_small(int count) {
    for (int i = 0; i < count; i++)
        keep(midl_user_allocate(48));
    __asm__ volatile("");
}

PLACE lose_large(void) {
    keep(midl_user_allocate(100000));
    __asm__ volatile("");
}

PLACE lose_on_purpose(void) {
    keep(midl_user_allocate(500));
    __asm__ volatile("");
}

static void *lose_in_thread(void *count) {
    lose_small((int)(size_t)count);
    return NULL;
}

static void *free_in_thread(void *block) {
    midl_user_free(block);
    return NULL;
}

static void threads(void) {
    pthread_t thread[4];
    for (int i = 0; i < 4; i++)
        pthread_create(&thread[i], NULL, lose_in_thread, (void *)(size_t)25);
    for (int i = 0; i < 4; i++)
        pthread_join(thread[i], NULL);
    /* Freed by another thread than the one that allocated them. */
    for (int i = 0; i < 50; i++) {
        pthread_create(&thread[0], NULL, free_in_thread, kept[i]);
        pthread_join(thread[0], NULL);
    }
}

/* What a watch finds has its stack. */
static void orphan(void) {
    struct midl_orphans_root root = {kept, sizeof kept};
    struct midl_orphans_found found;
    Dl_info info = {0};
    lose_small(1);
    struct midl_orphans *watch = midl_orphans_watch(&root, 1);
    kept[0] = NULL;
    midl_orphans_find(watch, 0, &found);
    printf("%zu block", found.block_count);
    for (size_t i = 0; i < found.blocks[0].frame_count; i++)
        if (dladdr(found.blocks[0].frames[i], &info) != 0 && info.dli_sname != NULL &&
            strcmp(info.dli_sname, "lose_small") == 0)
            printf(" of lose_small");
    printf(", %zu released\n", midl_orphans_release(watch));
    midl_orphans_end(watch);
}

/* The child's report comes before the parent's. */
static void fork_and_lose(void) {
    lose_small(2);
    fflush(stdout);
    if (fork() == 0)
        return lose_large();
    wait(NULL);
}

static void *allocate(void *context, size_t byte_count) {
    return context == NULL ? malloc(byte_count) : NULL;
}

static void release(void *context, void *block) {
    if (context == NULL)
        free(block);
}

static size_t size(void *context, const void *block) { return context != block; }

/* Blocks of which the library does not know: of the program's own allocator, or malloc's. */
static void unknown(void) {
    struct midl_orphans_root root = {kept, sizeof kept};
    lose_small(2);
    errno = 0;
    bool is_watched = midl_orphans_watch(&root, 1) != NULL;
    printf("watch %d, errno %d, ", is_watched, errno);
    printf("again %d, ", midl_orphans_watch(&root, 1) != NULL);
    fflush(stdout);
    printf("leaks %d, ", midl_memory_report("leaks", 2));
    printf("orphans %d\n", midl_memory_report("orphans", 2));
    midl_user_free(kept[0]);
    midl_user_free(kept[1]);
}

int main(int count, char **arguments) {
    const struct midl_memory_allocator own = {sizeof own, NULL, allocate, release, size};
    const char *command = count > 1 ? arguments[1] : "none";
    if (strcmp(command, "own") == 0)
        midl_memory_set_allocator(&own);
    midl_user_free(midl_user_allocate(48));
    if (strcmp(command, "some") == 0) {
        lose_small(3);
    } else if (strcmp(command, "more") == 0) {
        lose_small(3);
        lose_large();
        lose_on_purpose();
    } else if (strcmp(command, "threads") == 0) {
        threads();
    } else if (strcmp(command, "fork") == 0) {
        fork_and_lose();
    } else if (strcmp(command, "orphan") == 0) {
        orphan();
    } else if (strcmp(command, "environment") == 0) {
        RpcSsEnableAllocate();
        RpcSsAllocate(100);
    } else if (strcmp(command, "freed") == 0) {
        lose_large();
        lose_small(40);
        for (int i = 0; i < 41; i++)
            midl_user_free(kept[i]);
    } else if (strcmp(command, "demand") == 0) {
        lose_small(2);
        int result = midl_memory_report("leaks", 1);
        printf("result %d, other %d, none %d\n", result, midl_memory_report("other", 1),
               midl_memory_report(NULL, 1));
    } else if (strcmp(command, "own") == 0 || strcmp(command, "unknown") == 0) {
        unknown();
    } else if (strcmp(command, "short") == 0) {
        struct rlimit limit = {16 << 20, RLIM_INFINITY}, none = {RLIM_INFINITY, RLIM_INFINITY};
        lose_small(2);
        setrlimit(RLIMIT_AS, &limit);
        int result = midl_memory_report("leaks", 1);
        setrlimit(RLIMIT_AS, &none);
        printf("result %d\n", result);
    }
    printf("the program is done\n");
    fflush(stdout);
    return 0;
}
