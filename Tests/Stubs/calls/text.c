/* Calls of text.idl. */
#include <string.h>

#include "calls.h"
#include "graphs.h"
#include "text.h"

static const char from_server[] = "from the server";

static void make_string_in(handle_t binding) {
    LONG length = 0;

    REMOTE(length = string_in(binding, "eight ch"));
    CHECK_EQUAL(8, length);
}

static void make_string_wide_in(handle_t binding) {
    WCHAR text[] = {'w', 0x20ac, 0};
    LONG length = 0;

    REMOTE(length = string_wide_in(binding, text));
    CHECK_EQUAL(2, length);
}

static void make_string_sized_in(handle_t binding) {
    char text[32] = "eight ch";
    LONG length = 0;

    REMOTE(length = string_sized_in(binding, sizeof(text), text));
    CHECK_EQUAL(8, length);
}

static void make_string_shrink(handle_t binding) {
    char text[] = "eight ch";

    REMOTE(string_shrink(binding, text));
    CHECK_TEXT("two", text);
}

/* The buffer is longer than the string that it holds, so that the overrun is seen and is harmless.
 */
static void make_string_grow(handle_t binding) {
    char text[] = "a\0-------";

    REMOTE(string_grow(binding, text, -1));
    seen(text[1] != 0);
    CHECK(memcmp(text, text[1] ? "abcd\0----" : "a\0-------", sizeof(text)) == 0);
}

static void make_string_sized_grow(handle_t binding) {
    char text[32] = "a";

    REMOTE(string_sized_grow(binding, sizeof(text), text));
    CHECK_TEXT("abcdefgh", text);
}

static void make_string_out(handle_t binding) {
    TEXT text = NULL;

    REMOTE(string_out(binding, &text));
    CHECK_TEXT(from_server, text);
    midl_user_free(text);
}

static void make_string_returned(handle_t binding) {
    TEXT text = NULL;

    REMOTE(text = string_returned(binding));
    CHECK_TEXT(from_server, text);
    midl_user_free(text);
}

static void make_named_out(handle_t binding) {
    NAMED named = {4, NULL};

    REMOTE(named_out(binding, &named));
    CHECK_EQUAL(5, named.number);
    CHECK_TEXT(from_server, named.name);
    midl_user_free(named.name);
}

static void make_named_grow(handle_t binding) {
    NAMED named = {4, NULL};

    REMOTE(named_grow(binding, &named));
    CHECK_TEXT("a name", named.name);
    midl_user_free(named.name);
}

static const struct call calls[] = {
    {
        .name = "string_in",
        .direction = "in",
        .make = make_string_in,
        .rules = "E.6, J16",
    },
    {
        .name = "string_wide_in",
        .direction = "in",
        .make = make_string_wide_in,
        .rules = "E.6, J16",
    },
    {
        .name = "string_sized_in",
        .direction = "in",
        .make = make_string_sized_in,
        .rules = "E.6, J16",
        .documented = {[ALLOCATED] = STUB(1, 32)},
        .here = {REF_LEAKS(1, 32)},
    },
    {
        .name = "string_shrink",
        .direction = "in,out",
        .make = make_string_shrink,
        .rules = "F.5, E.6",
    },
    {
        .name = "string_grow",
        .direction = "in,out",
        .make = make_string_grow,
        .seen = "buffer overrun",
        .rules = "F.5, F.6, J30",
        .documented = {[RAISED] = {RPC_X_BAD_STUB_DATA, 0}},
        .here = {{BOTH_MODES, RAISED, {0, 0}, "H.1, J30: Wine has no MCCP"},
                 {BOTH_MODES, SEEN, {1, 0}, "H.1, J30: the caller's buffer is overrun"}},
    },
    {
        .name = "string_sized_grow",
        .direction = "in,out",
        .make = make_string_sized_grow,
        .rules = "F.5",
        .documented = {[ALLOCATED] = STUB(1, 32)},
        .here = {REF_LEAKS(1, 32)},
    },
    {
        .name = "string_out",
        .direction = "out",
        .make = make_string_out,
        .rules = "F.5, J11",
        .documented =
            {[RECEIVED] = STUB(1, sizeof(from_server)), [ALLOCATED] = OWN(1, sizeof(from_server))},
        .skipped_in = INTERPRETED,
        .skipped_because = "I.5, 2: the stub gives pfnFree what is not the pair's",
    },
    {
        .name = "named_out",
        .direction = "out",
        .make = make_named_out,
        .rules = "F.2 (NULL to non-null), F.5",
        .documented =
            {[RECEIVED] = STUB(1, sizeof(from_server)), [ALLOCATED] = OWN(1, sizeof(from_server))},
    },
    {
        .name = "string_returned",
        .direction = "return",
        .make = make_string_returned,
        .rules = "F.3, J12",
        .documented =
            {[RECEIVED] = STUB(1, sizeof(from_server)), [ALLOCATED] = OWN(1, sizeof(from_server))},
        .here = {{COMPILED, SERVER_ORPHANED, OWN(1, sizeof(from_server)),
                  "H.1: -Os stubs leak a returned string"},
                 SLOT_LEAKS(1, sizeof(from_server))},
    },
    {
        .name = "named_grow",
        .direction = "in,out",
        .make = make_named_grow,
        .rules = "F.2 (NULL to non-null), J06",
        .documented = {[RECEIVED] = STUB(1, sizeof("a name")),
                       [ALLOCATED] = {2, NDR(sizeof(NAMED)) + sizeof("a name")}},
        .here = {REF_LEAKS(1, sizeof(NAMED))},
    },
};

const struct call_group text_calls = CALL_GROUP(calls);
