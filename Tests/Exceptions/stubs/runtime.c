/* runtime.c - see runtime.h. Arrays of longs, and pointers to one. */
#include "runtime.h"
#include "trace.h"

#include <stdlib.h>

struct fault fault;
void (*transport)(PRPC_MESSAGE message);

void raise_if_due(enum step step, int on_client) {
    if (fault.step == step && fault.on_client == on_client)
        RpcRaiseException(fault.status);
}

/* ---- Messages ---- */

void NdrServerInitializeNew(PRPC_MESSAGE rpc, PMIDL_STUB_MESSAGE stub, const MIDL_STUB_DESC *desc) {
    memset(stub, 0, sizeof *stub);
    stub->RpcMsg = rpc;
    stub->StubDesc = desc;
    stub->pfnAllocate = desc->pfnAllocate;
    stub->pfnFree = desc->pfnFree;
    stub->Buffer = stub->BufferStart = rpc->Buffer;
    stub->BufferEnd = stub->BufferStart + rpc->BufferLength;
}

void NdrClientInitializeNew(PRPC_MESSAGE rpc, PMIDL_STUB_MESSAGE stub, const MIDL_STUB_DESC *desc,
                            unsigned int procedure) {
    memset(rpc, 0, sizeof *rpc);
    rpc->ProcNum = procedure;
    NdrServerInitializeNew(rpc, stub, desc);
    stub->IsClient = 1;
}

void NdrConvert(PMIDL_STUB_MESSAGE stub, PFORMAT_STRING format) {
    (void)format;
    raise_if_due(CONVERT, stub->IsClient);
}

void *NdrAllocate(PMIDL_STUB_MESSAGE stub, size_t byte_count) {
    raise_if_due(NDR_ALLOCATE, stub->IsClient);
    return stub->pfnAllocate(byte_count);
}

/* ---- Buffers: the client's is freed by its stub, the server's belongs to the message ---- */

unsigned char *NdrGetBuffer(PMIDL_STUB_MESSAGE stub, ULONG byte_count, RPC_BINDING_HANDLE handle) {
    PRPC_MESSAGE rpc = stub->RpcMsg;
    raise_if_due(GET_BUFFER, 1);
    trace("B");
    rpc->Handle = handle;
    rpc->DataRepresentation = NDR_LOCAL_DATA_REPRESENTATION;
    rpc->BufferLength = byte_count + 16;
    rpc->Buffer = stub->Buffer = stub->BufferStart = calloc(1, rpc->BufferLength);
    stub->BufferEnd = stub->BufferStart + rpc->BufferLength;
    return stub->Buffer;
}

unsigned char *NdrSendReceive(PMIDL_STUB_MESSAGE stub, unsigned char *buffer_end) {
    PRPC_MESSAGE rpc = stub->RpcMsg;
    raise_if_due(SEND, 1);
    rpc->BufferLength = (unsigned)(buffer_end - (unsigned char *)rpc->Buffer);
    transport(rpc);
    return stub->Buffer = rpc->Buffer;
}

void NdrFreeBuffer(PMIDL_STUB_MESSAGE stub) {
    PRPC_MESSAGE rpc = stub->RpcMsg;
    trace("b");
    free(rpc->Buffer);
    rpc->Buffer = NULL;
}

/* Too small a buffer stays: the request is read no longer. */
RPC_STATUS I_RpcGetBuffer(RPC_MESSAGE *message) {
    if (fault.step == SERVER_BUFFER && !fault.on_client)
        return fault.status;
    trace("G");
    message->BufferLength += 16;
    message->Buffer = realloc(message->Buffer, message->BufferLength);
    return message->Buffer == NULL ? RPC_S_OUT_OF_MEMORY : RPC_S_OK;
}

/* ---- Data ---- */

static void size(PMIDL_STUB_MESSAGE stub, size_t count) {
    trace("S%d", (int)count);
    raise_if_due(SIZE, stub->IsClient);
    stub->BufferLength += (ULONG)(8 + count * sizeof(LONG));
}

static void marshal(PMIDL_STUB_MESSAGE stub, const LONG *longs, size_t count) {
    trace("M%d", (int)count);
    raise_if_due(MARSHAL, stub->IsClient);
    memcpy(stub->Buffer, longs, count * sizeof(LONG));
    stub->Buffer += count * sizeof(LONG);
}

/* On the server into a block of the pair's, as Wine does where the buffer does not serve. */
static void unmarshal(PMIDL_STUB_MESSAGE stub, unsigned char **memory, size_t count) {
    trace("U%d", (int)count);
    if (stub->Buffer + count * sizeof(LONG) > stub->BufferEnd)
        RpcRaiseException(RPC_X_BAD_STUB_DATA);
    if (!stub->IsClient)
        *memory = stub->pfnAllocate(count * sizeof(LONG));
    memcpy(*memory, stub->Buffer, count * sizeof(LONG));
    stub->Buffer += count * sizeof(LONG);
    raise_if_due(UNMARSHAL, stub->IsClient);
}

static void release(PMIDL_STUB_MESSAGE stub, unsigned char *memory) {
    trace(memory == NULL ? "F0" : "F");
    stub->pfnFree(memory);
}

void NdrConformantArrayBufferSize(PMIDL_STUB_MESSAGE stub, unsigned char *memory,
                                  PFORMAT_STRING format) {
    (void)memory, (void)format;
    size(stub, stub->MaxCount);
}

unsigned char *NdrConformantArrayMarshall(PMIDL_STUB_MESSAGE stub, unsigned char *memory,
                                          PFORMAT_STRING format) {
    (void)format;
    LONG count = (LONG)stub->MaxCount;
    memcpy(stub->Buffer, &count, sizeof count);
    stub->Buffer += sizeof count;
    marshal(stub, (const LONG *)memory, stub->MaxCount);
    return NULL;
}

unsigned char *NdrConformantArrayUnmarshall(PMIDL_STUB_MESSAGE stub, unsigned char **memory,
                                            PFORMAT_STRING format, unsigned char must_allocate) {
    (void)format, (void)must_allocate;
    LONG count;
    memcpy(&count, stub->Buffer, sizeof count);
    stub->Buffer += sizeof count;
    unmarshal(stub, memory, (size_t)count);
    return NULL;
}

void NdrConformantArrayFree(PMIDL_STUB_MESSAGE stub, unsigned char *memory, PFORMAT_STRING format) {
    (void)format;
    release(stub, memory);
}

void NdrPointerBufferSize(PMIDL_STUB_MESSAGE stub, unsigned char *memory, PFORMAT_STRING format) {
    NdrConformantArrayBufferSize(stub, memory, format);
}

unsigned char *NdrPointerMarshall(PMIDL_STUB_MESSAGE stub, unsigned char *memory,
                                  PFORMAT_STRING format) {
    (void)format;
    marshal(stub, (const LONG *)memory, 1);
    return NULL;
}

unsigned char *NdrPointerUnmarshall(PMIDL_STUB_MESSAGE stub, unsigned char **memory,
                                    PFORMAT_STRING format, unsigned char must_allocate) {
    (void)format, (void)must_allocate;
    unmarshal(stub, memory, 1);
    return NULL;
}

void NdrPointerFree(PMIDL_STUB_MESSAGE stub, unsigned char *memory, PFORMAT_STRING format) {
    (void)format;
    release(stub, memory);
}
