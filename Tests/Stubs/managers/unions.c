/* Server side of unions.idl. */
#include <rpc.h>
#include <rpcndr.h>

#include "checks.h"
#include "graphs.h"
#include "unions.h"

LONG __cdecl union_in(handle_t binding, VALUE *value) {
    (void)binding;
    CHECK_EQUAL(3, value->kind);
    CHECK_TEXT("a text", (char *)value->value.text);
    return 3;
}

void __cdecl union_out(handle_t binding, VALUE *value) {
    (void)binding;
    CHECK_EQUAL(0, value->kind);
    value->kind = 2;
    value->value.real = midl_user_allocate(sizeof(double));
    *value->value.real = 2.5;
}

void __cdecl union_to_number(handle_t binding, VALUE *value) {
    (void)binding;
    CHECK_EQUAL(2, value->kind);
    CHECK(*value->value.real == 1.5);
    value->kind = 1;
    value->value.number = 9;
}

LONG __cdecl choice_in(handle_t binding, LONG kind, CHOICE *choice) {
    (void)binding;
    CHECK_EQUAL(2, kind);
    CHECK(*choice->real == 1.5);
    return kind;
}
