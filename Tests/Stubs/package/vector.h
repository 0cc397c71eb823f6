/*
 * vector.h - vectors of the package that need no call: for a thread of the client and for a manager
 * routine of the server alike. The thread comes without an environment and leaves without one.
 */
#ifndef STUBS_VECTOR_H
#define STUBS_VECTOR_H

/* VECTOR(function, name, rules) */
#define VECTORS(VECTOR)                                                                            \
    VECTOR(no_environment, "J33 not enabled", "B.7, J33")                                          \
    VECTOR(disable_releases, "J34 Disable", "B.4.5, J34")                                          \
    VECTOR(free_once, "J35 Free, Disable", "B.4.4, J35")                                           \
    VECTOR(other_thread, "J36 another thread", "B.4.6, B.4.7, J36")                                \
    VECTOR(no_handle, "J37 no handle", "B.4.8, J37")                                               \
    VECTOR(save_and_restore, "J38 save, restore", "B.4.6, J38")                                    \
    VECTOR(swap, "J39 swap", "B.5.4, J39")                                                         \
    VECTOR(too_large, "J42 too large", "B.2, J42")                                                 \
    VECTOR(nested_enable, "nested Enable", "B.4.3")                                                \
    VECTOR(pair_of_thread, "pair of each thread", "B.5.3")                                         \
    VECTOR(default_pair, "default pair", "B.5.2, B.5.6")                                           \
    VECTOR(allocate_raises, "RpcSsAllocate raises", "B.2, B.7")                                    \
    VECTOR(free_raises, "RpcSsFree raises", "B.2, B.4.6")                                          \
    VECTOR(set_raises, "RpcSsSetThreadHandle", "B.2, B.4.7")                                       \
    VECTOR(unwinding, "finally, nested raise", "B.2, E.12")

#define VECTOR_DECLARED(function, name, rules) void vector_##function(void);
VECTORS(VECTOR_DECLARED)

/* Their places in the list. */
#define VECTOR_INDEX(function, name, rules) VECTOR_##function,
enum vector { VECTORS(VECTOR_INDEX) VECTOR_COUNT };

/* Runs one, with the thread's state checked before and after. */
void vector_check(enum vector vector);

#endif
