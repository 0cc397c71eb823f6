/*
 * pair.h - the library under test, as a table of functions.
 *
 * Every test calls through this table, so one set of sources tests the three
 * ways to reach the library: pair_linked.c fills it with the linked symbols
 * (shared object or archive), pair_dlopen.c with what dlsym finds.
 */
#ifndef PAIR_H
#define PAIR_H

#include <stddef.h>

struct pair {
    void *(*allocate)(size_t byte_count);               /* midl_user_allocate */
    void (*free)(void *block);                          /* midl_user_free */
    void *(*allocate_upper)(size_t byte_count);         /* MIDL_user_allocate */
    void (*free_upper)(void *block);                    /* MIDL_user_free */
    size_t (*size)(const void *block);                  /* midl_memory_size */
    size_t (*trim)(void);                               /* midl_memory_trim */
    void (*free_sized)(void *block, size_t byte_count); /* midl_memory_free_sized */
};

extern struct pair pair;

/* "shared", "static" or "dlopen"; stands in the name of every test. */
extern const char *const pair_form;

/*
 * Fills the table; must come first in main. library_path is used by the
 * dlopen form alone. Ends the program when a function is missing.
 */
void pair_open(const char *library_path);

#endif /* PAIR_H */
