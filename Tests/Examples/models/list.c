#include "list.h"

NODE *new_list(long count) {
    NODE *head = NULL;
    for (long value = count; value > 0; value--) {
        NODE *node = midl_user_allocate(sizeof *node);
        if (node == NULL)
            RpcRaiseException(RPC_S_OUT_OF_MEMORY);
        node->value = value;
        node->next = head;
        head = node;
    }
    return head;
}

long sum_of(const NODE *head) {
    long sum = 0;
    for (; head != NULL; head = head->next)
        sum += head->value;
    return sum;
}

void free_list(NODE *head) {
    while (head != NULL) {
        NODE *next = head->next;
        midl_user_free(head);
        head = next;
    }
}
