/* Calls of pointers.idl whose pointers are parameters or results. */
#include "pointers.h"
#include "calls.h"
#include "graphs.h"

static void make_ref_in(handle_t binding) {
    LONG x = 7, result = 0;

    REMOTE(result = ref_in(binding, &x));
    CHECK_EQUAL(8, result);
}

static void make_ref_in_null(handle_t binding) {
    REMOTE(ref_in(binding, NULL));
    CHECK_EQUAL(RPC_X_NULL_REF_POINTER, remote_raised());
}

static void make_ref_out(handle_t binding) {
    LONG x = 7;

    REMOTE(ref_out(binding, &x));
    CHECK_EQUAL(8, x);
}

static void make_ref_in_out(handle_t binding) {
    LONG *x = long_build(7);

    REMOTE(ref_in_out(binding, x));
    CHECK_EQUAL(8, *x);
    midl_user_free(x);
}

static void make_unique_in(handle_t binding) {
    LONG x = 7, result = 0;

    REMOTE(result = unique_in(binding, &x));
    CHECK_EQUAL(8, result);
}

static void make_unique_in_null(handle_t binding) {
    LONG result = 0;

    REMOTE(result = unique_in(binding, NULL));
    CHECK_EQUAL(-1, result);
}

static void make_unique_in_out(handle_t binding) {
    LONG *x = long_build(7);
    LONG result = 0;

    REMOTE(result = unique_in_out(binding, x));
    CHECK_EQUAL(8, result);
    CHECK_EQUAL(8, *x);
    midl_user_free(x);
}

static void make_unique_in_out_null(handle_t binding) {
    LONG result = 0;

    REMOTE(result = unique_in_out(binding, NULL));
    CHECK_EQUAL(-1, result);
}

static void make_ptr_in(handle_t binding) {
    LONG x = 7, y = 7, result = 0;

    REMOTE(result = ptr_in(binding, &x, &y));
    CHECK_EQUAL(0, result);
    CHECK_EQUAL(7, x + 0 * y);
}

static void make_ptr_in_alias(handle_t binding) {
    LONG x = 7, result = 0;

    REMOTE(result = ptr_in(binding, &x, &x));
    CHECK_EQUAL(1, result); /* J10 */
}

static void make_enum_in(handle_t binding) {
    COLOUR result = RED;

    REMOTE(result = enum_in(binding, GREEN));
    CHECK_EQUAL(BLUE, result);
}

static void make_enum_ref_in(handle_t binding) {
    COLOUR colour = BLUE, result = RED;

    REMOTE(result = enum_ref_in(binding, &colour));
    CHECK_EQUAL(GREEN, result);
}

static void make_pair_out(handle_t binding) {
    PAIR *pair = NULL;

    REMOTE(pair_out(binding, &pair));
    CHECK(pair->second == 4.5);
    midl_user_free(pair);
}

static void make_pair_out_existing(handle_t binding) {
    PAIR *before = midl_user_allocate(sizeof(*before));
    PAIR *pair = before;

    REMOTE(pair_out(binding, &pair));
    CHECK(pair == before);
    CHECK(pair->second == 4.5);
    midl_user_free(pair);
}

static void make_pair_returned(handle_t binding) {
    PAIR *pair = NULL;

    REMOTE(pair = pair_returned(binding, 0));
    CHECK(pair->second == 4.5);
    midl_user_free(pair);
}

static void make_pair_returned_null(handle_t binding) {
    PAIR *pair = (PAIR *)&binding;

    REMOTE(pair = pair_returned(binding, 1));
    CHECK(pair == NULL);
}

static const struct call calls[] = {
    {
        .name = "ref_in",
        .direction = "in",
        .make = make_ref_in,
        .rules = "F.1, J14",
    },
    {
        .name = "ref_in NULL",
        .direction = "in",
        .make = make_ref_in_null,
        .rules = "F.1, J04",
        .documented = {[RAISED] = {RPC_X_NULL_REF_POINTER, 0}, [KEPT_OUT] = {1, 0}},
    },
    {
        .name = "ref_out",
        .direction = "out",
        .make = make_ref_out,
        .rules = "F.1, E.7",
    },
    {
        .name = "ref_in_out",
        .direction = "in,out",
        .make = make_ref_in_out,
        .rules = "F.1",
        .documented = {[BUILT] = OWN(1, sizeof(LONG))},
    },
    {
        .name = "unique_in",
        .direction = "in",
        .make = make_unique_in,
        .rules = "F.1, E.6",
    },
    {
        .name = "unique_in NULL",
        .direction = "in",
        .make = make_unique_in_null,
        .rules = "F.1",
    },
    {
        .name = "unique_in_out",
        .direction = "in,out",
        .make = make_unique_in_out,
        .rules = "F.1, E.6",
        .documented = {[BUILT] = OWN(1, sizeof(LONG))},
    },
    {
        .name = "unique_in_out NULL",
        .direction = "in,out",
        .make = make_unique_in_out_null,
        .rules = "F.1",
    },
    {
        .name = "ptr_in",
        .direction = "in",
        .make = make_ptr_in,
        .rules = "F.1, E.6",
    },
    {
        .name = "ptr_in alias",
        .direction = "in",
        .make = make_ptr_in_alias,
        .rules = "F.1, J10",
    },
    {
        .name = "enum_in",
        .direction = "in",
        .make = make_enum_in,
        .rules = "F.1",
    },
    {
        .name = "enum_ref_in",
        .direction = "in",
        .make = make_enum_ref_in,
        .rules = "E.6, J15",
        .documented = {[ALLOCATED] = STUB(1, sizeof(COLOUR))},
        /* Not in H.1: the "finally" of the -Os stub is empty, widl takes an enum for a base type
           that lies in the wire buffer, where the runtime has made a block for it. */
        .here = {{COMPILED, SERVER_ORPHANED, STUB(1, sizeof(COLOUR)),
                  "widl -Os never frees an [in] enum behind ref (calls/pointers.c)"},
                 REF_LEAKS(1, sizeof(COLOUR))},
    },
    {
        .name = "pair_out NULL",
        .direction = "out",
        .make = make_pair_out,
        .rules = "F.2, J11",
        .documented = {[RECEIVED] = STUB(1, sizeof(PAIR)), [ALLOCATED] = OWN(1, sizeof(PAIR))},
    },
    {
        .name = "pair_out existing",
        .direction = "out",
        .make = make_pair_out_existing,
        .rules = "F.2, K6: reuse for RPC",
        .documented = {[BUILT] = OWN(1, sizeof(PAIR)), [ALLOCATED] = OWN(1, sizeof(PAIR))},
    },
    {
        .name = "pair_returned",
        .direction = "return",
        .make = make_pair_returned,
        .rules = "F.3, J12",
        .documented = {[RECEIVED] = STUB(1, sizeof(PAIR)), [ALLOCATED] = OWN(1, sizeof(PAIR))},
        .here = {SLOT_LEAKS(1, sizeof(PAIR))},
    },
    {
        .name = "pair_returned NULL",
        .direction = "return",
        .make = make_pair_returned_null,
        .rules = "F.3, J13",
        .here = {SLOT_LEAKS(0, 0)},
    },
};

const struct call_group pointer_calls = CALL_GROUP(calls);
