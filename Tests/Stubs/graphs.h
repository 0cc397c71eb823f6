/*
 * graphs.h - lists and trees from the pair, for the client and for the managers.
 *
 * list: 1 -> 2 -> ... -> count          tree of depth 3:       1
 *                                                          2       3
 *                                                        4   5   6   7
 */
#ifndef STUBS_GRAPHS_H
#define STUBS_GRAPHS_H

#include "lists.h"
#include "trees.h"

NODE *list_build(LONG count);
LONG list_sum(const NODE *head);
LONG list_count(const NODE *head);
void list_free(NODE *head);

TREE *tree_build(LONG depth);
LONG tree_sum(const TREE *root);
void tree_free(TREE *root);

/* A block from the pair with these contents. */
LONG *long_build(LONG value);
char *text_build(const char *text);

#endif
