/*
 * situations.c - every documented way in which a call orphans a client's blocks.
 *
 * What the client stub does to the caller's memory is done here by hand; Tests/Stubs has the same
 * with real stubs. The numbers are those of the reference's section G, "Orphaning: every documented
 * situation". In each the watch finds exactly the orphans, and releases exactly them.
 */
#include "graph.h"
#include "tap.h"

#include <stdlib.h>
#include <string.h>

#define ROOT(variable) ((struct midl_orphans_root){&(variable), sizeof(variable)})

/* Releases and ends; whether that freed `count` blocks. */
static bool released(struct midl_orphans *watch, size_t count) {
    size_t freed = midl_orphans_release(watch);
    midl_orphans_end(watch);
    return freed == count;
}

/* 1: [in,out] unique, non-null to null at a level that the caller sees: NODE **. */
static void unique_becomes_null(void) {
    struct node *list = list_make(3);
    struct node *nodes[3] = {list, list->next, list->next->next};
    struct midl_orphans_root root = ROOT(list);
    struct midl_orphans *watch = midl_orphans_watch(&root, 1);
    struct midl_orphans_found found = find(watch, 0);
    tap_ok(found.block_count == 0, "1: before the call nothing is orphaned");
    list = NULL;
    found = find(watch, 0);
    tap_ok(found_are(&found, nodes[0], nodes[1], nodes[2], NULL),
           "1: the list behind a pointer that became null is found");
    size_t byte_count = 0;
    for (int i = 0; i < 3; i++)
        byte_count += midl_memory_size(nodes[i]);
    tap_ok(found.byte_count == byte_count, "1: with its bytes");
    if (getenv("MIDL_MEMORY") == NULL)
        tap_ok(found.blocks[1].frames == NULL, "1: without stacks that nobody asked for");
    tap_ok(released(watch, 3) && !is_live(nodes[0]) && !is_live(nodes[2]), "1: and released");
}

/* 2: [in,out] ptr, non-null to null: not aliased, aliased by another root, by another block. */
static void full_pointer_becomes_null(void) {
    struct {
        struct node *p, *q;
    } pair = {node_make(NULL, NULL), node_make(NULL, NULL)};
    struct node *p = pair.p, *q = pair.q, *alias = q;
    struct midl_orphans_root roots[] = {ROOT(pair), ROOT(alias)};
    struct midl_orphans *watch = midl_orphans_watch(roots, 2);
    pair.p = pair.q = NULL;
    struct midl_orphans_found found = find(watch, 0);
    tap_ok(found_are(&found, p, NULL), "2: a full pointer's block is found unless aliased");
    tap_ok(released(watch, 1) && is_live(q), "2: the aliased one stays");
    midl_user_free(q);

    pair.p = node_make(NULL, node_make(NULL, NULL));
    p = pair.p;
    q = p->other;
    struct node *holder = node_make(NULL, p);
    watch = midl_orphans_watch(roots, 1);
    pair.p = NULL;
    found = find(watch, 0);
    tap_ok(found_are(&found, p, q, NULL), "2: a block that is no root does not count");
    found = find(watch, MIDL_ORPHANS_UNLESS_BLOCK);
    tap_ok(found.block_count == 0,
           "2: by choice it does, for what it leads to and for what that leads to");
    holder->other = NULL;
    found = find(watch, MIDL_ORPHANS_UNLESS_BLOCK);
    tap_ok(found_are(&found, p, q, NULL), "2: orphans do not keep each other");
    tap_ok(released(watch, 2), "2: released");
    midl_user_free(holder);
}

