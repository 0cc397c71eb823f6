/* Server side of trees.idl. */
#include "checks.h"
#include "graphs.h"

/* What kept_tree_in was given: allocate(dont_free) leaves it alive between the calls. */
static TREE *kept;

LONG __cdecl tree_in(handle_t binding, TREE *root) {
    (void)binding;
    CHECK_EQUAL(4, root->left->left->value);
    return tree_sum(root);
}

void __cdecl tree_out(handle_t binding, LONG depth, TREE **root) {
    (void)binding;
    CHECK(*root == NULL);
    *root = tree_build(depth);
}

void __cdecl tree_swap(handle_t binding, TREE *root) {
    TREE *left = root->left;

    (void)binding;
    CHECK_EQUAL(2, left->value);
    root->left = root->right;
    root->right = left;
}

void __cdecl tree_prune(handle_t binding, TREE *root) {
    (void)binding;
    CHECK_EQUAL(28, tree_sum(root));
    root->left = NULL;
}

LONG __cdecl whole_tree_in(handle_t binding, WHOLE_TREE root) {
    (void)binding;
    CHECK_EQUAL(2, root->left->value);
    return tree_sum(root);
}

void __cdecl whole_tree_in_out(handle_t binding, WHOLE_TREE root) {
    (void)binding;
    CHECK_EQUAL(6, tree_sum(root));
    root->right->value = 30;
}

void __cdecl kept_tree_in(handle_t binding, KEPT_TREE root) {
    (void)binding;
    CHECK_EQUAL(6, tree_sum(root));
    kept = root;
}

LONG __cdecl kept_tree_recall(handle_t binding) {
    LONG sum = tree_sum(kept);

    (void)binding;
    CHECK_EQUAL(6, sum);
    tree_free(kept);
    kept = NULL;
    return sum;
}
