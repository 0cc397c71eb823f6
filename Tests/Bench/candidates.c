/*
 * candidates.c - see candidates.h.
 *
 * Each library is loaded with RTLD_LOCAL: only its two functions are called, while the program and
 * the C library go on with glibc's. So whatever the benchmark itself does, creating a thread for
 * instance, costs all of them the same.
 */
#include "candidates.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

/* The names are Debian's. tcmalloc, of libstdc++ and itself, looks up `malloc` in the program's
 * scope first; its own entry points do not. */
static const struct candidate known[] = {
    {CANDIDATE_OURS, "libmidl_user.so.1", "midl_user_allocate", "midl_user_free"},
    {"glibc", "", "", ""},
    {"mimalloc", "libmimalloc.so.2", "mi_malloc", "mi_free"},
    {"jemalloc", "libjemalloc.so.2", "malloc", "free"},
    {"tcmalloc", "libtcmalloc_minimal.so.4", "tc_malloc", "tc_free"},
    {CANDIDATE_BOUND, "", "", ""},
};
enum { KNOWN_COUNT = sizeof known / sizeof known[0] };
_Static_assert((int)KNOWN_COUNT <= (int)CANDIDATE_LIMIT, "");

int candidates_known(struct candidate *candidates) {
    memcpy(candidates, known, sizeof known);
    return KNOWN_COUNT;
}

bool candidate_named(const char *name, struct candidate *candidate) {
    const char *library = strchr(name, '=');
    if (library != NULL) {
        *candidate = known[0];
        snprintf(candidate->name, sizeof candidate->name, "%.*s", (int)(library - name), name);
        snprintf(candidate->library, sizeof candidate->library, "%s", library + 1);
        return true;
    }
    for (int i = 0; i < KNOWN_COUNT; i++) {
        if (strcmp(known[i].name, name) == 0) {
            *candidate = known[i];
            return true;
        }
    }
    *candidate = (struct candidate){.name = CANDIDATE_BROKEN};
    return strcmp(name, CANDIDATE_BROKEN) == 0;
}

/* ---- The pointer that is only incremented ----
 *
 *     start           next              end
 *     [ handed out .. ][ handed out before ]
 *
 * It starts again where the next block does not fit. One thread allocates. */

static struct {
    unsigned char *start, *next, *end;
} bump;

static void *bump_allocate(size_t byte_count) {
    byte_count = (byte_count + 15) & ~(size_t)15;
    if ((size_t)(bump.end - bump.next) < byte_count)
        bump.next = bump.start;
    unsigned char *block = bump.next;
    bump.next += byte_count;
    return block;
}

static void bump_release(void *block) { (void)block; }

static bool load_bump(size_t byte_count, struct allocator *allocator) {
    if (byte_count == 0)
        return false;
    void *area = mmap(NULL, byte_count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (area == MAP_FAILED)
        return false;
    bump.start = bump.next = area;
    bump.end = bump.start + byte_count;
    *allocator = (struct allocator){bump_allocate, bump_release};
    return true;
}

/* ---- All of them ---- */

bool candidate_load(const struct candidate *candidate, size_t bump_byte_count,
                    struct allocator *allocator) {
    if (strcmp(candidate->name, CANDIDATE_BOUND) == 0)
        return load_bump(bump_byte_count, allocator);
    if (strcmp(candidate->name, CANDIDATE_BROKEN) == 0)
        return load_bump(bump_byte_count / 16, allocator);
    if (candidate->library[0] == '\0') {
        *allocator = (struct allocator){malloc, free};
        return true;
    }
    void *library = dlopen(candidate->library, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL)
        return false;
    *(void **)&allocator->allocate = dlsym(library, candidate->allocate_symbol);
    *(void **)&allocator->release = dlsym(library, candidate->release_symbol);
    return allocator->allocate != NULL && allocator->release != NULL;
}