/* 3: an embedded pointer set to null: a deleted subtree, and a list that a manager cut. */
static void embedded_pointer_becomes_null(void) {
    struct node *left = node_make(node_make(NULL, NULL), node_make(NULL, NULL));
    struct node *leaf = left->next, *other_leaf = left->other;
    struct node *root_node = node_make(left, node_make(NULL, NULL));
    struct midl_orphans_root root = ROOT(root_node);
    struct midl_orphans *watch = midl_orphans_watch(&root, 1);
    root_node->next = NULL;
    struct midl_orphans_found found = find(watch, 0);
    tap_ok(found_are(&found, left, leaf, other_leaf, NULL), "3: a deleted subtree is found");
    tap_ok(released(watch, 3) && is_live(root_node->other), "3: the other one stays");
    midl_user_free(root_node->other);
    midl_user_free(root_node);

    struct node *list = list_make(4);
    struct node *second = list->next, *third = second->next, *fourth = third->next;
    root = ROOT(list);
    watch = midl_orphans_watch(&root, 1);
    list->next = fourth; /* the manager took two out of the middle */
    found = find(watch, 0);
    tap_ok(found_are(&found, second, third, NULL),
           "3: of a list cut in the middle the part between, which still leads to the rest");
    tap_ok(released(watch, 2) && is_live(fourth), "3: the rest stays");
    list_free(list);
}

/* 4, 5: an array of pointers whose size or length the server lowered. */
static void array_becomes_shorter(void) {
    struct node *cells[4], **block = midl_user_allocate(sizeof cells);
    for (int i = 0; i < 4; i++)
        block[i] = cells[i] = node_make(NULL, NULL);
    struct midl_orphans_root root = {cells, sizeof cells};
    struct midl_orphans *watch = midl_orphans_watch(&root, 1);
    struct midl_orphans_found found = find(watch, 0);
    tap_ok(found.block_count == 0, "4: the elements of a whole array are reachable");
    root.byte_count = 2 * sizeof *cells;
    found = find(watch, 0);
    tap_ok(found_are(&found, cells[2], cells[3], NULL),
           "4: those outside the range that came back are found");
    found = find(watch, MIDL_ORPHANS_UNLESS_BLOCK);
    tap_ok(found.block_count == 0, "4: unless another block has them");
    midl_orphans_end(watch);

    root = (struct midl_orphans_root){block, sizeof cells};
    watch = midl_orphans_watch(&root, 1);
    root.byte_count = 2 * sizeof *cells;
    found = find(watch, 0);
    tap_ok(found_are(&found, cells[2], cells[3], NULL),
           "4: the same of an array that is a block, which is not found itself");
    tap_ok(released(watch, 2) && is_live(block) && is_live(block[1]), "4: released");
    midl_user_free(block[0]);
    midl_user_free(block[1]);
    midl_user_free(block);
}

/* 6: [in,out] of an all_nodes type: the reply is a new block, the graph from before is left. */
static void all_nodes_are_replaced(void) {
    struct node *tree = node_make(node_make(NULL, NULL), node_make(NULL, NULL));
    struct node *nodes[3] = {tree, tree->next, tree->other};
    struct midl_orphans_root root = ROOT(tree);
    struct midl_orphans *watch = midl_orphans_watch(&root, 1);
    struct node *whole = midl_user_allocate(3 * sizeof *whole);
    whole[1] = whole[2] = (struct node){0};
    whole[0] = (struct node){&whole[1], &whole[2], 0};
    tree = whole;
    struct midl_orphans_found found = find(watch, 0);
    tap_ok(found_are(&found, nodes[0], nodes[1], nodes[2], NULL), "6: the old graph is found");
    tap_ok(released(watch, 3) && is_live(whole), "6: the new block stays");

    /* The next call, of which only an inner node is left: it keeps the block. */
    watch = midl_orphans_watch(&root, 1);
    tree = &whole[2];
    found = find(watch, 0);
    tap_ok(found.block_count == 0, "6: a pointer into a block keeps the block");
    midl_orphans_end(watch);
    midl_user_free(whole);
}

/* 9: the application never frees what it received: reachable, so no orphan. */
static void nothing_is_freed(void) {
    struct node *list = NULL;
    struct midl_orphans_root root = ROOT(list);
    struct midl_orphans *watch = midl_orphans_watch(&root, 1);
    list = list_make(3);
    struct midl_orphans_found found = find(watch, 0);
    tap_ok(found.block_count == 0, "9: what a call returned is no orphan");
    tap_ok(released(watch, 0) && is_live(list->next->next), "9: and stays");
    list_free(list);
}

