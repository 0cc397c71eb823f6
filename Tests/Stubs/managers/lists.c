/* Server side of lists.idl. The nodes are never in the wire buffer on a 64-bit host (E.6), so a
 * node that the manager cuts off is a block of the stub's that nobody frees (G7). */
#include "checks.h"
#include "graphs.h"

LONG __cdecl list_in(handle_t binding, NODE *head) {
    (void)binding;
    CHECK_EQUAL(3, list_count(head));
    return list_sum(head);
}

void __cdecl list_out(handle_t binding, LONG count, NODE **head) {
    (void)binding;
    CHECK(*head == NULL); /* E.7: an [out] unique pointer starts as NULL */
    *head = list_build(count);
}

void __cdecl list_edit(handle_t binding, NODE *head) {
    (void)binding;
    CHECK_EQUAL(6, list_sum(head));
    for (; head; head = head->next)
        head->value *= 10;
}

void __cdecl list_append(handle_t binding, NODE *head) {
    (void)binding;
    CHECK_EQUAL(2, list_count(head));
    head->next->next = list_build(2);
}

void __cdecl list_cut(handle_t binding, NODE *head) {
    (void)binding;
    CHECK_EQUAL(4, list_count(head));
    head->next = NULL;
}

void __cdecl list_cut_free(handle_t binding, NODE *head) {
    (void)binding;
    CHECK_EQUAL(4, list_count(head));
    list_free(head->next);
    head->next = NULL;
}

void __cdecl list_clear(handle_t binding, NODE **head) {
    (void)binding;
    CHECK_EQUAL(3, list_count(*head));
    *head = NULL;
}

NODE *__cdecl list_returned(handle_t binding, LONG count) {
    (void)binding;
    CHECK(count >= 0);
    return list_build(count);
}
