/* Calls of trees.idl. */
#include "calls.h"
#include "control.h"
#include "graphs.h"
#include "watched.h"

static void make_tree_in(handle_t binding) {
    TREE *root = tree_build(3);
    LONG sum = 0;

    REMOTE(sum = tree_in(binding, root));
    CHECK_EQUAL(28, sum);
    tree_free(root);
}

static void make_tree_out(handle_t binding) {
    TREE *root = NULL;

    REMOTE(tree_out(binding, 3, &root));
    CHECK_EQUAL(28, tree_sum(root));
    CHECK_EQUAL(6, root->right->left->value);
    tree_free(root);
}

static void make_tree_swap(handle_t binding) {
    TREE *root = tree_build(2);
    TREE *left = root->left;

    WATCHED(root, REMOTE(tree_swap(binding, root)));
    CHECK(root->left == left); /* J07: the client's block stays, its contents change */
    CHECK_EQUAL(3, root->left->value);
    CHECK_EQUAL(2, root->right->value);
    tree_free(root);
}

static void make_tree_prune(handle_t binding) {
    TREE *root = tree_build(3);

    WATCHED(root, REMOTE(tree_prune(binding, root)));
    CHECK(root->left == NULL);
    CHECK_EQUAL(1 + 3 + 6 + 7, tree_sum(root));
    tree_free(root);
}

static void make_whole_tree_in(handle_t binding) {
    TREE *root = tree_build(2);
    LONG sum = 0;

    REMOTE(sum = whole_tree_in(binding, root));
    CHECK_EQUAL(6, sum);
    tree_free(root);
}

static void make_whole_tree_in_out(handle_t binding) {
    TREE *root = tree_build(2);

    WATCHED(root, REMOTE(whole_tree_in_out(binding, root)));
    CHECK_EQUAL(30, root->right->value);
    CHECK_EQUAL(33, tree_sum(root));
    tree_free(root);
}

static void make_kept_tree(handle_t binding) {
    TREE *root = tree_build(2);
    LONG sum = 0;

    REMOTE(kept_tree_in(binding, root));
    control_look(binding);
    CHECK_EQUAL(3, control_number(binding, SERVER_ALLOCATED_BLOCKS));
    CHECK_EQUAL(0, control_number(binding, SERVER_FREED_BLOCKS)); /* J24 */
    REMOTE(sum = kept_tree_recall(binding));
    CHECK_EQUAL(6, sum);
    tree_free(root);
}

static const struct call calls[] = {
    {
        .name = "tree_in",
        .direction = "in",
        .make = make_tree_in,
        .rules = "F.1, F.2, E.6",
        .documented = {[BUILT] = OWN(7, sizeof(TREE)), [ALLOCATED] = STUB(7, sizeof(TREE))},
        .here = {REF_LEAKS(1, sizeof(TREE))},
    },
    {
        .name = "tree_out",
        .direction = "out",
        .make = make_tree_out,
        .rules = "F.2, J11",
        .documented = {[RECEIVED] = STUB(7, sizeof(TREE)), [ALLOCATED] = OWN(7, sizeof(TREE))},
    },
    {
        .name = "tree_swap",
        .direction = "in,out",
        .make = make_tree_swap,
        .rules = "F.2 (other), J07",
        .documented = {[BUILT] = OWN(3, sizeof(TREE)), [ALLOCATED] = STUB(3, sizeof(TREE))},
        .here = {REF_LEAKS(1, sizeof(TREE))},
    },
    {
        .name = "tree_prune",
        .direction = "in,out",
        .make = make_tree_prune,
        .rules = "G3, G7",
        .documented = {[BUILT] = OWN(7, sizeof(TREE)),
                       [CLIENT_ORPHANED] = OWN(3, sizeof(TREE)),
                       [ALLOCATED] = STUB(7, sizeof(TREE)),
                       [SERVER_ORPHANED] = STUB(3, sizeof(TREE))},
        .client_orphans = "G3: server deleted a subtree",
        .server_orphans = "G7: manager deleted a subtree",
        .here = {{INTERPRETED, SERVER_ORPHANED, STUB(4, sizeof(TREE)),
                  "G7 for 3, " REF_LEAKS_REASON}},
    },
    {
        .name = "whole_tree_in",
        .direction = "in",
        .make = make_whole_tree_in,
        .rules = "E.9, J22",
        .documented = {[BUILT] = OWN(3, sizeof(TREE)), [ALLOCATED] = STUB(1, 3 * sizeof(TREE))},
        .here = {{BOTH_MODES, ALLOCATED, STUB(3, sizeof(TREE)),
                  "H.1: Wine takes allocate(all_nodes) node by node"}},
    },
    {
        .name = "whole_tree_in_out",
        .direction = "in,out",
        .make = make_whole_tree_in_out,
        .rules = "E.9, G6, J23",
        .documented = {[BUILT] = OWN(3, sizeof(TREE)),
                       [RECEIVED] = STUB(1, 3 * sizeof(TREE)),
                       [CLIENT_ORPHANED] = OWN(3, sizeof(TREE)),
                       [ALLOCATED] = STUB(1, 3 * sizeof(TREE))},
        .here = {{BOTH_MODES, RECEIVED, {0, 0}, "H.1: Wine takes all_nodes node by node, in place"},
                 {BOTH_MODES, CLIENT_ORPHANED, {0, 0}, "H.1: no new block, so none is replaced"},
                 {BOTH_MODES, ALLOCATED, STUB(3, sizeof(TREE)),
                  "H.1: Wine takes allocate(all_nodes) node by node"}},
    },
    {
        .name = "kept_tree_in, _recall",
        .direction = "in",
        .make = make_kept_tree,
        .rules = "E.10, G8, J24",
        .documented = {[BUILT] = OWN(3, sizeof(TREE)), [ALLOCATED] = STUB(3, sizeof(TREE))},
    },
};

const struct call_group tree_calls = CALL_GROUP(calls);
