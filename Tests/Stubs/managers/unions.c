/* Server side of unions.idl. */
#include <rpc.h>
#include <rpcndr.h>

#include "checks.h"
#include "graphs.h"
#include "unions.h"

LONG __cdecl value_in(handle_t binding, VALUE *value) {
    (void)binding;
    CHECK_EQUAL(2, value->kind);
    return (LONG)(2 * value->value.real);
}

void __cdecl value_in_out(handle_t binding, VALUE *value) {
    (void)binding;
    CHECK_EQUAL(2, value->kind);
    CHECK(value->value.real == 1.5);
    value->kind = 1;
    value->value.number = 9;
}

LONG __cdecl choice_in(handle_t binding, CHOICE_BOX *box) {
    (void)binding;
    CHECK_EQUAL(3, box->kind);
    CHECK_TEXT("a text", box->choice.text);
    return box->kind;
}

void __cdecl choice_out(handle_t binding, CHOICE_BOX *box) {
    (void)binding;
    CHECK_EQUAL(0, box->kind);
    box->kind = 2;
    box->choice.real = midl_user_allocate(sizeof(double));
    *box->choice.real = 2.5;
}

void __cdecl choice_to_number(handle_t binding, CHOICE_BOX *box) {
    (void)binding;
    CHECK_EQUAL(2, box->kind);
    CHECK(*box->choice.real == 1.5);
    box->kind = 1;
    box->choice.number = 9;
}