/* 12: the call fails when a part of the reply has been put in place. */
static void call_fails_half_way(void) {
    struct node *list = list_make(4);
    struct node *second = list->next, *third = second->next, *fourth = third->next;
    struct midl_orphans_root root = ROOT(list);
    struct midl_orphans *watch = midl_orphans_watch(&root, 1);
    second->next = NULL; /* unmarshalled; then the exception */
    second->other = node_make(NULL, NULL);
    struct midl_orphans_found found = find(watch, 0);
    tap_ok(found_are(&found, third, fourth, NULL), "12: what a partial reply cut off is found");
    tap_ok(released(watch, 2) && is_live(second->other), "12: what it brought stays");
    midl_user_free(second->other);
    list_free(list);
}

/* In place, moved, swapped, extended: nothing is lost. */
static void nothing_is_orphaned(void) {
    struct node *left = node_make(NULL, NULL), *right = node_make(NULL, NULL);
    struct node *tree = node_make(left, right);
    struct midl_orphans_root root = ROOT(tree);
    struct midl_orphans *watch = midl_orphans_watch(&root, 1);
    tree->next = right;
    tree->other = left;
    struct midl_orphans_found found = find(watch, 0);
    tap_ok(found.block_count == 0, "none: two subtrees change places");
    left->next = node_make(NULL, NULL);
    right->other = left; /* shared */
    left->other = tree;  /* a cycle */
    found = find(watch, 0);
    tap_ok(found.block_count == 0, "none: extended, shared, in a cycle");
    struct node *top = tree;
    tree = left->next;
    found = find(watch, 0);
    tap_ok(found_are(&found, top, left, right, NULL),
           "a cycle that nothing leads to any more is found");
    tap_ok(released(watch, 3), "and released");
    midl_user_free(tree);
}

/* Pointers with low bits set, above or below: an offset of four, the last byte. */
static void pointers_are_tagged(void) {
    uintptr_t words[2] = {0, 0};
    struct node *block = node_make(NULL, NULL), *last = node_make(NULL, NULL);
    struct midl_orphans_root root = {words, sizeof words};
    words[0] = (uintptr_t)block | 3;
    words[1] = (uintptr_t)last + sizeof *last - 1;
    struct midl_orphans *watch = midl_orphans_watch(&root, 1);
    memset(words, 0, sizeof words);
    struct midl_orphans_found found = find(watch, 0);
    tap_ok(found_are(&found, block, last, NULL),
           "pointers with low bits, and to a last byte, count");
    memcpy((char *)words + 4, &block, sizeof block);
    found = find(watch, 0);
    tap_ok(found_are(&found, last, NULL), "and one at a multiple of 4");
    midl_orphans_end(watch);
    midl_user_free(block);
    midl_user_free(last);
}

/* Words that only look like pointers, to where nothing can be read. */
static void others_are_not_followed(void) {
    static const uintptr_t wild[] = {
        1, 0x10000, (uintptr_t)-1, 1 << 8, 0x8000000000000000, 0x00007fffffffff01};
    struct node *list = NULL;
    uintptr_t *block = midl_user_allocate(sizeof wild + sizeof list);
    memcpy(block, wild, sizeof wild);
    memset((char *)block + sizeof wild, 0, sizeof list);
    struct midl_orphans_root root = ROOT(block);
    struct midl_orphans *watch = midl_orphans_watch(&root, 1);
    struct midl_orphans_found found = find(watch, MIDL_ORPHANS_UNLESS_BLOCK);
    tap_ok(found.block_count == 0, "words that are no addresses of the heap are not followed");
    midl_orphans_end(watch);
    midl_user_free(block);
}

int main(void) {
    tap_begin(PAIR_FORM, "situations");
    unique_becomes_null();
    full_pointer_becomes_null();
    embedded_pointer_becomes_null();
    array_becomes_shorter();
    all_nodes_are_replaced();
    nothing_is_freed();
    call_fails_half_way();
    nothing_is_orphaned();
    pointers_are_tagged();
    others_are_not_followed();
    return tap_end();
}
