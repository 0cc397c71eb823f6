/*
 * midl_heap.h - the entry points that Swift implements for C.
 *
 * Swift carries @implementation on each, so that the compiler checks its
 * signature against this header. `front` is the calling thread's
 * (midl_current_front); C reads it because C reaches a thread-local in one
 * load.
 */
#ifndef MIDL_HEAP_H
#define MIDL_HEAP_H

#include "midl_platform.h"

#pragma clang assume_nonnull begin

/* The pair. An allocation is two calls: the fast path, which C inlines, and, when that is false and
 * has left `block` alone, the slow one. */
bool midl_heap_pop(size_t byte_count, const struct midl_front *front,
                   void *_Nullable *_Nonnull block);
void *_Nullable midl_heap_allocate_slowly(size_t byte_count, const struct midl_front *front);
void midl_heap_free(void *_Nullable block, const struct midl_front *front);

/* Whether an address is where the heap has its blocks, and those of environments. */
bool midl_heap_contains(const void *_Nullable address);

/* What Include/midl_memory.h promises. */
size_t midl_heap_size(const void *_Nullable block, const struct midl_front *front);
size_t midl_heap_trim(void);
/* Frees a block, unless a request for `byte_count` bytes gets one of another size: that ends the
 * program. */
void midl_heap_free_sized(void *_Nullable block, size_t byte_count, const struct midl_front *front);

/* What a whole malloc needs besides: for Tests/Bench/malloc, not in the libraries. A block of
 * zeros; a block at a multiple of `alignment`, a power of two; whether a live block, where it is,
 * now serves `byte_count` bytes: false leaves it as it was. */
void *_Nullable midl_heap_allocate_zeroed(size_t byte_count, const struct midl_front *front);
void *_Nullable midl_heap_allocate_aligned(size_t alignment, size_t byte_count,
                                           const struct midl_front *front);
bool midl_heap_resize(void *block, size_t byte_count);

#pragma clang assume_nonnull end

#endif /* MIDL_HEAP_H */
