/*
 * model.c - random graphs, cut at random, against a model that knows every pointer.
 *
 * Nodes have eight fields each, some of them pointers to nodes, in cycles, shared, to the first or
 * to any other byte, or words that are none. The model keeps the same edges as numbers. After the
 * watch edges are changed, nodes freed and made; what is found must be exactly the nodes that the
 * model reached before, reaches no longer, and that are the same ones still.
 */
#include "graph.h"
#include "tap.h"

#include <stdlib.h>
#include <string.h>

enum { NODES = 400, FIELDS = 8, ROOTS = 6, ROUNDS = 400, NONE = -1 };

static struct {
    uintptr_t *block; /* NULL: there is none */
    size_t byte_count;
    int edges[FIELDS];
    int life; /* another one for each block that is at this number */
} nodes[NODES];
static uintptr_t root_words[ROOTS];
static int root_edges[ROOTS];

static unsigned long long state = 88172645463325252ull;

static unsigned draw(unsigned limit) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (unsigned)(state >> 20) % limit;
}

/* A word for an edge: a pointer to or into the node, or anything else for none. */
static uintptr_t word_of(int edge) {
    if (edge == NONE)
        return draw(2) ? 0 : draw(1000);
    uintptr_t start = (uintptr_t)nodes[edge].block;
    return draw(3) ? start : start + draw((unsigned)nodes[edge].byte_count);
}

static int draw_edge(void) {
    int edge = draw(3) ? NONE : (int)draw(NODES);
    return edge == NONE || nodes[edge].block == NULL ? NONE : edge;
}

static void set_edge(int node, int field, int edge) {
    nodes[node].edges[field] = edge;
    nodes[node].block[field] = word_of(edge);
}

static void make(int node) {
    static const size_t sizes[] = {64, 72, 200, 1000, 5000, 40000};
    nodes[node].byte_count = sizes[draw(50) ? draw(3) : draw(6)];
    nodes[node].block = midl_user_allocate(nodes[node].byte_count);
    nodes[node].life++;
    memset(nodes[node].block, 0, nodes[node].byte_count);
    for (int field = 0; field < FIELDS; field++)
        nodes[node].edges[field] = NONE;
}

/* Nothing leads to it from then on. */
static void destroy(int node) {
    for (int other = 0; other < NODES; other++)
        for (int field = 0; field < FIELDS; field++)
            if (nodes[other].block != NULL && nodes[other].edges[field] == node)
                set_edge(other, field, NONE);
    for (int root = 0; root < ROOTS; root++)
        if (root_edges[root] == node) {
            root_edges[root] = NONE;
            root_words[root] = 0;
        }
    midl_user_free(nodes[node].block);
    nodes[node].block = NULL;
}

static void reach(int node, bool *reached) {
    if (node == NONE || reached[node])
        return;
    reached[node] = true;
    for (int field = 0; field < FIELDS; field++)
        reach(nodes[node].edges[field], reached);
}

static void reach_from_roots(bool *reached) {
    memset(reached, 0, NODES);
    for (int root = 0; root < ROOTS; root++)
        reach(root_edges[root], reached);
}

static void set_root(int root, int edge) {
    root_edges[root] = edge;
    root_words[root] = word_of(edge);
}

static void change(void) {
    for (unsigned count = draw(60); count > 0; count--) {
        int node = (int)draw(NODES);
        unsigned what = draw(12);
        if (nodes[node].block == NULL)
            make(node);
        else if (what == 0)
            destroy(node);
        else
            set_edge(node, (int)draw(FIELDS), what < 6 ? NONE : draw_edge());
    }
    for (unsigned count = draw(3); count > 0; count--)
        set_root((int)draw(ROOTS), draw_edge());
}

static int number_of(const void *block) {
    for (int node = 0; node < NODES; node++)
        if (nodes[node].block == block)
            return node;
    return NONE;
}

static long rounds, orphans, reachable_found, missed, unknown;

/* One round: build, watch, change, find, release. */
static void run_round(void) {
    bool before[NODES], after[NODES];
    int lives[NODES];
    struct midl_orphans_root roots[2] = {{root_words, sizeof root_words / 2},
                                         {root_words + ROOTS / 2, sizeof root_words / 2}};
    for (int node = 0; node < NODES; node++)
        if (nodes[node].block == NULL)
            make(node);
    for (int count = 0; count < NODES * 2; count++)
        set_edge((int)draw(NODES), (int)draw(FIELDS), draw_edge());
    for (int root = 0; root < ROOTS; root++)
        set_root(root, draw_edge());
    struct midl_orphans *watch = midl_orphans_watch(roots, 2);
    reach_from_roots(before);
    for (int node = 0; node < NODES; node++)
        lives[node] = nodes[node].life;
    change();
    struct midl_orphans_found found = find(watch, 0);
    reach_from_roots(after);
    long expected = 0;
    for (int node = 0; node < NODES; node++)
        expected += nodes[node].block != NULL && before[node] && !after[node] &&
                    lives[node] == nodes[node].life;
    for (size_t i = 0; i < found.block_count; i++) {
        int node = number_of(found.blocks[i].block);
        unknown += node == NONE || !before[node] || lives[node] != nodes[node].life;
        reachable_found += node != NONE && after[node];
        expected--;
        if (node != NONE)
            before[node] = false; /* counted once */
    }
    missed += expected;
    orphans += (long)found.block_count;
    int released[NODES], count = 0;
    for (size_t i = 0; i < found.block_count; i++)
        released[count++] = number_of(found.blocks[i].block);
    unknown += midl_orphans_release(watch) != (size_t)count;
    midl_orphans_end(watch);
    /* Others may lead to them that are not reachable themselves. */
    for (int i = 0; i < count; i++)
        nodes[released[i]].block = NULL;
    for (int node = 0; node < NODES; node++)
        for (int field = 0; nodes[node].block != NULL && field < FIELDS; field++) {
            int edge = nodes[node].edges[field];
            if (edge != NONE && nodes[edge].block == NULL)
                set_edge(node, field, NONE);
        }
    rounds++;
}

int main(void) {
    tap_begin(PAIR_FORM, "model");
    for (int round = 0; round < ROUNDS; round++)
        run_round();
    tap_ok(reachable_found == 0, "no reachable block is found in %ld random cuts", rounds);
    tap_ok(unknown == 0,
           "each that is found was reachable, is the same block still, and is released");
    tap_ok(missed == 0 && orphans > rounds, "and none is missed: %ld orphans", orphans);
    return tap_end();
}
