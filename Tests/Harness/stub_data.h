/*
 * stub_data.h - the data types of the calls in test_calls.c, as an IDL compiler
 * would describe them.
 */
#ifndef STUB_DATA_H
#define STUB_DATA_H

#include "stub_call.h"

struct node {
    int32_t value, pad;
    struct node *next;
};

struct tree {
    int32_t value, pad;
    struct tree *left, *right;
};

/* A T ** parameter is the address of one of these. */
struct slot {
    void *referent;
};

struct two {
    int32_t *p, *q;
};

/* An array of pointers with its size beside it. */
struct items {
    int32_t count, pad;
    struct slot *items;
};

extern const struct object long_object, byte_object, node_object, tree_object;
extern const struct object ref_slot, long_slot, string_slot, node_slot, tree_slot;
extern const struct object two_full, items_object, all_nodes_tree, dont_free_tree;

struct node *list_make(void *(*allocate)(size_t), int count, int first_value);
int list_length(const struct node *list, int first_value); /* -1: wrong values */
void list_free(void (*release)(void *), struct node *list);

struct tree *tree_make(void *(*allocate)(size_t), int depth, int value);
bool tree_holds(const struct tree *tree, int depth, int value);
void tree_free(void (*release)(void *), struct tree *tree);

#endif /* STUB_DATA_H */
