/* The server's manager routines. */
#include "list.h"

LONG __cdecl server_list_sum(handle_t binding, NODE *head) { return sum_of(head); }

void __cdecl server_list_make(handle_t binding, LONG count, NODE **head) {
    *head = new_list(count); /* the stub frees it, node by node, after the reply */
}

void __cdecl server_list_cut(handle_t binding, NODE *head) {
    head->next = NULL; /* nobody frees the nodes that followed */
}

NODE *__cdecl server_list_returned(handle_t binding, LONG count) { return new_list(count); }

LONG __cdecl server_whole_sum(handle_t binding, WHOLE_LIST head) { return sum_of(head); }

void __cdecl server_squares(handle_t binding, LONG count, LONG *numbers) {
    for (LONG i = 0; i < count; i++)
        numbers[i] = i * i;
}

static KEPT_LIST kept;

void __cdecl server_kept_keep(handle_t binding, KEPT_LIST head) {
    kept = head; /* the stub leaves it alone from now on */
}

LONG __cdecl server_kept_sum(handle_t binding) { return sum_of(kept); }

void __cdecl server_kept_drop(handle_t binding) {
    free_list(kept);
    kept = NULL;
}
