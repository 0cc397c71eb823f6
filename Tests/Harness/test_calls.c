/*
 * test_calls.c - remote calls whose allocations and frees are counted on both
 * sides, against the tables and test vectors of rpc-memory.md (F, G, J).
 */
#include "groups.h"
#include "pair.h"
#include "stub_data.h"
#include "support.h"
#include "tap.h"

#include <string.h>

#define PARAMETER(direction, ...)                                                                  \
    {                                                                                              \
        direction, { __VA_ARGS__ }                                                                 \
    }

/* The counts that a call must show; the client stub never frees (J03). */
static void expect(bool passed, struct outcome outcome, int exception, int client_allocations,
                   int server_allocations, int server_frees, const char *name) {
    bool counted = outcome.exception == exception && outcome.client_frees == 0 &&
                   outcome.client_allocations == client_allocations &&
                   outcome.server_allocations == server_allocations &&
                   outcome.server_frees == server_frees;
    if (!tap_ok(passed && counted, "%s", name))
        tap_note("exception %d, client %d/%d, server %d/%d; data %s", outcome.exception,
                 outcome.client_allocations, outcome.client_frees, outcome.server_allocations,
                 outcome.server_frees, passed ? "right" : "wrong");
}

static int64_t seen; /* what a manager found, checked by the client */

/* ---- [in] ---- */

static void see_long(struct stub *server, void **arguments) {
    (void)server;
    seen = *(int32_t *)arguments[0];
}
static void see_string(struct stub *server, void **arguments) {
    (void)server;
    seen = (int64_t)strlen(arguments[0]);
}
static void see_same(struct stub *server, void **arguments) {
    (void)server;
    seen = arguments[0] == arguments[1] && *(int32_t *)arguments[0] == 5;
}
static void see_list(struct stub *server, void **arguments) {
    (void)server;
    seen = list_length(arguments[0], 1);
}
static void see_tree(struct stub *server, void **arguments) {
    (void)server;
    seen = tree_holds(arguments[0], 5, 1);
}

static void in_parameters(void) {
    static const struct operation
        in_long = {1, {PARAMETER(IN, REF, 0, ONE, &long_object, 0)}, see_long},
        in_enum = {1, {PARAMETER(IN, REF, MUST_ALLOCATE, ONE, &long_object, 0)}, see_long},
        in_string = {1, {PARAMETER(IN, REF, 0, STRING, NULL, 0)}, see_string},
        in_sized = {1, {PARAMETER(IN, REF, MUST_ALLOCATE, STRING, NULL, 0)}, see_string},
        in_varying = {1,
                      {PARAMETER(IN_OUT, REF, MUST_ALLOCATE, COUNTED, &long_object, 0)},
                      see_long},
        in_member = {1, {PARAMETER(IN, REF, 0, ONE, &ref_slot, 0)}, see_long},
        in_full = {2,
                   {PARAMETER(IN, FULL, MUST_ALLOCATE, ONE, &long_object, 0),
                    PARAMETER(IN, FULL, MUST_ALLOCATE, ONE, &long_object, 0)},
                   see_same},
        in_list = {1, {PARAMETER(IN, UNIQUE, 0, ONE, &node_object, 0)}, see_list},
        in_tree = {1, {PARAMETER(IN, UNIQUE, 0, ONE, &tree_object, 0)}, see_tree},
        in_all_nodes = {1, {PARAMETER(IN, UNIQUE, ALL_NODES, ONE, &all_nodes_tree, 0)}, see_tree};
    int32_t numbers[4] = {5, 6, 7, 8};
    const size_t four[] = {4, 4};
    char text[] = "a string";
    struct slot empty = {NULL};
    void *arguments[2];
    struct outcome outcome;

#define CALL(operation, argument)                                                                  \
    (seen = -1, arguments[0] = (argument), arguments[1] = (argument),                              \
     outcome = call(&operation, arguments, four))
    CALL(in_long, numbers);
    expect(seen == 5, outcome, 0, 0, 0, 0, "J14: a base type stays in the wire buffer");
    CALL(in_enum, numbers);
    expect(seen == 5, outcome, 0, 0, 1, 1, "J15: an enum is one block, freed");
    CALL(in_string, text);
    expect(seen == 8, outcome, 0, 0, 0, 0, "J16: an unsized string stays in the wire buffer");
    CALL(in_sized, text);
    expect(seen == 8, outcome, 0, 0, 1, 1, "J16: a sized string is one block, freed");
    CALL(in_varying, numbers);
    expect(seen == 5, outcome, 0, 0, 1, 1, "J17: a varying array is one block, freed");
    CALL(in_long, NULL);
    expect(seen == -1, outcome, RPC_X_NULL_REF_POINTER, 0, 0, 0,
           "J04: a null ref parameter does not reach the server");
    CALL(in_member, &empty);
    expect(seen == -1, outcome, RPC_X_NULL_REF_POINTER, 0, 0, 0, "J05: nor does a null ref member");
    CALL(in_full, numbers);
    expect(seen == 1, outcome, 0, 0, 1, 1, "J10: full pointers to one place are one block");
    CALL(in_list, NULL);
    expect(seen == 0, outcome, 0, 0, 0, 0, "F.1: a null unique parameter");
    struct node *list = list_make(pair.allocate, 50, 1);
    CALL(in_list, list);
    expect(seen == 50, outcome, 0, 0, 50, 50, "a list of 50: a block for each node, all freed");
    list_free(pair.free, list);
    struct tree *tree = tree_make(pair.allocate, 5, 1);
    CALL(in_tree, tree);
    expect(seen == 1, outcome, 0, 0, 31, 31, "a tree of 31: a block for each node, all freed");
    CALL(in_all_nodes, tree);
    expect(seen == 1, outcome, 0, 0, 1, 1, "J22: all_nodes: one block for the whole tree");
    tree_free(pair.free, tree);
}

