/*
 * lost.c - a program of whose blocks some are referred to from everywhere a pointer can be, and
 * some from nowhere, for lost.sh.
 *
 *     lost COMMAND     lost, first, kept, threads, child, deaf, short
 */
#define _GNU_SOURCE
#include "midl_memory.h"
#include "rpcss.h"

#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

struct node {
    struct node *next;
    char bytes[40];
};

static void *volatile global;
static void *volatile of_malloc;
static _Thread_local void *thread_local;
static int ready, stop;

#define PLACE __attribute__((noinline))

PLACE struct node *make_list(int count) {
    struct node *list = NULL;
    for (int i = 0; i < count; i++) {
        struct node *node = midl_user_allocate(sizeof *node);
        memset(node, 0, sizeof *node);
        node->next = list;
        list = node;
    }
    return list;
}

/* What a routine left on the stack goes when others use it. */
PLACE void use_stack(void) {
    char bytes[16384];
    memset(bytes, 0, sizeof bytes);
    __asm__ volatile("" : : "r"(bytes) : "memory");
}

PLACE void lose_list(void) {
    struct node *list = make_list(3);
    __asm__ volatile("" : "+r"(list));
}

PLACE void lose_cycle(void) {
    struct node *list = make_list(2);
    list->next->next = list;
    __asm__ volatile("" : "+r"(list));
}

PLACE void lose_large(void) {
    char *block = midl_user_allocate(200000);
    memset(block, 0, 200000);
    __asm__ volatile("" : "+r"(block));
}

/* ---- Everywhere a pointer can be ---- */

PLACE void keep_in_memory(void) {
    void **block = malloc(sizeof *block);
    char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    global = make_list(2);
    thread_local = (char *)make_list(1) + 20; /* inside */
    *block = make_list(1);
    *(void **)(page + 2048) = make_list(1);
    RpcSsEnableAllocate();
    void **of_environment = RpcSsAllocate(sizeof *of_environment);
    *of_environment = make_list(1);
    of_malloc = block;
}

static void begin(void) { __atomic_fetch_add(&ready, 1, __ATOMIC_SEQ_CST); }

static void *keep_on_stack(void *unused) {
    struct node *volatile list = make_list(2);
    begin();
    while (!__atomic_load_n(&stop, __ATOMIC_SEQ_CST))
        usleep(1000);

    return list == NULL ? NULL : unused;
}

/* In a register and nowhere else, for as long as it spins. */
static void *keep_in_register(void *unused) {
#if defined(__x86_64__)
    struct node *list = make_list(1);
    __asm__ volatile("movq %0, %%r11\n"
                     "xorq %0, %0\n"
                     "lock incl %1\n"
                     "1: pause\n"
                     "cmpl $0, %2\n"
                     "je 1b\n"
                     : "+r"(list)
                     : "m"(ready), "m"(stop)
                     : "r11", "memory", "cc");
#else
    begin();
#endif
    return unused;
}

static void *keep_in_thread_local(void *unused) {
    thread_local = make_list(1);
    begin();
    while (!__atomic_load_n(&stop, __ATOMIC_SEQ_CST))
        usleep(1000);
    return unused;
}

static void *free_list(struct node *list) {
    while (list != NULL) {
        struct node *next = list->next;
        midl_user_free(list);
        list = next;
    }
    return NULL;
}

static void *churn(void *unused) {
    struct node *list = NULL;
    begin();
    for (int i = 1; !__atomic_load_n(&stop, __ATOMIC_SEQ_CST); i++) {
        struct node *node = midl_user_allocate(sizeof *node);
        node->next = list;
        list = i % 20000 == 0 ? free_list(node) : node;
    }
    free_list(list);
    return unused;
}

static void *be_deaf(void *unused) {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, NULL);
    begin();
    while (!__atomic_load_n(&stop, __ATOMIC_SEQ_CST))
        usleep(1000);
    return unused;
}

static pthread_t threads[8];
static int thread_count;

static void run(void *(*body)(void *)) {
    pthread_create(&threads[thread_count++], NULL, body, NULL);
    while (__atomic_load_n(&ready, __ATOMIC_SEQ_CST) < thread_count)
        usleep(1000);
}

static void join_all(void) {
    __atomic_store_n(&stop, 1, __ATOMIC_SEQ_CST);
    while (thread_count > 0)
        pthread_join(threads[--thread_count], NULL);
}

static void report(void) {
    use_stack();
    int result = midl_memory_report("orphans", 1);
    printf("result %d\n", result);
    fflush(stdout);
}

int main(int count, char **arguments) {
    const char *command = count > 1 ? arguments[1] : "";
    if (strcmp(command, "first") == 0)
        lose_large();
    midl_user_free(midl_user_allocate(48));
    if (strcmp(command, "lost") == 0) {
        lose_list();
        lose_cycle();
        lose_large();
        use_stack();
    } else if (strcmp(command, "first") == 0) {
        use_stack();
    } else if (strcmp(command, "kept") == 0) {
        keep_in_memory();
        report();
        global = NULL;
        report();
    } else if (strcmp(command, "threads") == 0) {
        run(keep_on_stack);
        run(keep_in_register);
        run(keep_in_thread_local);
        run(churn);
        run(churn);
        for (int i = 0; i < 20; i++)
            report();
        join_all();
    } else if (strcmp(command, "child") == 0) {
        lose_list();
        if (fork() == 0) {
            report();
            _exit(0);
        }
        wait(NULL);
    } else if (strcmp(command, "deaf") == 0) {
        lose_list();
        run(be_deaf);
        report();
        join_all();
        report();
    } else if (strcmp(command, "short") == 0) {
        struct rlimit limit = {16 << 20, RLIM_INFINITY}, none = {RLIM_INFINITY, RLIM_INFINITY};
        lose_list();
        setrlimit(RLIMIT_AS, &limit);
        report();
        setrlimit(RLIMIT_AS, &none);
        report();
    }
    fflush(stdout);
    return 0;
}
