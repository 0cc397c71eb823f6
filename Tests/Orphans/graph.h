/*
 * graph.h - lists and trees as a client has them, and the question what a watch has found.
 */
#ifndef GRAPH_H
#define GRAPH_H

#include "midl_memory.h"

#include <stdbool.h>
#include <stdint.h>

struct node {
    struct node *next;
    struct node *other;
    long value;
};

/* Ends the program without memory. Not initialised beyond the two pointers. */
struct node *node_make(struct node *next, struct node *other);
/* A list of nodes with the values 1 ... count. */
struct node *list_make(int count);
void list_free(struct node *list);

/* The watch's find; ends the program when it fails. */
struct midl_orphans_found find(struct midl_orphans *watch, unsigned unless);

/* Whether exactly these blocks, up to a NULL, were found. */
bool found_are(const struct midl_orphans_found *found, ...);

/* Whether a live block starts there, by asking in a child, which a bad pointer ends. */
bool is_live(void *block);

#endif /* GRAPH_H */
