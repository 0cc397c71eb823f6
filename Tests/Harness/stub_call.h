/*
 * stub_call.h - a remote call in one process: client stub, server stub, manager.
 *
 * Request and reply are buffers of the C library. Each side has a descriptor
 * with the pair's addresses and counts what it allocates and frees with it.
 */
#ifndef STUB_CALL_H
#define STUB_CALL_H

#include "stub_engine.h"

enum { IN = 1, OUT = 2, IN_OUT = 3, MOST_PARAMETERS = 3 };

struct parameter {
    int direction;
    struct pointer pointer; /* T *: a T ** is a REF to an object with one field */
};

struct operation {
    int parameter_count;
    struct parameter parameters[MOST_PARAMETERS];
    /* Gets the server's copies and its own stub, for stub_allocate and _free;
     * may stub_raise. */
    void (*manager)(struct stub *server, void **arguments);
};

struct outcome {
    int exception; /* what the client raised, or the server's fault */
    int client_allocations, client_frees;
    int server_allocations, server_frees;
};

/* counts: those of COUNTED parameters, which a real call sends as an argument
 * of their own; NULL when there are none. */
struct outcome call(const struct operation *operation, void **arguments, const size_t *counts);

#endif /* STUB_CALL_H */
