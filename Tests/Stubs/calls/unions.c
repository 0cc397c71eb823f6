/* Calls of unions.idl. */
#include "calls.h"
#include "graphs.h"
#include "unions.h"

static double *double_build(double value) {
    double *block = midl_user_allocate(sizeof(*block));

    *block = value;
    return block;
}

static void make_union_in(handle_t binding) {
    VALUE value = {.kind = 3};
    LONG result = 0;

    value.value.text = (unsigned char *)text_build("a text");
    REMOTE(result = union_in(binding, &value));
    CHECK_EQUAL(3, result);
    midl_user_free(value.value.text);
}

static void make_union_out(handle_t binding) {
    VALUE value = {.kind = 2, .value.real = NULL};

    REMOTE(union_out(binding, &value));
    CHECK_EQUAL(2, value.kind);
    CHECK(*value.value.real == 2.5);
    midl_user_free(value.value.real);
}

static void make_union_to_number(handle_t binding) {
    VALUE value = {.kind = 2};

    value.value.real = double_build(1.5);
    REMOTE(union_to_number(binding, &value));
    CHECK_EQUAL(1, value.kind);
    CHECK_EQUAL(9, value.value.number);
}

static void make_choice_in(handle_t binding) {
    CHOICE choice;
    LONG result = 0;

    choice.real = double_build(1.5);
    REMOTE(result = choice_in(binding, 2, &choice));
    CHECK_EQUAL(2, result);
    midl_user_free(choice.real);
}

#define UNION_LEAKS(type)                                                                          \
    { INTERPRETED, SERVER_ORPHANED, STUB(1, sizeof(type)), "H.1: Wine leaks a simple ref struct" }

static const struct call calls[] = {
    {
        .name = "union_in",
        .direction = "in",
        .make = make_union_in,
        .rules = "E.6",
        .documented = {[BUILT] = OWN(1, sizeof("a text")), [ALLOCATED] = STUB(1, sizeof(VALUE))},
        .here = {UNION_LEAKS(VALUE)},
    },
    {
        .name = "union_out",
        .direction = "out",
        .make = make_union_out,
        .rules = "F.2 (NULL to non-null), E.7",
        .documented = {[RECEIVED] = STUB(1, sizeof(double)), [ALLOCATED] = OWN(1, sizeof(double))},
    },
    {
        .name = "union_to_number",
        .direction = "in,out",
        .make = make_union_to_number,
        .rules = "F.2 (non-null to NULL), G3",
        .documented = {[BUILT] = OWN(1, sizeof(double)),
                       [CLIENT_ORPHANED] = OWN(1, sizeof(double)),
                       [ALLOCATED] = STUB(1, sizeof(VALUE))},
        .client_orphans = "G3: server changed the arm that held a pointer",
        .here = {UNION_LEAKS(VALUE)},
    },
    {
        .name = "choice_in",
        .direction = "in",
        .make = make_choice_in,
        .rules = "E.6",
        .documented = {[BUILT] = OWN(1, sizeof(double)), [ALLOCATED] = STUB(1, sizeof(CHOICE))},
        .here = {UNION_LEAKS(CHOICE)},
    },
};

const struct call_group union_calls = CALL_GROUP(calls);
