/*
 * pair_dlopen.c - the table filled by dlsym.
 */
#include "pair.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

struct pair pair;

const char *const pair_form = "dlopen";

/*
 * POSIX lets an object pointer of dlsym hold a function's address; ISO C has
 * no cast for it, so the address is stored through the pointer's own bytes.
 */
static void find(void *library, const char *name, void *function_pointer) {
    void *address = dlsym(library, name);
    if (address == NULL) {
        fprintf(stderr, "%s: %s\n", name, dlerror());
        exit(2);
    }
    *(void **)function_pointer = address;
}

void pair_open(const char *library_path) {
    void *library = dlopen(library_path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        exit(2);
    }
    find(library, "midl_user_allocate", &pair.allocate);
    find(library, "midl_user_free", &pair.free);
    find(library, "MIDL_user_allocate", &pair.allocate_upper);
    find(library, "MIDL_user_free", &pair.free_upper);
    find(library, "midl_memory_size", &pair.size);
    find(library, "midl_memory_trim", &pair.trim);
    find(library, "midl_memory_free_sized", &pair.free_sized);
}
