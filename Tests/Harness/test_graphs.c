/*
 * test_graphs.c - managers that cut, replace and grow what they were given, and
 * many calls on several threads.
 */
#include "groups.h"
#include "pair.h"
#include "stub_data.h"
#include "support.h"
#include "tap.h"

#include <stdatomic.h>
#include <string.h>

#define IN_OUT_OPERATION(object, manager) {1, {{IN_OUT, {REF, 0, ONE, &object, 0}}}, manager}

/* ---- lists that are cut (G.7, J28) ---- */

static struct node *cut_part;

static struct node *cut_at(void **arguments, int position) {
    struct node *node = ((struct slot *)arguments[0])->referent;
    while (--position > 0)
        node = node->next;
    struct node *rest = node->next;
    node->next = NULL;
    return rest;
}
static void cut_and_free(struct stub *server, void **arguments) {
    for (struct node *node = cut_at(arguments, 4), *next; node != NULL; node = next) {
        next = node->next;
        stub_free(server, node);
    }
}
static void cut_and_forget(struct stub *server, void **arguments) {
    (void)server;
    cut_part = cut_at(arguments, 4);
}
static void append(struct stub *server, void **arguments) {
    struct node *node = ((struct slot *)arguments[0])->referent;
    while (node->next != NULL)
        node = node->next;
    for (int count = 0; count < 5; count++) {
        node->next = stub_allocate(server, sizeof *node);
        *node->next = (struct node){node->value + 1, 0, NULL};
        node = node->next;
    }
}

static void lists(void) {
    static const struct operation frees = IN_OUT_OPERATION(node_slot, cut_and_free),
                                  forgets = IN_OUT_OPERATION(node_slot, cut_and_forget),
                                  appends = IN_OUT_OPERATION(node_slot, append);
    for (int forgetting = 0; forgetting < 2; forgetting++) {
        struct node *list = list_make(pair.allocate, 10, 1);
        struct node *tail = list->next->next->next->next;
        struct slot slot = {list};
        void *argument = &slot;
        cut_part = NULL;
        struct outcome outcome = call(forgetting ? &forgets : &frees, &argument, NULL);
        int left = outcome.server_allocations - outcome.server_frees;
        tap_ok(outcome.exception == 0 && slot.referent == list && list_length(list, 1) == 4 &&
                   outcome.client_allocations == 0 && outcome.server_allocations == 11 &&
                   left == (forgetting ? 6 : 0),
               forgetting ? "G.7: a tail that the manager cuts off is its orphan"
                          : "J28: a tail that the manager frees is freed once");
        tap_ok(list_length(tail, 5) == 6, "the client's tail is orphaned and live");
        list_free(pair.free, list);
        list_free(pair.free, tail);
        list_free(pair.free, cut_part);
    }
    struct node *list = list_make(pair.allocate, 3, 1);
    struct slot slot = {list};
    void *argument = &slot;
    struct outcome outcome = call(&appends, &argument, NULL);
    tap_ok(outcome.client_allocations == 5 && outcome.server_allocations == 9 &&
               outcome.server_frees == 9 && list_length(list, 1) == 8,
           "nodes that the manager appends are blocks of the client's, freed on the server");
    list_free(pair.free, list);
}

/* ---- strings (J27, J30) ---- */

static const char *new_text;
static void replace_string(struct stub *server, void **arguments) {
    struct slot *slot = arguments[0];
    if (slot->referent != NULL)
        stub_free(server, slot->referent);
    slot->referent = stub_allocate(server, strlen(new_text) + 1);
    strcpy(slot->referent, new_text);
}

static void strings(void) {
    static const struct operation replaces = IN_OUT_OPERATION(string_slot, replace_string);
    char *text = pair.allocate(16);
    strcpy(text, "abcd");
    struct slot slot = {text};
    void *argument = &slot;
    new_text = "xyz";
    struct outcome outcome = call(&replaces, &argument, NULL);
    tap_ok(outcome.exception == 0 && outcome.client_allocations == 0 &&
               outcome.server_allocations == outcome.server_frees && slot.referent == text &&
               strcmp(text, "xyz") == 0,
           "J27: the manager frees a string and installs another");
    strcpy(text, "a");
    text[2] = '!';
    new_text = "abcd";
    outcome = call(&replaces, &argument, NULL);
    tap_ok(outcome.exception == RPC_X_BAD_STUB_DATA && text[2] == '!' &&
               outcome.server_allocations == outcome.server_frees,
           "J30: a string that grows raises 1783 and does not overrun the client's");
    pair.free(text);
    slot.referent = NULL;
    outcome = call(&replaces, &argument, NULL);
    tap_ok(outcome.client_allocations == 1 && slot.referent != NULL &&
               strcmp(slot.referent, "abcd") == 0 &&
               outcome.server_allocations == outcome.server_frees,
           "F.5: a string where there was none is one block on the client");
    pair.free(slot.referent);
}

