/*
 * stub_data.c - descriptions of the data types, and the graphs themselves.
 */
#include "stub_data.h"

#define ONE_POINTER(structure, member, ...)                                                        \
    .byte_count = sizeof(structure), .field_count = 1,                                             \
    .fields = {{offsetof(structure, member), {__VA_ARGS__}}}

const struct object long_object = {.byte_count = 4};
const struct object byte_object = {.byte_count = 1};
const struct object node_object = {ONE_POINTER(struct node, next, UNIQUE, 0, ONE, &node_object, 0)};
const struct object ref_slot = {ONE_POINTER(struct slot, referent, REF, 0, ONE, &long_object, 0)};
const struct object long_slot = {
    ONE_POINTER(struct slot, referent, UNIQUE, 0, ONE, &long_object, 0)};
/* Below a pointer that is [in,out] the manager may free and replace the string
 * (force_allocate): it must not lie in the wire buffer. */
const struct object string_slot = {
    ONE_POINTER(struct slot, referent, UNIQUE, MUST_ALLOCATE, STRING, NULL, 0)};
const struct object node_slot = {
    ONE_POINTER(struct slot, referent, UNIQUE, 0, ONE, &node_object, 0)};
const struct object tree_slot = {
    ONE_POINTER(struct slot, referent, UNIQUE, 0, ONE, &tree_object, 0)};
const struct object items_object = {
    ONE_POINTER(struct items, items, UNIQUE, 0, COUNTED, &long_slot, 0)};

#define TREE(attributes, self)                                                                     \
    .byte_count = sizeof(struct tree), .field_count = 2,                                           \
    .fields = {{offsetof(struct tree, left), {UNIQUE, attributes, ONE, self, 0}},                  \
               {offsetof(struct tree, right), {UNIQUE, attributes, ONE, self, 0}}}

const struct object tree_object = {TREE(0, &tree_object)};
const struct object all_nodes_tree = {TREE(ALL_NODES, &all_nodes_tree)};
const struct object dont_free_tree = {TREE(DONT_FREE, &dont_free_tree)};

const struct object two_full = {
    .byte_count = sizeof(struct two),
    .field_count = 2,
    .fields = {{offsetof(struct two, p), {FULL, MUST_ALLOCATE, ONE, &long_object, 0}},
               {offsetof(struct two, q), {FULL, MUST_ALLOCATE, ONE, &long_object, 0}}}};

struct node *list_make(void *(*allocate)(size_t), int count, int first_value) {
    struct node *list = NULL;
    for (int index = count; index-- > 0;) {
        struct node *node = allocate(sizeof *node);
        *node = (struct node){first_value + index, 0, list};
        list = node;
    }
    return list;
}

int list_length(const struct node *list, int first_value) {
    int length = 0;
    for (; list != NULL; list = list->next)
        if (list->value != first_value + length++)
            return -1;
    return length;
}

void list_free(void (*release)(void *), struct node *list) {
    while (list != NULL) {
        struct node *next = list->next;
        release(list);
        list = next;
    }
}

struct tree *tree_make(void *(*allocate)(size_t), int depth, int value) {
    if (depth == 0)
        return NULL;
    struct tree *tree = allocate(sizeof *tree);
    *tree = (struct tree){value, 0, tree_make(allocate, depth - 1, value * 2),
                          tree_make(allocate, depth - 1, value * 2 + 1)};
    return tree;
}

bool tree_holds(const struct tree *tree, int depth, int value) {
    if (depth == 0 || tree == NULL)
        return depth == 0 && tree == NULL;
    return tree->value == value && tree_holds(tree->left, depth - 1, value * 2) &&
           tree_holds(tree->right, depth - 1, value * 2 + 1);
}

void tree_free(void (*release)(void *), struct tree *tree) {
    if (tree == NULL)
        return;
    tree_free(release, tree->left);
    tree_free(release, tree->right);
    release(tree);
}