/* ---- members that the manager changes ---- */

static int32_t *server_long(struct stub *server, int32_t value) {
    int32_t *block = stub_allocate(server, sizeof *block);
    *block = value;
    return block;
}
static void set_long(struct stub *server, void **arguments) {
    ((struct slot *)arguments[0])->referent = server_long(server, 77);
}
static void set_null(struct stub *server, void **arguments) {
    (void)server;
    ((struct slot *)arguments[0])->referent = NULL;
}
static void set_nothing(struct stub *server, void **arguments) {
    (void)server;
    (void)arguments;
}
static void clear_first(struct stub *server, void **arguments) {
    (void)server;
    ((struct two *)arguments[0])->p = NULL;
}

static void members(void) {
#define SLOT_OPERATION(direction, manager)                                                         \
    {1, {PARAMETER(direction, REF, 0, ONE, &long_slot, 0)}, manager}
    static const struct operation sets = SLOT_OPERATION(IN_OUT, set_long),
                                  clears = SLOT_OPERATION(IN_OUT, set_null),
                                  gives = SLOT_OPERATION(OUT, set_long),
                                  gives_none = SLOT_OPERATION(OUT, set_nothing),
                                  two = {1,
                                         {PARAMETER(IN_OUT, REF, 0, ONE, &two_full, 0)},
                                         clear_first};
    struct slot slot = {NULL};
    void *argument = &slot;
    struct outcome outcome = call(&sets, &argument, NULL);
    expect(slot.referent != NULL && *(int32_t *)slot.referent == 77, outcome, 0, 1, 2, 2,
           "J06: a null member set by the manager is one block on the client");
    int32_t *kept = slot.referent;
    *kept = 3;
    outcome = call(&sets, &argument, NULL);
    expect(slot.referent == kept && *kept == 77, outcome, 0, 0, 2, 2,
           "J07: a replaced member keeps the client's block and gets new contents");
    outcome = call(&clears, &argument, NULL);
    expect(slot.referent == NULL && *kept == 77 && pair.size(kept) >= 4, outcome, 0, 0, 1, 1,
           "J08: a member set to null leaves the client's block live");
    pair.free(kept);

    outcome = call(&gives, &argument, NULL);
    expect(slot.referent != NULL && *(int32_t *)slot.referent == 77, outcome, 0, 1, 1, 1,
           "J11, J12: a returned pointer is one block on the client, freed on the server");
    pair.free(slot.referent);
    slot.referent = NULL;
    outcome = call(&gives_none, &argument, NULL);
    expect(slot.referent == NULL, outcome, 0, 0, 0, 0, "J13: a returned null allocates nothing");

    int32_t *block = pair.allocate(sizeof *block);
    *block = 9;
    struct two both = {block, block};
    argument = &both;
    outcome = call(&two, &argument, NULL);
    expect(both.p == NULL && both.q == block && *block == 9, outcome, 0, 0, 2, 2,
           "J09: one of two aliases set to null leaves the other");
    pair.free(block);
}

/* ---- [out] storage ---- */

