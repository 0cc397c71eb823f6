/*
 * midl_environment.h - the entry points behind the RpcSs package, implemented
 * in Swift. Statuses are those of rpcss.h: 0, 14, 87. None of them raises.
 */
#ifndef MIDL_ENVIRONMENT_H
#define MIDL_ENVIRONMENT_H

#include "midl_platform.h"

#pragma clang assume_nonnull begin

/* The addresses of an allocator and its free, of whatever calling convention. */
struct midl_pair {
    uintptr_t allocate;
    uintptr_t free;
};

int32_t midl_environment_enable(const struct midl_front *front);
void midl_environment_disable(const struct midl_front *front);
/* An allocation is two calls, as in midl_heap.h. NULL is status 14. */
bool midl_environment_bump(size_t byte_count, const struct midl_front *front,
                           void *_Nullable *_Nonnull block);
void *_Nullable midl_environment_allocate_slowly(size_t byte_count, const struct midl_front *front);
int32_t midl_environment_free(const struct midl_front *front, void *_Nullable node);
uintptr_t midl_environment_handle(const struct midl_front *front);
int32_t midl_environment_set_handle(const struct midl_front *front, uintptr_t handle);

/* `pair` is what the message holds; midl_stub_leave gives it back. False when the message has no
 * environment on the calling thread. */
int32_t midl_stub_enter(const struct midl_front *front, uintptr_t message, struct midl_pair pair);
bool midl_stub_leave(const struct midl_front *front, uintptr_t message, struct midl_pair *pair);

/* The thread's client pair; zeros stand for the default pair. */
struct midl_pair midl_client_pair(const struct midl_front *front);
int32_t midl_set_client_pair(const struct midl_front *front, struct midl_pair pair);

#pragma clang assume_nonnull end

#endif /* MIDL_ENVIRONMENT_H */
