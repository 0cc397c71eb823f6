/*
 * runtime.h - a runtime for the stubs of probe.idl: one process, one call at a time, the server
 * called from within NdrSendReceive.
 *
 * Any step can be made to raise. What it does is written to the trace: U, S and M for unmarshal,
 * size and marshal, F for a free, each with the number of longs or P for a pointer; B and b for a
 * client's buffer got and freed; G for the server's.
 */
#ifndef RUNTIME_H
#define RUNTIME_H

#include <rpcndr.h>

enum step {
    NO_STEP,
    CONVERT,
    UNMARSHAL,
    SIZE,
    MARSHAL,
    SEND,
    MANAGER,
    GET_BUFFER,
    SERVER_BUFFER,
    NDR_ALLOCATE,
    STEP_COUNT
};

/* The step that raises, on one side of the call. */
extern struct fault {
    enum step step;
    int on_client;
    RPC_STATUS status;
} fault;

/* What NdrSendReceive does: a call of the server, or what a test puts in its place. */
extern void (*transport)(PRPC_MESSAGE message);

void raise_if_due(enum step step, int on_client);

#endif /* RUNTIME_H */
