/* Server side of text.idl. */
#include <string.h>

#include <rpc.h>
#include <rpcndr.h>

#include "checks.h"
#include "graphs.h"
#include "text.h"

LONG __cdecl string_in(handle_t binding, char *text) {
    (void)binding;
    CHECK_TEXT("eight ch", text);
    return (LONG)strlen(text);
}

LONG __cdecl string_wide_in(handle_t binding, WCHAR *text) {
    LONG length = 0;

    (void)binding;
    while (text[length])
        length += 1;
    CHECK_EQUAL('w', text[0]);
    CHECK_EQUAL(0x20ac, text[1]);
    return length;
}

LONG __cdecl string_sized_in(handle_t binding, LONG size, char *text) {
    (void)binding;
    CHECK_EQUAL(32, size);
    CHECK_TEXT("eight ch", text);
    return (LONG)strlen(text);
}

void __cdecl string_shrink(handle_t binding, char *text) {
    (void)binding;
    CHECK_TEXT("eight ch", text);
    strcpy(text, "two");
}

/* What F.5 forbids: the string has no room for it, but the wire buffer behind it has. */
void __cdecl string_grow(handle_t binding, char *text, hyper spare) {
    (void)binding;
    CHECK_TEXT("a", text);
    CHECK_EQUAL(-1, spare);
    strcpy(text, "abcd");
}

void __cdecl string_sized_grow(handle_t binding, LONG size, char *text) {
    (void)binding;
    CHECK_EQUAL(32, size);
    CHECK_TEXT("a", text);
    strcpy(text, "abcdefgh");
}

void __cdecl string_out(handle_t binding, TEXT *text) {
    (void)binding;
    CHECK(*text == NULL);
    *text = text_build("from the server");
}

TEXT __cdecl string_returned(handle_t binding) {
    (void)binding;
    CHECK(binding != NULL);
    return text_build("from the server");
}

void __cdecl named_out(handle_t binding, NAMED *named) {
    (void)binding;
    CHECK(named->name == NULL);
    named->number = 5;
    named->name = text_build("from the server");
}

void __cdecl named_grow(handle_t binding, NAMED *named) {
    (void)binding;
    CHECK_EQUAL(4, named->number);
    CHECK(named->name == NULL);
    named->name = text_build("a name");
}
