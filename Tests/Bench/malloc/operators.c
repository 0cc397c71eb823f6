/*
 * operators.c - C++'s operators that come to operator new and operator delete (malloc.c).
 *
 * A program may replace those two, or any of these: they call each other by their names, as the
 * standard wants. So this file is compiled by itself, without optimisation at link time. Of the
 * other operators each of libstdc++ comes to one of these or to malloc.
 */
#include <stddef.h>

#define EXPORTED __attribute__((visibility("default")))

extern void *operator_new(size_t byte_count) __asm__("_Znwm");
extern void operator_delete(void *block) __asm__("_ZdlPv");

EXPORTED void *operator_new_array(size_t byte_count) __asm__("_Znam");
EXPORTED void *operator_new_array(size_t byte_count) { return operator_new(byte_count); }

EXPORTED void operator_delete_array(void *block) __asm__("_ZdaPv");
EXPORTED void operator_delete_array(void *block) { operator_delete(block); }

/* What size each names besides is not needed. */
EXPORTED void operator_delete_sized(void *block, size_t byte_count) __asm__("_ZdlPvm");
EXPORTED void operator_delete_sized(void *block, size_t byte_count) {
    (void)byte_count;
    operator_delete(block);
}

EXPORTED void operator_delete_array_sized(void *block, size_t byte_count) __asm__("_ZdaPvm");
EXPORTED void operator_delete_array_sized(void *block, size_t byte_count) {
    (void)byte_count;
    operator_delete_array(block);
}
