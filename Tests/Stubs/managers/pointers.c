/* Server side of pointers.idl. */
#include <rpc.h>
#include <rpcndr.h>

#include "checks.h"
#include "graphs.h"
#include "pointers.h"

static PAIR *pair_build(double first, double second) {
    PAIR *pair = midl_user_allocate(sizeof(*pair));

    pair->first = first;
    pair->second = second;
    return pair;
}

LONG __cdecl ref_in(handle_t binding, LONG *x) {
    (void)binding;
    CHECK_EQUAL(7, *x);
    return *x + 1;
}

void __cdecl ref_out(handle_t binding, LONG *x) {
    (void)binding;
    CHECK_EQUAL(0, *x); /* E.7: zero filled */
    *x = 8;
}

void __cdecl ref_in_out(handle_t binding, LONG *x) {
    (void)binding;
    CHECK_EQUAL(7, *x);
    *x = 8;
}

LONG __cdecl unique_in(handle_t binding, LONG *x) {
    (void)binding;
    if (!x) {
        CHECK(x == NULL);
        return -1;
    }
    CHECK_EQUAL(7, *x);
    return *x + 1;
}

LONG __cdecl unique_in_out(handle_t binding, LONG *x) {
    (void)binding;
    if (!x) {
        CHECK(x == NULL);
        return -1;
    }
    CHECK_EQUAL(7, *x);
    *x = 8;
    return *x;
}

LONG __cdecl ptr_in(handle_t binding, LONG *x, LONG *y) {
    (void)binding;
    CHECK_EQUAL(7, *x);
    CHECK_EQUAL(7, *y);
    return x == y;
}

COLOUR __cdecl enum_in(handle_t binding, COLOUR colour) {
    (void)binding;
    CHECK_EQUAL(GREEN, colour);
    return BLUE;
}

COLOUR __cdecl enum_ref_in(handle_t binding, COLOUR *colour) {
    (void)binding;
    CHECK_EQUAL(BLUE, *colour);
    return GREEN;
}

void __cdecl holder_in(handle_t binding, HOLDER *holder) {
    (void)binding;
    CHECK_EQUAL(5, holder->tag);
    CHECK_EQUAL(0, (ULONG_PTR)holder->pair % 8); /* J01 */
    CHECK(holder->pair->second == 2.5);
}

void __cdecl holder_out(handle_t binding, HOLDER *holder) {
    (void)binding;
    CHECK_EQUAL(0, holder->tag); /* J19 */
    CHECK(holder->pair == NULL);
    holder->tag = 6;
    holder->pair = pair_build(3.5, 4.5);
}

void __cdecl holder_fill(handle_t binding, HOLDER *holder) {
    (void)binding;
    CHECK(holder->pair == NULL);
    holder->pair = pair_build(3.5, 4.5);
}

void __cdecl holder_replace(handle_t binding, HOLDER *holder) {
    (void)binding;
    CHECK(holder->pair->first == 1.5);
    holder->pair = pair_build(3.5, 4.5);
}

void __cdecl holder_clear(handle_t binding, HOLDER *holder) {
    (void)binding;
    CHECK(holder->pair->first == 1.5);
    holder->pair = NULL;
}

void __cdecl references_in(handle_t binding, REFERENCES *references) {
    (void)binding;
    CHECK_EQUAL(1, *references->always);
    CHECK_EQUAL(2, *references->sometimes);
}

void __cdecl references_out(handle_t binding, REFERENCES *references) {
    (void)binding;
    CHECK(references->always == NULL); /* J19, E.7: the manager fills embedded ref pointers */
    CHECK(references->sometimes == NULL);
    references->always = long_build(10);
    references->sometimes = long_build(20);
}

void __cdecl references_in_out(handle_t binding, REFERENCES *references) {
    (void)binding;
    CHECK_EQUAL(1, *references->always);
    *references->always = 10;
    *references->sometimes = 20;
}

void __cdecl aliases_clear_one(handle_t binding, ALIASES *aliases, LONG *z) {
    (void)binding;
    CHECK(aliases->p == aliases->q);
    CHECK_EQUAL(7, *z);
    aliases->p = NULL;
}

void __cdecl aliases_clear(handle_t binding, ALIASES *aliases, LONG *z) {
    (void)binding;
    CHECK_EQUAL(5, *aliases->p);
    CHECK(aliases->q == NULL);
    CHECK_EQUAL(7, *z);
    aliases->p = NULL;
}

void __cdecl pair_out(handle_t binding, PAIR **pair) {
    (void)binding;
    CHECK(*pair == NULL);
    *pair = pair_build(3.5, 4.5);
}

PAIR *__cdecl pair_returned(handle_t binding, LONG absent) {
    (void)binding;
    CHECK(absent == 0 || absent == 1);
    return absent ? NULL : pair_build(3.5, 4.5);
}
