/* The functions of midl_memory.h about orphans, forwarded to the diagnostics. */
#include "midl_core.h"
#include "midl_memory.h"

#include <errno.h>

#define EXPORTED __attribute__((visibility("default")))

EXPORTED struct midl_orphans *__RPC_USER midl_orphans_watch(const struct midl_orphans_root *roots,
                                                            size_t count) {
    const struct midl_diagnostics *diagnostics = midl_use_diagnostics();
    return diagnostics == NULL ? NULL : diagnostics->orphans_watch(roots, count);
}

EXPORTED int __RPC_USER midl_orphans_find(struct midl_orphans *watch, unsigned unless,
                                          struct midl_orphans_found *found) {
    const struct midl_diagnostics *diagnostics = midl_use_diagnostics();
    return diagnostics == NULL ? ENOSYS : diagnostics->orphans_find(watch, unless, found);
}

EXPORTED size_t __RPC_USER midl_orphans_release(struct midl_orphans *watch) {
    const struct midl_diagnostics *diagnostics = midl_use_diagnostics();
    return diagnostics == NULL ? 0 : diagnostics->orphans_release(watch);
}

EXPORTED void __RPC_USER midl_orphans_end(struct midl_orphans *watch) {
    const struct midl_diagnostics *diagnostics = midl_use_diagnostics();
    if (diagnostics != NULL)
        diagnostics->orphans_end(watch);
}
