/*
 * faults.c - does what its argument says: a fault of each kind, in functions whose names and lines
 * the report is to have. The marks at the ends of lines are looked up by run.sh.
 */
#define _GNU_SOURCE
#include "midl_memory.h"
#include "rpcss.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOT_INLINED __attribute__((noinline))

NOT_INLINED static char *make(size_t byte_count) {
    char *block = midl_user_allocate(byte_count); /* mark allocation */
    return block;
}

NOT_INLINED static void write_at(volatile char *block, long offset) {
    block[offset] = 'x'; /* mark write */
}

NOT_INLINED static int read_at(const volatile char *block, long offset) {
    return block[offset]; /* mark read */
}

NOT_INLINED static void release(void *block) { midl_user_free(block); /* mark free */ }

static void *release_on_thread(void *block) {
    release(block); /* mark thread */
    return NULL;
}

/* ---- Faults ---- */

static void overflow(void) {
    char *block = make(45);
    write_at(block, 48); /* mark fault */
}

static void underflow(void) { write_at(make(45), -1); }

static void slack(void) {
    char *block = make(45);
    write_at(block, 46);
    release(block);
}

static void before(void) {
    char *block = make(45);
    write_at(block, -5);
    release(block);
}

static void use_after_free(void) {
    char *block = make(45);
    pthread_t thread;
    pthread_create(&thread, NULL, release_on_thread, block);
    pthread_join(thread, NULL);
    read_at(block, 7);
}

static void twice(void) {
    make(1); /* guard=1000 guards the first */
    char *block = make(45);
    release(block);
    release(block); /* mark again */
}

static void foreign(void) {
    static char variable[32];
    make(1);
    release(variable);
}

static void interior(void) { release(make(45) + 16); }

static void size_after_free(void) {
    char *block = make(45);
    release(block);
    printf("%zu\n", midl_memory_size(block));
}

static void large(void) {
    char *block = make(200000);
    write_at(block, 200000);
}

static void *overflow_on_thread(void *argument) {
    overflow();
    return argument;
}

static void thread(void) {
    pthread_t thread;
    free(make(1) == NULL ? NULL : malloc(1));
    pthread_create(&thread, NULL, overflow_on_thread, NULL);
    pthread_join(thread, NULL);
}

static void forked(void) {
    char *block = make(45);
    int status;
    pid_t child = fork();
    if (child == 0) {
        release(block);
        read_at(block, 7);
        _exit(0);
    }
    waitpid(child, &status, 0);
    /* In the parent the block lives. */
    write_at(block, 0);
    release(block);
    kill(getpid(), WTERMSIG(status));
}

/* ---- In an environment ---- */

NOT_INLINED static char *make_in_environment(size_t byte_count) {
    char *block = RpcSsAllocate(byte_count); /* mark environment */
    return block;
}

NOT_INLINED static void disable(void) { RpcSsDisableAllocate(); /* mark disable */ }

static void environment_overflow(void) {
    RpcSsEnableAllocate();
    write_at(make_in_environment(48), 48);
}

static void use_after_disable(void) {
    RpcSsEnableAllocate();
    char *block = make_in_environment(45);
    disable();
    read_at(block, 7);
}

static void environment_by_pair(void) {
    RpcSsEnableAllocate();
    release(make_in_environment(45));
}

/* ---- What is no fault of a block ---- */

static void handled(int number) {
    (void)number;
    puts("the program's handler");
    fflush(stdout);
    _exit(3);
}

static void other(void) {
    char *page = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    release(make(45));
    signal(SIGSEGV, handled);
    release(make(45));
    release(make(45));
    write_at(page, 0);
}

static struct sigaction before_own;

static void pass_on(int number, siginfo_t *info, void *context) {
    before_own.sa_sigaction(number, info, context);
}

static void passed_on(void) {
    struct sigaction own = {.sa_sigaction = pass_on, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    release(make(45));
    sigaction(SIGSEGV, &own, &before_own);
    release(make(45));
    overflow();
}

static void null(void) {
    release(make(45));
    write_at(NULL, 1);
}

/* Blocks of all sizes, live and freed, by two threads; all bytes of theirs may be written. */
static void *use(void *argument) {
    enum { COUNT = 500 };
    static _Thread_local char *blocks[COUNT];
    for (size_t i = 0; i < 20000; i++) {
        char **slot = &blocks[i * 7 % COUNT];
        midl_user_free(*slot);
        size_t byte_count = i % 3000 == 0 ? 100000 : i % 700;
        *slot = midl_user_allocate(byte_count);
        memset(*slot, (int)i, midl_memory_size(*slot));
        if (i % 1000 == 0) {
            RpcSsDisableAllocate();
            RpcSsEnableAllocate();
        }
        memset(RpcSsAllocate(byte_count), (int)i, byte_count);
    }
    RpcSsDisableAllocate();
    for (size_t i = 0; i < COUNT; i++)
        midl_user_free(blocks[i]);
    return argument;
}

static void sound(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, use, NULL);
    use(NULL);
    pthread_join(thread, NULL);
    puts("sound");
}

/* More live blocks than the system has mappings for. */
static void many(void) {
    enum { COUNT = 100000 };
    static char *blocks[COUNT];
    for (size_t i = 0; i < COUNT; i++)
        *(blocks[i] = midl_user_allocate(20)) = 1;
    for (size_t i = 0; i < COUNT; i++)
        midl_user_free(blocks[i]);
    puts("sound");
}

/* As often as it takes until a block is guarded. */
static void sample(void) {
    for (long i = 0; i < 100000000; i++) {
        char *block = make(48);
        read_at(block, 48); /* mark sample */
        midl_user_free(block);
    }
}

static void old_free(void) {
    char *block = make(45);
    release(block);
    for (int i = 0; i < 100; i++)
        midl_user_free(midl_user_allocate(45));
    read_at(block, 7);
}

int main(int count, char **arguments) {
    static const struct {
        const char *name;
        void (*body)(void);
    } bodies[] = {{"overflow", overflow},
                  {"underflow", underflow},
                  {"slack", slack},
                  {"before", before},
                  {"use-after-free", use_after_free},
                  {"twice", twice},
                  {"foreign", foreign},
                  {"interior", interior},
                  {"size-after-free", size_after_free},
                  {"large", large},
                  {"thread", thread},
                  {"forked", forked},
                  {"environment-overflow", environment_overflow},
                  {"use-after-disable", use_after_disable},
                  {"environment-by-pair", environment_by_pair},
                  {"other", other},
                  {"passed-on", passed_on},
                  {"null", null},
                  {"sound", sound},
                  {"many", many},
                  {"sample", sample},
                  {"old-free", old_free}};
    for (size_t i = 0; count == 2 && i < sizeof bodies / sizeof bodies[0]; i++) {
        if (strcmp(bodies[i].name, arguments[1]) == 0) {
            bodies[i].body(); /* mark main */
            return 0;
        }
    }
    return 2;
}
