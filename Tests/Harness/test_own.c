/*
 * test_own.c - a program's own definition of the pair wins over the library's.
 *
 *   own-FORM
 *
 * Linked with the archive, whose pair is weak, or with the shared library,
 * which the program precedes. The rest of the library is linked in and works.
 */
#include "tap.h"

#include "midl_memory.h"
#include "midl_user.h"

#include <dlfcn.h>
#include <stdlib.h>

static int own_calls;
static _Alignas(16) char own_block[64];

void *MIDL_user_allocate(size_t byte_count) {
    own_calls++;
    return byte_count <= sizeof own_block ? own_block : NULL;
}
void MIDL_user_free(void *block) { own_calls += block == own_block; }
void *midl_user_allocate(size_t byte_count) { return MIDL_user_allocate(byte_count); }
void midl_user_free(void *block) { MIDL_user_free(block); }

int main(void) {
    tap_begin(PAIR_FORM, "own definition");
    void *upper = MIDL_user_allocate(10);
    MIDL_user_free(upper);
    void *lower = midl_user_allocate(10);
    midl_user_free(lower);
    tap_ok(upper == own_block && lower == own_block && own_calls == 4,
           "the program's own pair is called");
    /* What a stub in another shared library would find. */
    tap_ok(dlsym(RTLD_DEFAULT, "MIDL_user_allocate") == (void *)(size_t)MIDL_user_allocate,
           "and is what other libraries of the process find");
    tap_ok(midl_memory_size(NULL) == 0, "the library's other functions are linked in and work");
    midl_memory_trim();
    tap_ok(own_calls == 4, "the library does not call the pair itself");
    return tap_end();
}
