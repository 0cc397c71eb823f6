/* Server side of text.idl. */
#include <string.h>

#include <rpc.h>
#include <rpcndr.h>

#include "checks.h"
#include "graphs.h"
#include "text.h"

LONG __cdecl string_in(handle_t binding, unsigned char *text) {
    (void)binding;
    CHECK_TEXT("eight ch", (char *)text);
    return (LONG)strlen((char *)text);
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

LONG __cdecl string_sized_in(handle_t binding, LONG size, unsigned char *text) {
    (void)binding;
    CHECK_EQUAL(32, size);
    CHECK_TEXT("eight ch", (char *)text);
    return (LONG)strlen((char *)text);
}

void __cdecl string_shrink(handle_t binding, unsigned char *text) {
    (void)binding;
    CHECK_TEXT("eight ch", (char *)text);
    strcpy((char *)text, "two");
}

/* What F.5 forbids: the string has no room for it, but the wire buffer behind it has. */
void __cdecl string_grow(handle_t binding, unsigned char *text, hyper spare) {
    (void)binding;
    CHECK_TEXT("a", (char *)text);
    CHECK_EQUAL(-1, spare);
    strcpy((char *)text, "abcd");
}

void __cdecl string_sized_grow(handle_t binding, LONG size, unsigned char *text) {
    (void)binding;
    CHECK_EQUAL(32, size);
    CHECK_TEXT("a", (char *)text);
    strcpy((char *)text, "abcdefgh");
}

void __cdecl string_out(handle_t binding, TEXT *text) {
    (void)binding;
    CHECK(*text == NULL);
    *text = (TEXT)text_build("from the server");
}

TEXT __cdecl string_returned(handle_t binding) {
    (void)binding;
    CHECK(binding != NULL);
    return (TEXT)text_build("from the server");
}

void __cdecl named_grow(handle_t binding, NAMED *named) {
    (void)binding;
    CHECK_EQUAL(4, named->number);
    CHECK(named->name == NULL);
    named->name = (unsigned char *)text_build("a name");
}
