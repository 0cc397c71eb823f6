/* rpcndr.h - see rpc.h beside it. */
#ifndef NATIVE_RPCNDR_H
#define NATIVE_RPCNDR_H

#include "rpc.h"

typedef const unsigned char *PFORMAT_STRING;
typedef void *SERVER_ROUTINE;

#define NDR_LOCAL_DATA_REPRESENTATION 0x10u
#define NdrFcShort(number) (unsigned char)(number), (unsigned char)((number) >> 8)
#define MIDL_memset memset

typedef struct {
    void *RpcInterfaceInformation;
    void *(*pfnAllocate)(size_t byte_count);
    void (*pfnFree)(void *block);
    union {
        handle_t *pAutoHandle;
    } IMPLICIT_HANDLE_INFO;
    const void *apfnNdrRundownRoutines;
    const void *aGenericBindingRoutinePairs;
    const void *apfnExprEval;
    const void *aXmitQuintuple;
    const unsigned char *pFormatTypes;
    int fCheckBounds;
    ULONG Version;
    void *pMallocFreeStruct;
    LONG MIDLVersion;
    const void *CommFaultOffsets;
    const void *aUserMarshalQuadruple;
    const void *NotifyRoutineTable;
    ULONG_PTR mFlags, Reserved3, Reserved4, Reserved5;
} MIDL_STUB_DESC;

typedef struct {
    const MIDL_STUB_DESC *pStubDesc;
    const SERVER_ROUTINE *DispatchTable;
    PFORMAT_STRING ProcString;
    const unsigned short *FmtStringOffset;
    const void *ThunkTable, *pTransferSyntax;
    ULONG_PTR nCount;
    const void *pSyntaxInfo;
} MIDL_SERVER_INFO;

void NdrServerInitializeNew(PRPC_MESSAGE rpc, PMIDL_STUB_MESSAGE stub, const MIDL_STUB_DESC *desc);
void NdrClientInitializeNew(PRPC_MESSAGE rpc, PMIDL_STUB_MESSAGE stub, const MIDL_STUB_DESC *desc,
                            unsigned int procedure);
void NdrConvert(PMIDL_STUB_MESSAGE stub, PFORMAT_STRING format);
void *NdrAllocate(PMIDL_STUB_MESSAGE stub, size_t byte_count);
unsigned char *NdrGetBuffer(PMIDL_STUB_MESSAGE stub, ULONG byte_count, RPC_BINDING_HANDLE handle);
unsigned char *NdrSendReceive(PMIDL_STUB_MESSAGE stub, unsigned char *buffer_end);
void NdrFreeBuffer(PMIDL_STUB_MESSAGE stub);

void NdrConformantArrayBufferSize(PMIDL_STUB_MESSAGE stub, unsigned char *memory,
                                  PFORMAT_STRING format);
unsigned char *NdrConformantArrayMarshall(PMIDL_STUB_MESSAGE stub, unsigned char *memory,
                                          PFORMAT_STRING format);
unsigned char *NdrConformantArrayUnmarshall(PMIDL_STUB_MESSAGE stub, unsigned char **memory,
                                            PFORMAT_STRING format, unsigned char must_allocate);
void NdrConformantArrayFree(PMIDL_STUB_MESSAGE stub, unsigned char *memory, PFORMAT_STRING format);

void NdrPointerBufferSize(PMIDL_STUB_MESSAGE stub, unsigned char *memory, PFORMAT_STRING format);
unsigned char *NdrPointerMarshall(PMIDL_STUB_MESSAGE stub, unsigned char *memory,
                                  PFORMAT_STRING format);
unsigned char *NdrPointerUnmarshall(PMIDL_STUB_MESSAGE stub, unsigned char **memory,
                                    PFORMAT_STRING format, unsigned char must_allocate);
void NdrPointerFree(PMIDL_STUB_MESSAGE stub, unsigned char *memory, PFORMAT_STRING format);

#endif /* NATIVE_RPCNDR_H */
