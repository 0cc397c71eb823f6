/* Calls of text.idl. */
#include <string.h>

#include "calls.h"
#include "graphs.h"
#include "text.h"

static const char from_server[] = "from the server";

static void make_string_in(handle_t binding) {
    LONG length = 0;

    REMOTE(length = string_in(binding, (unsigned char *)"eight ch"));
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

    REMOTE(length = string_sized_in(binding, sizeof(text), (unsigned char *)text));
    CHECK_EQUAL(8, length);
}

static void make_string_shrink(handle_t binding) {
    char text[] = "eight ch";

    REMOTE(string_shrink(binding, (unsigned char *)text));
    CHECK_TEXT("two", text);
}

/* The buffer is longer than the string that it holds, so that the overrun is seen and is harmless. */
static void make_string_grow(handle_t binding) {
    char text[] = "a\0-------";

    REMOTE(string_grow(binding, (unsigned char *)text, -1));
    if (remote_raised())
        CHECK(memcmp(text, "a\0-------", sizeof(text)) == 0);
    else
        CHECK(memcmp(text, "abcd\0----", sizeof(text)) == 0);
}

static void make_string_sized_grow(handle_t binding) {
    char text[32] = "a";

    REMOTE(string_sized_grow(binding, sizeof(text), (unsigned char *)text));
    CHECK_TEXT("abcdefgh", text);
}

static void make_string_out(handle_t binding) {
    TEXT text = NULL;

    REMOTE(string_out(binding, &text));
    CHECK_TEXT(from_server, (char *)text);
    midl_user_free(text);
}

static void make_string_returned(handle_t binding) {
    TEXT text = NULL;

    REMOTE(text = string_returned(binding));
    CHECK_TEXT(from_server, (char *)text);
    midl_user_free(text);
}

static void make_named_grow(handle_t binding) {
    NAMED named = {4, NULL};

    REMOTE(named_grow(binding, &named));
    CHECK_TEXT("a name", (char *)named.name);
    midl_user_free(named.name);
}

#define SIZED_LEAKS                                                                                \
    { INTERPRETED, SERVER_ORPHANED, STUB(1, 32), "H.1, J16: Wine leaks a sized string" }

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
        .here = {SIZED_LEAKS},
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
        .rules = "F.5, F.6, J30",
        .documented = {[RAISED] = {RPC_X_BAD_STUB_DATA, 0}},
        .here = {{BOTH_MODES, RAISED, {0, 0}, "H.1, J30: Wine does not check, it overruns"}},
    },
    {
        .name = "string_sized_grow",
        .direction = "in,out",
        .make = make_string_sized_grow,
        .rules = "F.5",
        .documented = {[ALLOCATED] = STUB(1, 32)},
        .here = {SIZED_LEAKS},
    },
    {
        .name = "string_out",
        .direction = "out",
        .make = make_string_out,
        .rules = "F.5, J11",
        .documented = {[RECEIVED] = STUB(1, sizeof(from_server)),
                       [ALLOCATED] = OWN(1, sizeof(from_server))},
    },
    {
        .name = "string_returned",
        .direction = "return",
        .make = make_string_returned,
        .rules = "F.3, J12",
        .documented = {[RECEIVED] = STUB(1, sizeof(from_server)),
                       [ALLOCATED] = OWN(1, sizeof(from_server))},
        .here = {{COMPILED, SERVER_ORPHANED, OWN(1, sizeof(from_server)),
                  "H.1: -Os stubs leak a returned string"}},
    },
    {
        .name = "named_grow",
        .direction = "in,out",
        .make = make_named_grow,
        .rules = "F.2 (NULL to non-null), J06",
        .documented = {[RECEIVED] = STUB(1, sizeof("a name")),
                       [ALLOCATED] = {2, NDR(sizeof(NAMED)) + sizeof("a name")}},
        .here = {{INTERPRETED, SERVER_ORPHANED, STUB(1, sizeof(NAMED)),
                  "H.1: Wine leaks a simple ref struct"}},
    },
};

const struct call_group text_calls = CALL_GROUP(calls);