/* ---- arrays of pointers (J29) ---- */

static void halve(struct stub *server, void **arguments) {
    (void)server;
    struct items *items = arguments[0];
    items->count = 2;
}

static void arrays(void) {
    /* The elements are blocks, so that what the freeing pass misses shows. */
    static const struct object element = {
        sizeof(struct slot), 1, {{0, {UNIQUE, MUST_ALLOCATE, ONE, &long_object, 0}}}};
    static const struct object array = {
        sizeof(struct items), 1, {{8, {UNIQUE, 0, COUNTED, &element, 0}}}};
    static const struct operation halves = IN_OUT_OPERATION(array, halve);
    struct items items = {4, 0, pair.allocate(4 * sizeof(struct slot))};
    for (int index = 0; index < 4; index++) {
        items.items[index].referent = pair.allocate(sizeof(int32_t));
        *(int32_t *)items.items[index].referent = index;
    }
    void *argument = &items;
    struct outcome outcome = call(&halves, &argument, NULL);
    bool right = items.count == 2;
    for (int index = 0; index < 4; index++) {
        right = right && *(int32_t *)items.items[index].referent == index;
        pair.free(items.items[index].referent);
    }
    pair.free(items.items);
    tap_ok(right && outcome.exception == 0 && outcome.client_allocations == 0 &&
               outcome.server_allocations - outcome.server_frees == 2,
           "J29: a lowered count orphans the pointees of the tail on both sides");
}

/* ---- many calls on several threads ---- */

static atomic_int wrong;

static void *caller(void *seed) {
    static const struct operation appends = IN_OUT_OPERATION(node_slot, append);
    struct random random = {(uint64_t)(uintptr_t)seed};
    for (int round = 0; round < TIMES(2000); round++) {
        int length = 1 + (int)random_below(&random, 40);
        struct slot slot = {list_make(pair.allocate_upper, length, 1)};
        void *argument = &slot;
        struct outcome outcome = call(&appends, &argument, NULL);
        if (outcome.exception != 0 || outcome.client_allocations != 5 ||
            outcome.client_frees != 0 || outcome.server_allocations != length + 6 ||
            outcome.server_frees != length + 6 || list_length(slot.referent, 1) != length + 5)
            atomic_fetch_add(&wrong, 1);
        list_free(pair.free_upper, slot.referent);
    }
    return NULL;
}

static void *take_list(void *list) {
    list_free(pair.free, list);
    return NULL;
}

/* What a client stub handed back on one thread, the application frees on another. */
static void *get_list(void *unused) {
    static const struct operation appends = IN_OUT_OPERATION(node_slot, append);
    (void)unused;
    struct slot slot = {list_make(pair.allocate, 20, 1)};
    void *argument = &slot;
    call(&appends, &argument, NULL);
    return slot.referent;
}

static void threads(void) {
    enum { CALLERS = 6 };
    pthread_t callers[CALLERS];
    atomic_store(&wrong, 0);
    for (uintptr_t index = 0; index < CALLERS; index++)
        callers[index] = thread_start(caller, (void *)(index + 1));
    for (int index = 0; index < CALLERS; index++)
        thread_join(callers[index]);
    tap_ok(atomic_load(&wrong) == 0, "calls on six threads: every count and every list is right");
    int broken = 0;
    for (int round = 0; round < TIMES(300); round++) {
        struct node *list = thread_join(thread_start(get_list, NULL));
        broken += list_length(list, 1) != 25;
        thread_join(thread_start(take_list, list));
    }
    tap_ok(broken == 0, "what one thread's call returned, another frees");
}

void test_graphs(void) {
    lists();
    strings();
    arrays();
    threads();
}
