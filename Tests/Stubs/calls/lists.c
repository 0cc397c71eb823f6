/* Calls of lists.idl. */
#include "calls.h"
#include "graphs.h"
#include "watched.h"

static void make_list_in(handle_t binding) {
    NODE *head = list_build(3);
    LONG sum = 0;

    REMOTE(sum = list_in(binding, head));
    CHECK_EQUAL(6, sum);
    list_free(head);
}

static void make_list_out(handle_t binding) {
    NODE *head = NULL;

    REMOTE(list_out(binding, 3, &head));
    CHECK_EQUAL(3, list_count(head));
    CHECK_EQUAL(6, list_sum(head));
    list_free(head);
}

static void make_list_returned(handle_t binding) {
    NODE *head = NULL;

    REMOTE(head = list_returned(binding, 3));
    CHECK_EQUAL(6, list_sum(head));
    list_free(head);
}

static void make_list_edit(handle_t binding) {
    NODE *head = list_build(3);
    NODE *second = head->next;

    WATCHED(head, REMOTE(list_edit(binding, head)));
    CHECK(head->next == second);
    CHECK_EQUAL(60, list_sum(head));
    list_free(head);
}

static void make_list_append(handle_t binding) {
    NODE *head = list_build(2);

    WATCHED(head, REMOTE(list_append(binding, head)));
    CHECK_EQUAL(4, list_count(head));
    CHECK_EQUAL(1 + 2 + 1 + 2, list_sum(head));
    list_free(head);
}

static void make_list_cut(handle_t binding) {
    NODE *head = list_build(4);

    WATCHED(head, REMOTE(list_cut(binding, head)));
    CHECK_EQUAL(1, head->value);
    CHECK(head->next == NULL);
    list_free(head);
}

static void make_list_cut_free(handle_t binding) {
    NODE *head = list_build(4);
    NODE *second = head->next;

    WATCHED(head, REMOTE(list_cut_free(binding, head)));
    CHECK(head->next == NULL);
    CHECK_EQUAL(2, second->value); /* still alive on the client */
    list_free(head);
}

static void make_list_clear(handle_t binding) {
    NODE *head = list_build(3);

    WATCHED(head, REMOTE(list_clear(binding, &head)));
    CHECK(head == NULL);
    list_free(head);
}

static const struct call calls[] = {
    {
        .name = "list_in",
        .direction = "in",
        .make = make_list_in,
        .rules = "F.1, F.2, E.6",
        .documented = {[BUILT] = OWN(3, sizeof(NODE)), [ALLOCATED] = STUB(3, sizeof(NODE))},
        .here = {REF_LEAKS(1, sizeof(NODE))},
    },
    {
        .name = "list_out",
        .direction = "out",
        .make = make_list_out,
        .rules = "F.2, J11",
        .documented = {[RECEIVED] = STUB(3, sizeof(NODE)), [ALLOCATED] = OWN(3, sizeof(NODE))},
    },
    {
        .name = "list_returned",
        .direction = "return",
        .make = make_list_returned,
        .rules = "F.3, J12",
        .documented = {[RECEIVED] = STUB(3, sizeof(NODE)), [ALLOCATED] = OWN(3, sizeof(NODE))},
        .here = {SLOT_LEAKS(3, 3 * sizeof(NODE))},
    },
    {
        .name = "list_edit",
        .direction = "in,out",
        .make = make_list_edit,
        .rules = "F.2 (same), J03",
        .documented = {[BUILT] = OWN(3, sizeof(NODE)), [ALLOCATED] = STUB(3, sizeof(NODE))},
        .here = {REF_LEAKS(1, sizeof(NODE))},
    },
    {
        .name = "list_append",
        .direction = "in,out",
        .make = make_list_append,
        .rules = "F.2 (NULL to non-null), J06",
        .documented = {[BUILT] = OWN(2, sizeof(NODE)),
                       [RECEIVED] = STUB(2, sizeof(NODE)),
                       [ALLOCATED] = {4, 2 * NDR(sizeof(NODE)) + 2 * sizeof(NODE)}},
        .here = {REF_LEAKS(1, sizeof(NODE))},
    },
    {
        .name = "list_cut",
        .direction = "in,out",
        .make = make_list_cut,
        .rules = "F.2 (non-null to NULL), G3, G7",
        .documented = {[BUILT] = OWN(4, sizeof(NODE)),
                       [CLIENT_ORPHANED] = OWN(3, sizeof(NODE)),
                       [ALLOCATED] = STUB(4, sizeof(NODE)),
                       [SERVER_ORPHANED] = STUB(3, sizeof(NODE))},
        .client_orphans = "G3: server set an embedded unique pointer to null",
        .server_orphans = "G7: manager cut the list",
        .here = {{INTERPRETED, SERVER_ORPHANED, STUB(4, sizeof(NODE)),
                  "G7 for 3, " REF_LEAKS_REASON}},
    },
    {
        .name = "list_cut_free",
        .direction = "in,out",
        .make = make_list_cut_free,
        .rules = "G3, G7, J28",
        .documented = {[BUILT] = OWN(4, sizeof(NODE)),
                       [CLIENT_ORPHANED] = OWN(3, sizeof(NODE)),
                       [ALLOCATED] = STUB(4, sizeof(NODE))},
        .client_orphans = "G3: server set an embedded unique pointer to null",
        .here = {REF_LEAKS(1, sizeof(NODE))},
    },
    {
        .name = "list_clear",
        .direction = "in,out",
        .make = make_list_clear,
        .rules = "E.5 (a slot for the inner pointer), F.2, G1, G7",
        .documented = {[BUILT] = OWN(3, sizeof(NODE)),
                       [CLIENT_ORPHANED] = OWN(3, sizeof(NODE)),
                       [ALLOCATED] = {4, 3 * NDR(sizeof(NODE)) + NDR(sizeof(NODE *))},
                       [SERVER_ORPHANED] = STUB(3, sizeof(NODE))},
        .here = {{INTERPRETED, ALLOCATED, STUB(3, sizeof(NODE)),
                  "I.4: -Oicf keeps the slot of the inner pointer on its stack"}},
        .client_orphans = "G1: server set the pointer behind the parameter to null",
        .server_orphans = "G7: manager dropped the list",
    },
};

const struct call_group list_calls = CALL_GROUP(calls);
