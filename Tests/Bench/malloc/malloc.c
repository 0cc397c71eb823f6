/*
 * malloc.c - malloc and its family over the heap, for LD_PRELOAD: so that real programs can be
 * measured with it, and so that they test it. Not installed.
 *
 *     program, libc, libstdc++ --> malloc ... (here; operators.c) --> the heap (midl_heap.h)
 *
 * Every function that makes a block must be here: free ends the program for a block that is not of
 * the heap. Blocks from before, by the dynamic loader's own allocator, are never freed.
 *
 * Zero bytes are a block like any other; a failure sets ENOMEM; free keeps errno. Where the
 * standards leave a choice, it is glibc's.
 */
#define _GNU_SOURCE
#include "midl_heap.h"

#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXPORTED __attribute__((visibility("default")))
/* Each begins on a line of the instruction cache. */
#define EXPORTED_HOT __attribute__((visibility("default"), aligned(64)))

/* ---- Making and freeing -------------------------------------------------- */

EXPORTED_HOT void *malloc(size_t byte_count) {
    void *block;
    if (__builtin_expect(midl_heap_pop(byte_count, midl_current_front(), &block), 1))
        return block;
    return midl_heap_allocate_slowly(byte_count, midl_current_front());
}

/* Never inlined: so that it alone calls midl_heap_free, which becomes a part of it. */
EXPORTED_HOT __attribute__((noinline)) void free(void *block) {
    midl_heap_free(block, midl_current_front());
}

EXPORTED void cfree(void *block) { free(block); }

EXPORTED_HOT void *calloc(size_t count, size_t byte_count) {
    size_t total;
    if (__builtin_mul_overflow(count, byte_count, &total)) {
        errno = ENOMEM;
        return NULL;
    }
    void *block;
    if (__builtin_expect(midl_heap_pop(total, midl_current_front(), &block), 1))
        return memset(block, 0, total);
    return midl_heap_allocate_zeroed(total, midl_current_front());
}

/* ---- Changing the size --------------------------------------------------- */

static void *move(void *block, size_t old_byte_count, size_t byte_count) {
    void *moved = malloc(byte_count);
    if (moved == NULL)
        return NULL;
    memcpy(moved, block, old_byte_count < byte_count ? old_byte_count : byte_count);
    free(block);
    return moved;
}

EXPORTED_HOT void *realloc(void *block, size_t byte_count) {
    if (block == NULL)
        return malloc(byte_count);
    if (byte_count == 0) {
        free(block);
        return NULL;
    }
    size_t old_byte_count = midl_heap_size(block, midl_current_front());
    if (midl_heap_resize(block, byte_count))
        return block;
    return move(block, old_byte_count, byte_count);
}

EXPORTED void *reallocarray(void *block, size_t count, size_t byte_count) {
    size_t total;
    if (__builtin_mul_overflow(count, byte_count, &total)) {
        errno = ENOMEM;
        return NULL;
    }
    return realloc(block, total);
}

EXPORTED_HOT size_t malloc_usable_size(void *block) {
    return midl_heap_size(block, midl_current_front());
}

/* ---- Aligned blocks ------------------------------------------------------ */

static bool is_power_of_two(size_t number) { return number != 0 && (number & (number - 1)) == 0; }

/* An alignment that is no power of two counts as the next one. */
EXPORTED void *memalign(size_t alignment, size_t byte_count) {
    if (alignment > SIZE_MAX / 2 + 1) {
        errno = EINVAL;
        return NULL;
    }
    size_t power = sizeof(void *);
    while (power < alignment)
        power <<= 1;
    return midl_heap_allocate_aligned(power, byte_count, midl_current_front());
}

EXPORTED void *aligned_alloc(size_t alignment, size_t byte_count) {
    return memalign(alignment, byte_count);
}

EXPORTED int posix_memalign(void **result, size_t alignment, size_t byte_count) {
    if (!is_power_of_two(alignment) || alignment % sizeof(void *) != 0)
        return EINVAL;
    int kept = errno;
    void *block = midl_heap_allocate_aligned(alignment, byte_count, midl_current_front());
    errno = kept;
    if (block == NULL)
        return ENOMEM;
    *result = block;
    return 0;
}

static size_t page_byte_count(void) { return (size_t)sysconf(_SC_PAGESIZE); }

EXPORTED void *valloc(size_t byte_count) { return memalign(page_byte_count(), byte_count); }

EXPORTED void *pvalloc(size_t byte_count) {
    size_t page = page_byte_count(), rounded;
    if (__builtin_add_overflow(byte_count, page - 1, &rounded)) {
        errno = ENOMEM;
        return NULL;
    }
    return memalign(page, rounded & ~(page - 1));
}

/* ---- What programs ask of glibc's malloc besides ------------------------- */

EXPORTED int malloc_trim(size_t kept_byte_count) {
    (void)kept_byte_count;
    return midl_heap_trim() > 0;
}

/* Every parameter is accepted and none has an effect. */
EXPORTED int mallopt(int parameter, int value) {
    (void)parameter, (void)value;
    return 1;
}

/* Nothing is counted. */
EXPORTED struct mallinfo2 mallinfo2(void) { return (struct mallinfo2){0}; }

EXPORTED struct mallinfo mallinfo(void) { return (struct mallinfo){0}; }

EXPORTED void malloc_stats(void) {}

/* ---- C++'s operators ----------------------------------------------------- */

/* As other allocators have them: libstdc++'s take two calls more to come to malloc. These two are
 * what all others come to (operators.c). */

/* libstdc++'s operator, which asks the new_handler and throws. A program may have loaded it for
 * itself alone, as Python does for its modules. */
static void *new_of_libstdcxx(size_t byte_count) {
    void *(*next)(size_t) = (void *(*)(size_t))dlsym(RTLD_NEXT, "_Znwm");
    if (next == NULL) {
        void *library = dlopen("libstdc++.so.6", RTLD_LAZY | RTLD_NOLOAD);
        if (library != NULL)
            next = (void *(*)(size_t))dlsym(library, "_Znwm");
    }
    if (next == NULL)
        abort();
    return next(byte_count);
}

static __attribute__((noinline)) void *new_slowly(size_t byte_count) {
    void *block = midl_heap_allocate_slowly(byte_count, midl_current_front());
    return block != NULL ? block : new_of_libstdcxx(byte_count);
}

EXPORTED void *operator_new(size_t byte_count) __asm__("_Znwm");
EXPORTED_HOT void *operator_new(size_t byte_count) {
    void *block;
    if (__builtin_expect(midl_heap_pop(byte_count, midl_current_front(), &block), 1))
        return block;
    return new_slowly(byte_count);
}

EXPORTED void operator_delete(void *block) __asm__("_ZdlPv") __attribute__((alias("free")));
