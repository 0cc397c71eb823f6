/*
 * pair_linked.c - the table filled by the linker, for the .so and the .a.
 *
 * PAIR_FORM names which of the two this object is linked with.
 */
#include "pair.h"

#include "midl_memory.h"
#include "midl_user.h"

struct pair pair = {
    midl_user_allocate, midl_user_free,   MIDL_user_allocate,     MIDL_user_free,
    midl_memory_size,   midl_memory_trim, midl_memory_free_sized,
};

const char *const pair_form = PAIR_FORM;

void pair_open(const char *library_path) { (void)library_path; }
