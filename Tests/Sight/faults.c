/*
 * faults.c - does what its argument says: a fault of each kind, in functions whose names and lines
 * the tool's report is to have. The marks at the ends of lines are looked up by run.sh.
 */
#include "midl_memory.h"
#include "rpcss.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOT_INLINED __attribute__((noinline))

NOT_INLINED static char *make(size_t byte_count) {
    char *block = midl_user_allocate(byte_count); /* mark allocation */
    return block;
}

NOT_INLINED static char *make_in_environment(size_t byte_count) {
    char *block = RpcSsAllocate(byte_count); /* mark environment */
    return block;
}

NOT_INLINED static void write_at(volatile char *block, long offset) {
    block[offset] = 'x'; /* mark write */
}

NOT_INLINED static int read_at(const volatile char *block, long offset) {
    return block[offset]; /* mark read */
}

NOT_INLINED static void release(void *block) { midl_user_free(block); /* mark free */ }

NOT_INLINED static void give_to_free(void *block) { free(block); /* mark library */ }

NOT_INLINED static void disable(void) { RpcSsDisableAllocate(); /* mark disable */ }

static void *release_on_thread(void *block) {
    release(block); /* mark thread */
    return NULL;
}

static void with_thread(void *(*body)(void *), void *argument) {
    pthread_t thread;
    pthread_create(&thread, NULL, body, argument);
    pthread_join(thread, NULL);
}

/* ---- The pair ---- */

static void write_beside(size_t byte_count, long offset) {
    char *block = make(byte_count);
    write_at(block, offset);
    release(block);
}

static void read_beside(size_t byte_count, long offset) {
    char *block = make(byte_count);
    read_at(block, offset);
    release(block);
}

static void overflow(void) { write_beside(45, 47); }
static void overflow_by_one(void) { write_beside(45, 45); }
static void large(void) { write_beside(200000, 200000); }
static void empty(void) { read_beside(0, 0); }
static void underflow(void) { read_beside(45, -3); }

static void use_after_free(void) {
    char *block = make(45);
    with_thread(release_on_thread, block);
    read_at(block, 7);
}

static void twice(void) {
    char *block = make(45);
    release(block);
    release(block); /* mark second */
}

static void interior(void) {
    char *block = make(45);
    release(block + 16);
    release(block);
}

static void foreign(void) { release(malloc(45)); }

static void by_free(void) {
    char *block = make(45);
    give_to_free(block);
    release(block);
}

static void uninitialised(void) {
    char *block = make(45);
    if (block[7] == 'x') /* mark condition */
        puts("x");
    release(block);
}

/* ---- Environments ---- */

/* The second block is what lies behind the first one in a chunk. */
static void environment_overflow(void) {
    RpcSsEnableAllocate();
    char *block = make_in_environment(48);
    make_in_environment(48);
    write_at(block, 48);
    disable();
}

static void environment_use_after_free(void) {
    RpcSsEnableAllocate();
    char *block = make_in_environment(45);
    RpcSsFree(block); /* mark package */
    read_at(block, 7);
    disable();
}

static void use_after_disable(void) {
    RpcSsEnableAllocate();
    make_in_environment(20);
    char *block = make_in_environment(45);
    disable();
    RpcSsEnableAllocate();
    make_in_environment(45);
    read_at(block, 7);
    disable();
}

static void *allocate_in(void *handle) {
    RpcSsSetThreadHandle(handle);
    return make_in_environment(45); /* mark attached */
}

static void attached_use_after_disable(void) {
    RpcSsEnableAllocate();
    pthread_t thread;
    void *block;
    pthread_create(&thread, NULL, allocate_in, RpcSsGetThreadHandle());
    pthread_join(thread, &block);
    disable();
    write_at(block, 7);
}

static void environment_by_pair(void) {
    RpcSsEnableAllocate();
    release(make_in_environment(45));
}

/* ---- Leaks ---- */

struct node {
    struct node *next;
    char name[32];
};

NOT_INLINED static struct node *list(int count) {
    struct node *first = NULL;
    while (count-- > 0) {
        struct node *node = (struct node *)make(sizeof *node);
        node->next = first;
        first = node;
    }
    return first;
}

NOT_INLINED static void lose(void) {
    struct node *first = list(3); /* mark list */
    first->name[0] = 'x';
}

/* Nothing of what was called before is left on the stack. */
NOT_INLINED static void clear_stack(void) {
    volatile char bytes[65536];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = 0;
}

static void leak(void) {
    lose();
    clear_stack();
}

/* ---- No fault ---- */

enum { SOUND_COUNT = 300 };

/* Blocks of all sizes, live and freed; all their bytes are written. */
static void *use(void *argument) {
    char *blocks[SOUND_COUNT] = {NULL};
    RpcSsEnableAllocate();
    for (size_t i = 0; i < 5000; i++) {
        char **slot = &blocks[i * 7 % SOUND_COUNT];
        size_t byte_count = i % 1000 == 0 ? 100000 : i % 700;
        midl_user_free(*slot);
        *slot = midl_user_allocate(byte_count);
        memset(*slot, (int)i, midl_memory_size(*slot));
        char *block = RpcSsAllocate(byte_count);
        memset(block, (int)i, byte_count);
        if (i % 3 == 0)
            RpcSsFree(block);
        if (i % 500 == 0) {
            RpcSsDisableAllocate();
            RpcSsEnableAllocate();
        }
    }
    for (size_t i = 0; i < SOUND_COUNT; i++)
        midl_user_free(blocks[i]);
    RpcSsDisableAllocate();
    return argument;
}

/* At the end there are live blocks, to which a global leads and an environment. */
static void sound(void) {
    static struct node *kept;
    with_thread(use, NULL);
    use(NULL);
    kept = list(3);
    RpcSsEnableAllocate();
    struct node **referring = RpcSsAllocate(sizeof *referring);
    *referring = list(2);
    RpcSsAllocate(45);
    clear_stack();
    puts(kept != NULL ? "sound" : "");
}

int main(int count, char **arguments) {
    static const struct {
        const char *name;
        void (*body)(void);
    } bodies[] = {{"overflow", overflow},
                  {"overflow-by-one", overflow_by_one},
                  {"empty", empty},
                  {"underflow", underflow},
                  {"large", large},
                  {"use-after-free", use_after_free},
                  {"twice", twice},
                  {"interior", interior},
                  {"foreign", foreign},
                  {"by-free", by_free},
                  {"uninitialised", uninitialised},
                  {"environment-overflow", environment_overflow},
                  {"environment-use-after-free", environment_use_after_free},
                  {"use-after-disable", use_after_disable},
                  {"attached-use-after-disable", attached_use_after_disable},
                  {"environment-by-pair", environment_by_pair},
                  {"leak", leak},
                  {"sound", sound}};
    for (size_t i = 0; count == 2 && i < sizeof bodies / sizeof bodies[0]; i++) {
        if (strcmp(bodies[i].name, arguments[1]) == 0) {
            bodies[i].body();
            return 0;
        }
    }
    return 2;
}
