/* The functions of midl_memory.h: the version; the others are forwarded to Swift. */
#include "midl_memory.h"
#include "midl_core.h"
#include "midl_heap.h"

#include <errno.h>

#define EXPORTED __attribute__((visibility("default")))

EXPORTED int __RPC_USER midl_memory_version(void) { return MIDL_MEMORY_VERSION; }

EXPORTED const char *__RPC_USER midl_memory_version_string(void) {
    return MIDL_MEMORY_VERSION_STRING;
}

EXPORTED size_t __RPC_USER midl_memory_size(const void *block) {
    return midl_heap_size(block, midl_current_front());
}

EXPORTED void __RPC_USER midl_memory_free_sized(void *block, size_t byte_count) {
    midl_heap_free_sized(block, byte_count, midl_current_front());
}

EXPORTED size_t __RPC_USER midl_memory_trim(void) { return midl_heap_trim(); }

/* ---- The diagnostics ---- */

EXPORTED int __RPC_USER midl_memory_statistics(struct midl_memory_statistics *statistics) {
    const struct midl_diagnostics *diagnostics = midl_use_diagnostics();
    return diagnostics == NULL ? ENOSYS : diagnostics->statistics(statistics);
}

EXPORTED int __RPC_USER midl_memory_report(const char *name, int file) {
    const struct midl_diagnostics *diagnostics = midl_use_diagnostics();
    return diagnostics == NULL ? ENOSYS : diagnostics->report(name, file);
}

/* ---- The program's own allocator ----
 *
 * Its functions have the convention of the program, those of struct midl_allocator the platform's.
 */

static struct midl_memory_allocator own;
/* The thread is in one of its functions. */
static _Thread_local bool is_inside __attribute__((tls_model("initial-exec")));

static bool allocate(size_t byte_count, void **block) {
    if (is_inside)
        return false;
    is_inside = true;
    *block = own.allocate(own.context, byte_count);
    is_inside = false;
    return true;
}

static void release(void *block) { own.free(own.context, block); }

static size_t size(const void *block) { return own.size(own.context, block); }

EXPORTED int __RPC_USER midl_memory_set_allocator(const struct midl_memory_allocator *allocator) {
    static const struct midl_allocator adapter = {
        .allocate = allocate, .free = release, .size = size, .period = 1};
    static bool is_set;
    if (allocator == NULL || allocator->byte_count != sizeof own || allocator->allocate == NULL ||
        allocator->free == NULL || allocator->size == NULL)
        return EINVAL;
    if (__atomic_exchange_n(&is_set, true, __ATOMIC_ACQUIRE))
        return EBUSY;
    own = *allocator;
    return midl_make_own_choice(&adapter) ? 0 : EBUSY;
}
