/*
 * stub_call.c - the phases of a call: request, server (E.3), reply.
 */
#include "stub_call.h"
#include "pair.h"

#include <stdlib.h>
#include <string.h>

enum { BUFFER_BYTE_COUNT = 32768, OUT_STORAGE_BYTE_COUNT = 256 };

struct server_call {
    struct stub stub;
    const struct operation *operation;
    const size_t *counts;
    void *arguments[MOST_PARAMETERS];
    /* What a stub has on its own stack for the referent of an [out] pointer. */
    _Alignas(16) unsigned char out_storage[MOST_PARAMETERS][OUT_STORAGE_BYTE_COUNT];
};

static size_t count_of(const size_t *counts, int index) { return counts ? counts[index] : 1; }

static void use_buffer(struct stub *stub, unsigned char *buffer, size_t byte_count) {
    stub->message.Buffer = buffer;
    stub->message.BufferStart = buffer;
    stub->message.BufferEnd = buffer + byte_count;
}

/* Phases 1 and 2: arguments from the request, storage for what is [out] alone. */
static void server_unmarshal(struct server_call *server) {
    struct stub *stub = &server->stub;
    for (int index = 0; index < server->operation->parameter_count; index++) {
        const struct parameter *parameter = &server->operation->parameters[index];
        const struct pointer *pointer = &parameter->pointer;
        void **argument = &server->arguments[index];
        if (parameter->direction & IN) {
            pointer_unmarshal(stub, pointer, argument, 0);
        } else if (pointer->extent == ONE) {
            *argument = server->out_storage[index];
            memset(*argument, 0, OUT_STORAGE_BYTE_COUNT);
        } else {
            size_t byte_count = count_of(server->counts, index) * pointer->pointee->byte_count;
            *argument = NdrAllocate(stub, byte_count);
            memset(*argument, 0, byte_count);
        }
    }
}

static void server_marshal(struct server_call *server) {
    stub_next_phase(&server->stub);
    for (int index = 0; index < server->operation->parameter_count; index++)
        if (server->operation->parameters[index].direction & OUT)
            pointer_marshal(&server->stub, &server->operation->parameters[index].pointer,
                            server->arguments[index], count_of(server->counts, index));
}

/* Phase 6. The request buffer's limits tell wire memory from blocks. */
static void server_free(struct server_call *server, unsigned char *request) {
    use_buffer(&server->stub, request, BUFFER_BYTE_COUNT);
    stub_next_phase(&server->stub);
    for (int index = 0; index < server->operation->parameter_count; index++) {
        struct pointer pointer = server->operation->parameters[index].pointer;
        if (server->arguments[index] == server->out_storage[index])
            pointer.attributes |= ON_STACK;
        pointer_free(&server->stub, &pointer, server->arguments[index],
                     count_of(server->counts, index));
    }
}

/* Returns the code of the fault, 0 for none. */
static int serve(struct server_call *server, unsigned char *request, unsigned char *reply) {
    struct stub *stub = &server->stub;
    use_buffer(stub, request, BUFFER_BYTE_COUNT);
    if (setjmp(stub->handler) != 0) {
        stub_release_list(stub); /* nothing has an owner yet */
        return stub->exception;
    }
    server_unmarshal(server);
    if (setjmp(stub->handler) == 0) {
        server->operation->manager(stub, server->arguments);
        use_buffer(stub, reply, BUFFER_BYTE_COUNT);
        server_marshal(server);
    }
    server_free(server, request);
    return stub->exception;
}

static void client_call(struct stub *stub, const struct operation *operation, void **arguments,
                        const size_t *counts, struct server_call *server, unsigned char *request,
                        unsigned char *reply) {
    if (setjmp(stub->handler) != 0)
        return;
    use_buffer(stub, request, BUFFER_BYTE_COUNT);
    for (int index = 0; index < operation->parameter_count; index++) {
        if (arguments[index] == NULL && operation->parameters[index].pointer.kind == REF)
            stub_raise(stub, RPC_X_NULL_REF_POINTER);
        if (operation->parameters[index].direction & IN)
            pointer_marshal(stub, &operation->parameters[index].pointer, arguments[index],
                            count_of(counts, index));
    }
    int fault = serve(server, request, reply);
    if (fault != 0)
        stub_raise(stub, fault);
    use_buffer(stub, reply, BUFFER_BYTE_COUNT);
    stub_next_phase(stub);
    for (int index = 0; index < operation->parameter_count; index++)
        if (operation->parameters[index].direction & OUT)
            pointer_unmarshal(stub, &operation->parameters[index].pointer, &arguments[index],
                              count_of(counts, index));
}

struct outcome call(const struct operation *operation, void **arguments, const size_t *counts) {
    /* Each side has the pair through its descriptor, never by name. */
    const struct stub_descriptor client_descriptor = {
        .pfnAllocate = pair.allocate_upper, .pfnFree = pair.free_upper, .Version = 0x50002};
    const struct stub_descriptor server_descriptor = {
        .pfnAllocate = pair.allocate_upper, .pfnFree = pair.free_upper, .Version = 0x50002};
    struct stub client;
    struct server_call *server = calloc(1, sizeof *server);
    unsigned char *request = aligned_alloc(16, BUFFER_BYTE_COUNT);
    unsigned char *reply = aligned_alloc(16, BUFFER_BYTE_COUNT);
    stub_begin(&client, &client_descriptor, true);
    stub_begin(&server->stub, &server_descriptor, false);
    server->operation = operation;
    server->counts = counts;
    client_call(&client, operation, arguments, counts, server, request, reply);
    struct outcome outcome = {client.exception, client.allocations, client.frees,
                              server->stub.allocations, server->stub.frees};
    free(server);
    free(request);
    free(reply);
    return outcome;
}
