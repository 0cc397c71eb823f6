/*
 * rpc.h - as much of the RPC headers as widl's stubs of probe.idl use, for native compilation with
 * USE_COMPILER_EXCEPTIONS: the exceptions are the library's.
 */
#ifndef NATIVE_RPC_H
#define NATIVE_RPC_H

#include "rpcexcept.h"

#include <stdint.h>
#include <string.h>

typedef int32_t LONG;
typedef uint32_t DWORD, ULONG;
typedef uintptr_t ULONG_PTR;

#define __cdecl
#define __RPC_STUB
#define __RPC_WIN64__

typedef void *RPC_BINDING_HANDLE, *handle_t, *RPC_IF_HANDLE;

typedef struct {
    ULONG Data1;
    unsigned short Data2, Data3;
    unsigned char Data4[8];
} GUID;

typedef struct {
    GUID SyntaxGUID;
    struct {
        unsigned short MajorVersion, MinorVersion;
    } SyntaxVersion;
} RPC_SYNTAX_IDENTIFIER;

typedef struct {
    RPC_BINDING_HANDLE Handle;
    ULONG DataRepresentation;
    void *Buffer;
    unsigned int BufferLength;
    unsigned int ProcNum;
} RPC_MESSAGE, *PRPC_MESSAGE;

typedef void (*RPC_DISPATCH_FUNCTION)(PRPC_MESSAGE message);

typedef struct {
    unsigned int DispatchTableCount;
    RPC_DISPATCH_FUNCTION *DispatchTable;
} RPC_DISPATCH_TABLE;

typedef struct {
    unsigned int Length;
    RPC_SYNTAX_IDENTIFIER InterfaceId, TransferSyntax;
    RPC_DISPATCH_TABLE *DispatchTable;
    unsigned int RpcProtseqEndpointCount;
    void *RpcProtseqEndpoint;
    void *DefaultManagerEpv;
    const void *InterpreterInfo;
    unsigned int Flags;
} RPC_SERVER_INTERFACE, RPC_CLIENT_INTERFACE;

RPC_STATUS I_RpcGetBuffer(RPC_MESSAGE *message);

#endif /* NATIVE_RPC_H */
