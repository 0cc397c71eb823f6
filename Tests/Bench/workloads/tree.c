/*
 * tree.c - a tree of nodes with names is unmarshalled from a buffer and freed by a walk: a block
 * for each node, a block for each name.
 *
 * The buffer holds the nodes in preorder:
 *
 *     [ which children, 1 byte ][ byte count, 1 byte ][ name ... ]
 */
#include "workload.h"

enum { NODE_COUNT = 1000, NAME_BYTE_COUNT_LIMIT = 120, HAS_LEFT = 1, HAS_RIGHT = 2 };

struct node {
    struct node *left, *right;
    char *name;
    size_t name_byte_count;
};

/* Writes a subtree of node_count nodes; returns the end of what it wrote. */
static unsigned char *marshal(struct random *random, unsigned char *wire, uint32_t node_count) {
    uint32_t left = random_below(random, node_count), right = node_count - 1 - left;
    uint32_t byte_count = random_between(random, 1, NAME_BYTE_COUNT_LIMIT);
    *wire++ = (unsigned char)((left > 0 ? HAS_LEFT : 0) | (right > 0 ? HAS_RIGHT : 0));
    *wire++ = (unsigned char)byte_count;
    memset(wire, 'a' + (int)random_below(random, 26), byte_count);
    wire += byte_count;
    if (left > 0)
        wire = marshal(random, wire, left);
    return right > 0 ? marshal(random, wire, right) : wire;
}

static void begin(struct worker *worker) {
    _Static_assert(NODE_COUNT * (2 + NAME_BYTE_COUNT_LIMIT) <= WORKER_WIRE_BYTE_COUNT, "");
    marshal(&worker->random, worker->wire, NODE_COUNT);
}

static struct node *unmarshal(const struct allocator *allocator, const unsigned char **wire) {
    struct node *node = checked_allocate(allocator, sizeof *node);
    unsigned children = *(*wire)++;
    node->name_byte_count = *(*wire)++;
    node->name = checked_allocate(allocator, node->name_byte_count + 1);
    memcpy(node->name, *wire, node->name_byte_count);
    node->name[node->name_byte_count] = '\0';
    *wire += node->name_byte_count;
    node->left = (children & HAS_LEFT) != 0 ? unmarshal(allocator, wire) : NULL;
    node->right = (children & HAS_RIGHT) != 0 ? unmarshal(allocator, wire) : NULL;
    return node;
}

/* The walk goes through the buffer once more and compares. */
static void tear_down(const struct allocator *allocator, struct node *node,
                      const unsigned char **wire) {
    *wire += 1;
    size_t byte_count = *(*wire)++;
    if (node->name_byte_count != byte_count || node->name[0] != (char)(*wire)[0] ||
        node->name[byte_count - 1] != (char)(*wire)[byte_count - 1] ||
        node->name[byte_count] != '\0')
        block_fail("a node or its name has lost its contents");
    *wire += byte_count;
    if (node->left != NULL)
        tear_down(allocator, node->left, wire);
    if (node->right != NULL)
        tear_down(allocator, node->right, wire);
    allocator->release(node->name);
    allocator->release(node);
}

static void run(struct worker *worker, long operation_count) {
    for (long done = 0; done < operation_count; done += 2 * NODE_COUNT) {
        const unsigned char *wire = worker->wire, *again = worker->wire;
        tear_down(&worker->allocator, unmarshal(&worker->allocator, &wire), &again);
    }
}

const struct workload workload_tree = {
    .name = "tree",
    .title = "a tree of 1,000 nodes with names, unmarshalled and freed",
    .begin = begin,
    .run = run,
    .operation_count = 1500000,
    .operations_at_once = 2 * NODE_COUNT,
    .bump_byte_count = 128 * 1024,
};
