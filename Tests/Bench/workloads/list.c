/*
 * list.c - lists, built and freed.
 *
 *   list     1,000 nodes of 40 bytes: what a stub does with a list
 *   rebuild  100,000 nodes of 64 to 512 bytes, some 30 MB: one large structure after the other
 */
#include "workload.h"

enum { NODE_COUNT = 1000, LARGE_NODE_COUNT = 100000 };

struct node {
    struct node *next;
    uint32_t number;
    unsigned char rest[20];
    uint32_t last;
};
_Static_assert(sizeof(struct node) == 40, "");

/* Nodes of as many bytes as `byte_count` says for each. Inlined, as it would be written twice. */
static inline __attribute__((always_inline)) struct node *
build(struct worker *worker, uint32_t node_count, size_t (*byte_count)(struct random *random)) {
    struct node *first = NULL, **link = &first;
    for (uint32_t i = 0; i < node_count; i++) {
        struct node *node = checked_allocate(&worker->allocator, byte_count(&worker->random));
        node->number = node->last = i;
        *link = node;
        link = &node->next;
    }
    *link = NULL;
    return first;
}

static inline __attribute__((always_inline)) void
tear_down(const struct allocator *allocator, struct node *node, uint32_t node_count) {
    uint32_t count = 0;
    while (node != NULL) {
        struct node *next = node->next;
        if (node->number != count || node->last != count)
            block_fail("a node has lost its contents");
        allocator->release(node);
        node = next;
        count++;
    }
    if (count != node_count)
        block_fail("a list has lost nodes");
}

static size_t node_byte_count(struct random *random) {
    (void)random;
    return sizeof(struct node);
}

static size_t mixed_byte_count(struct random *random) { return random_between(random, 64, 512); }

static void run(struct worker *worker, long operation_count) {
    for (long done = 0; done < operation_count; done += NODE_COUNT)
        tear_down(&worker->allocator, build(worker, NODE_COUNT, node_byte_count), NODE_COUNT);
}

static void run_large(struct worker *worker, long operation_count) {
    for (long done = 0; done < operation_count; done += LARGE_NODE_COUNT)
        tear_down(&worker->allocator, build(worker, LARGE_NODE_COUNT, mixed_byte_count),
                  LARGE_NODE_COUNT);
}

const struct workload workload_list = {
    .name = "list",
    .title = "a list of 1,000 nodes of 40 bytes, built and freed",
    .run = run,
    .operation_count = 2500000,
    .operations_at_once = NODE_COUNT,
    .bump_byte_count = NODE_COUNT * 48,
};

const struct workload workload_rebuild = {
    .name = "rebuild",
    .title = "30 MB in 100,000 blocks of 64 to 512 bytes, built and freed",
    .run = run_large,
    .operation_count = 400000,
    .operations_at_once = LARGE_NODE_COUNT,
};
