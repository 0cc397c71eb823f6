/* Lists and trees from the pair; see graphs.h. */
#include <string.h>

#include <rpc.h>
#include <rpcndr.h>

#include "graphs.h"

NODE *list_build(LONG count) {
    NODE *head = NULL;

    for (LONG value = count; value >= 1; value--) {
        NODE *node = midl_user_allocate(sizeof(*node));

        node->value = value;
        node->next = head;
        head = node;
    }
    return head;
}

LONG list_sum(const NODE *head) { return head ? head->value + list_sum(head->next) : 0; }

LONG list_count(const NODE *head) { return head ? 1 + list_count(head->next) : 0; }

void list_free(NODE *head) {
    while (head) {
        NODE *next = head->next;

        midl_user_free(head);
        head = next;
    }
}

static TREE *subtree_build(LONG depth, LONG value) {
    TREE *root;

    if (depth == 0)
        return NULL;
    root = midl_user_allocate(sizeof(*root));
    root->value = value;
    root->left = subtree_build(depth - 1, 2 * value);
    root->right = subtree_build(depth - 1, 2 * value + 1);
    return root;
}

TREE *tree_build(LONG depth) { return subtree_build(depth, 1); }

LONG tree_sum(const TREE *root) {
    return root ? root->value + tree_sum(root->left) + tree_sum(root->right) : 0;
}

void tree_free(TREE *root) {
    if (!root)
        return;
    tree_free(root->left);
    tree_free(root->right);
    midl_user_free(root);
}

LONG *long_build(LONG value) {
    LONG *block = midl_user_allocate(sizeof(*block));

    *block = value;
    return block;
}

char *text_build(const char *text) {
    char *block = midl_user_allocate(strlen(text) + 1);

    strcpy(block, text);
    return block;
}
