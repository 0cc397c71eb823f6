/*
 * rebuild.c - one large structure after the other: a list of 100,000 nodes of 64 to 512 bytes, some
 * 30 MB, is built, walked and freed, and at once the next one.
 */
#include "workload.h"

enum { NODE_COUNT = 100000 };

struct node {
    struct node *next;
    uint32_t number;
};

static struct node *build(struct worker *worker) {
    struct node *first = NULL, **link = &first;
    for (uint32_t i = 0; i < NODE_COUNT; i++) {
        struct node *node =
            checked_allocate(&worker->allocator, random_between(&worker->random, 64, 512));
        node->number = i;
        *link = node;
        link = &node->next;
    }
    *link = NULL;
    return first;
}

static void tear_down(const struct allocator *allocator, struct node *node) {
    uint32_t count = 0;
    while (node != NULL) {
        struct node *next = node->next;
        if (node->number != count)
            block_fail("a node has lost its contents");
        allocator->release(node);
        node = next;
        count++;
    }
    if (count != NODE_COUNT)
        block_fail("a list has lost nodes");
}

static void run(struct worker *worker, long operation_count) {
    for (long done = 0; done < operation_count; done += NODE_COUNT)
        tear_down(&worker->allocator, build(worker));
}

const struct workload workload_rebuild = {
    .name = "rebuild",
    .title = "30 MB in 100,000 blocks of 64 to 512 bytes, built and freed",
    .run = run,
    .operation_count = 400000,
    .operations_at_once = NODE_COUNT,
};
