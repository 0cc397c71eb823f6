/* Calls of unions.idl. */
#include "unions.h"
#include "calls.h"
#include "graphs.h"
#include "watched.h"

static void make_value_in(handle_t binding) {
    VALUE value = {.kind = 2, .value.real = 1.5};
    LONG result = 0;

    REMOTE(result = value_in(binding, &value));
    CHECK_EQUAL(3, result);
}

static void make_value_in_out(handle_t binding) {
    VALUE value = {.kind = 2, .value.real = 1.5};

    REMOTE(value_in_out(binding, &value));
    CHECK_EQUAL(1, value.kind);
    CHECK_EQUAL(9, value.value.number);
}

static void make_choice_in(handle_t binding) {
    CHOICE_BOX box = {.kind = 3};
    LONG result = 0;

    box.choice.text = text_build("a text");
    REMOTE(result = choice_in(binding, &box));
    CHECK_EQUAL(3, result);
    midl_user_free(box.choice.text);
}

static void make_choice_out(handle_t binding) {
    CHOICE_BOX box = {.kind = 2, .choice.real = NULL};

    REMOTE(choice_out(binding, &box));
    CHECK_EQUAL(2, box.kind);
    CHECK(*box.choice.real == 2.5);
    midl_user_free(box.choice.real);
}

static void make_choice_to_number(handle_t binding) {
    CHOICE_BOX box = {.kind = 2};

    box.choice.real = midl_user_allocate(sizeof(double));
    *box.choice.real = 1.5;
    WATCHED(box, REMOTE(choice_to_number(binding, &box)));
    CHECK_EQUAL(1, box.kind);
    CHECK_EQUAL(9, box.choice.number);
}

static const struct call calls[] = {
    {
        .name = "value_in",
        .direction = "in",
        .make = make_value_in,
        .rules = "E.6",
        .documented = {[ALLOCATED] = STUB(1, sizeof(VALUE))},
        .here = {REF_LEAKS(1, sizeof(VALUE))},
    },
    {
        .name = "value_in_out",
        .direction = "in,out",
        .make = make_value_in_out,
        .rules = "E.6",
        .documented = {[ALLOCATED] = STUB(1, sizeof(VALUE))},
        .here = {REF_LEAKS(1, sizeof(VALUE))},
    },
    {
        .name = "choice_in",
        .direction = "in",
        .make = make_choice_in,
        .rules = "E.6",
        .documented =
            {[BUILT] = OWN(1, sizeof("a text")), [ALLOCATED] = STUB(1, sizeof(CHOICE_BOX))},
        .here = {REF_LEAKS(1, sizeof(CHOICE_BOX))},
    },
    {
        .name = "choice_out",
        .direction = "out",
        .make = make_choice_out,
        .rules = "F.2 (NULL to non-null), E.7",
        .documented = {[RECEIVED] = STUB(1, sizeof(double)), [ALLOCATED] = OWN(1, sizeof(double))},
    },
    {
        .name = "choice_to_number",
        .direction = "in,out",
        .make = make_choice_to_number,
        .rules = "F.2 (non-null to NULL), G3",
        .documented = {[BUILT] = OWN(1, sizeof(double)),
                       [CLIENT_ORPHANED] = OWN(1, sizeof(double)),
                       [ALLOCATED] = STUB(1, sizeof(CHOICE_BOX))},
        .client_orphans = "G3: server changed the arm that held a pointer",
        .here = {REF_LEAKS(1, sizeof(CHOICE_BOX))},
    },
};

const struct call_group union_calls = CALL_GROUP(calls);