static void fill_zeroed(struct stub *server, void **arguments) {
    (void)server;
    unsigned char *bytes = arguments[0];
    seen = 0;
    for (int index = 0; index < 300; index++)
        seen += bytes[index];
    memset(bytes, 'x', 300);
}
static void fill_references(struct stub *server, void **arguments) {
    struct slot *slots = arguments[0];
    seen = 0;
    for (int index = 0; index < 10; index++) {
        seen += slots[index].referent != NULL;
        slots[index].referent = server_long(server, index);
    }
}
static void raise_half_way(struct stub *server, void **arguments) {
    fill_references(server, arguments);
    ((struct slot *)arguments[0])[7].referent = NULL;
    stub_raise(server, 4711);
}

static void out_parameters(void) {
    static const struct operation
        bytes = {1, {PARAMETER(OUT, REF, 0, COUNTED, &byte_object, 0)}, fill_zeroed},
        references = {1, {PARAMETER(OUT, REF, 0, COUNTED, &ref_slot, 0)}, fill_references},
        raises = {1, {PARAMETER(OUT, REF, 0, COUNTED, &long_slot, 0)}, raise_half_way};
    static const size_t byte_count[] = {300}, ten[] = {10};
    char text[300] = "";
    struct slot slots[10] = {{NULL}};
    void *argument = text;
    struct outcome outcome = call(&bytes, &argument, byte_count);
    expect(seen == 0 && text[0] == 'x' && text[299] == 'x', outcome, 0, 0, 1, 1,
           "J18: an [out] array is one zeroed block, freed");
    argument = slots;
    outcome = call(&references, &argument, ten);
    bool right = true;
    for (int index = 0; index < 10; index++)
        right = right && slots[index].referent && *(int32_t *)slots[index].referent == index;
    expect(right && seen == 0, outcome, 0, 10, 11, 11,
           "J20: an [out] array of references: the manager finds 10 nulls and fills them");
    for (int index = 0; index < 10; index++) {
        pair.free(slots[index].referent);
        slots[index].referent = NULL;
    }
    /* The entry that the manager cleared is an orphan of its own making. */
    outcome = call(&raises, &argument, ten);
    expect(slots[0].referent == NULL, outcome, 4711, 0, 11, 10,
           "J21: the manager raises: no data arrives, what is reachable is freed");
}

/* ---- models ---- */

static void change_tree(struct stub *server, void **arguments) {
    (void)server;
    struct tree *tree = ((struct slot *)arguments[0])->referent;
    tree->left->value = 1000;
}
static struct tree *persistent;
static void keep_tree(struct stub *server, void **arguments) {
    (void)server;
    seen = persistent == NULL || tree_holds(persistent, 3, 1);
    if (persistent == NULL)
        persistent = arguments[0];
}

static void models(void) {
    static const struct object all_nodes_slot = {
        sizeof(struct slot), 1, {{0, {UNIQUE, ALL_NODES, ONE, &all_nodes_tree, 0}}}};
    static const struct operation
        in_place = {1, {PARAMETER(IN_OUT, REF, 0, ONE, &tree_slot, 0)}, change_tree},
        at_once = {1, {PARAMETER(IN_OUT, REF, 0, ONE, &all_nodes_slot, 0)}, change_tree},
        keeps = {1, {PARAMETER(IN, UNIQUE, DONT_FREE, ONE, &dont_free_tree, 0)}, keep_tree};
    struct tree *tree = tree_make(pair.allocate, 3, 1);
    struct slot slot = {tree};
    void *argument = &slot;
    struct outcome outcome = call(&in_place, &argument, NULL);
    expect(slot.referent == tree && tree->left->value == 1000, outcome, 0, 0, 8, 8,
           "a tree [in,out] is changed in place on the client");
    tree->left->value = 2;
    outcome = call(&at_once, &argument, NULL);
    struct tree *fresh = slot.referent;
    expect(fresh != tree && tree_holds(tree, 3, 1) && fresh->left->value == 1000 &&
               fresh->right->left->value == 6,
           outcome, 0, 1, 2, 2, "J23: all_nodes [in,out]: one new block, the old graph is live");
    pair.free(fresh);
    persistent = NULL;
    argument = tree;
    outcome = call(&keeps, &argument, NULL);
    expect(seen == 1, outcome, 0, 0, 7, 0, "J24: dont_free: nothing is freed");
    outcome = call(&keeps, &argument, NULL);
    expect(seen == 1 && persistent != NULL, outcome, 0, 0, 7, 0,
           "J24: the graph that the manager kept is readable in the next call");
    tree_free(pair.free, persistent);
    tree_free(pair.free, tree);
}

void test_calls(void) {
    in_parameters();
    members();
    out_parameters();
    models();
    test_graphs();
}
