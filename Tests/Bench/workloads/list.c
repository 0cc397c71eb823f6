/* list.c - a list of 1,000 nodes of 40 bytes, built and freed: what a stub does with a list. */
#include "workload.h"

enum { NODE_COUNT = 1000 };

struct node {
    struct node *next;
    uint32_t number;
    unsigned char rest[20];
    uint32_t last;
};
_Static_assert(sizeof(struct node) == 40, "");

static struct node *build(const struct allocator *allocator) {
    struct node *first = NULL, **link = &first;
    for (uint32_t i = 0; i < NODE_COUNT; i++) {
        struct node *node = checked_allocate(allocator, sizeof *node);
        node->number = node->last = i;
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
        if (node->number != count || node->last != count)
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
        tear_down(&worker->allocator, build(&worker->allocator));
}

const struct workload workload_list = {
    .name = "list",
    .title = "a list of 1,000 nodes of 40 bytes, built and freed",
    .run = run,
    .operation_count = 2500000,
    .operations_at_once = NODE_COUNT,
    .bump_byte_count = NODE_COUNT * 48,
};
