/*
 * calls.c - allocates and ends as its argument says, in functions whose names the report is to
 * have.
 *
 *   calls list|lost|large|twice|overflow|null|threads|fork|grow|long|none|wait
 *   calls status N | signal N | quick N      ends by exit, by a signal, by _exit
 *   calls say WORD...                        prints the words, a line for each
 */
#include "midl_memory.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOT_INLINED __attribute__((noinline))

struct node {
    struct node *next;
    char bytes[32];
};

static struct node *kept;

NOT_INLINED static struct node *make_list(int count) {
    struct node *list = NULL;
    for (int i = 0; i < count; i++) {
        struct node *node = midl_user_allocate(sizeof *node);
        node->next = list;
        list = node;
    }
    return list;
}

NOT_INLINED static void free_list(struct node *list) {
    while (list != NULL) {
        struct node *next = list->next;
        midl_user_free(list);
        list = next;
    }
}

NOT_INLINED static void keep_list(int count) { kept = make_list(count); }

/* Nothing of it stays in a register or on the stack. */
NOT_INLINED static void lose_list(int count) {
    struct node *volatile list = make_list(count);
    list = NULL;
    (void)list;
}

NOT_INLINED static void overwrite_stack(void) {
    volatile char bytes[8192];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = 0;
}

static void lists(void) {
    keep_list(30);
    free_list(make_list(100));
}

/* A block that is kept. */
static void *first;

static void lost(void) {
    first = midl_user_allocate(100000);
    keep_list(5);
    lose_list(20);
    lose_list(3);
    overwrite_stack();
}

static void large(void) { midl_user_free(midl_user_allocate(1000000)); }

NOT_INLINED static void free_again(void *block) { midl_user_free(block); }

static void twice(void) {
    void *block = midl_user_allocate(40);
    midl_user_free(block);
    free_again(block);
}

NOT_INLINED static void write_at(volatile char *block, long offset) { block[offset] = 'x'; }

static void overflow(void) { write_at(midl_user_allocate(40), 50); }

/* Not a fault of a block. */
static void null(void) { midl_user_free(NULL); }

static void *work(void *argument) {
    for (int i = 0; i < 50; i++)
        free_list(make_list(200));
    return argument;
}

static void threads(void) {
    enum { COUNT = 4 };
    pthread_t threads[COUNT];
    for (int i = 0; i < COUNT; i++)
        pthread_create(&threads[i], NULL, work, NULL);
    for (int i = 0; i < COUNT; i++)
        pthread_join(threads[i], NULL);
}

static void forked(void) {
    keep_list(4);
    pid_t child = fork();
    if (child == 0) {
        keep_list(1000);
        exit(0);
    }
    waitpid(child, NULL, 0);
}

/* Up to 400 blocks, in steps, and down again. */
static void grow(void) {
    struct node *lists[40];
    for (int i = 0; i < 40; i++) {
        lists[i] = make_list(10);
        usleep(10000);
    }
    for (int i = 0; i < 40; i++)
        free_list(lists[i]);
    usleep(100000);
}

/* Longer than the tool has samples for, one each millisecond. */
static void last_long(void) {
    keep_list(10);
    usleep(2500000);
    free_list(kept);
}

static void wait_for_signal(void) {
    keep_list(2);
    puts("ready");
    fflush(stdout);
    for (;;)
        pause();
}

static void none(void) {}

int main(int count, char **arguments) {
    static const struct {
        const char *name;
        void (*body)(void);
    } bodies[] = {{"list", lists},           {"lost", lost},         {"large", large},
                  {"twice", twice},          {"overflow", overflow}, {"null", null},
                  {"threads", threads},      {"fork", forked},       {"grow", grow},
                  {"wait", wait_for_signal}, {"none", none},         {"long", last_long}};
    const char *name = count > 1 ? arguments[1] : "none";
    int number = count > 2 ? atoi(arguments[2]) : 0;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        if (strcmp(bodies[i].name, name) == 0) {
            bodies[i].body();
            return 0;
        }
    }
    keep_list(1);
    if (strcmp(name, "signal") == 0)
        raise(number);
    if (strcmp(name, "quick") == 0)
        _exit(number);
    if (strcmp(name, "say") == 0) {
        for (int i = 2; i < count; i++)
            puts(arguments[i]);
        return 0;
    }
    return number;
}
