/*
 * The pair as C programs link it. Each function forwards to Swift; with LTO
 * the forwarding is gone.
 *
 * The pair is weak: in a static link a program's own definition wins, as the
 * RPC documentation has it. The lower-case names are aliases of the upper-case
 * ones, so that the two spellings cannot differ.
 */
#include "midl_user.h"
#include "midl_heap.h"

/* Each begins on a line of the instruction cache. */
#define EXPORTED __attribute__((visibility("default"), aligned(64)))

EXPORTED __attribute__((weak)) void __RPC_FAR *__RPC_USER MIDL_user_allocate(size_t cBytes) {
    void *block;
    if (__builtin_expect(midl_heap_pop(cBytes, midl_current_front(), &block), 1))
        return block;
    return midl_heap_allocate_slowly(cBytes, midl_current_front());
}

EXPORTED __attribute__((weak)) void __RPC_USER MIDL_user_free(void __RPC_FAR *pBuffer) {
    midl_heap_free(pBuffer, midl_current_front());
}

#define ALIAS(name) __attribute__((visibility("default"), weak, alias(name)))

ALIAS("MIDL_user_allocate") void __RPC_FAR *__RPC_USER midl_user_allocate(size_t cBytes);
ALIAS("MIDL_user_free") void __RPC_USER midl_user_free(void __RPC_FAR *pBuffer);
