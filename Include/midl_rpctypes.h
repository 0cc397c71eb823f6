/*
 * midl_rpctypes.h - the types of rpc.h and rpcndr.h that the RpcSs package uses,
 * for programs that have neither Wine's nor mingw-w64's headers.
 *
 * RPC_STATUS has 32 bits on every platform. MIDL_STUB_MESSAGE has the layout of the
 * public headers: a stub runtime hands its own to the NdrRpcSs functions.
 */
#ifndef MIDL_RPCTYPES_H
#define MIDL_RPCTYPES_H

#include "midl_user.h"

#ifndef RPC_ENTRY
#define RPC_ENTRY __RPC_API
#endif

typedef int RPC_STATUS;

/* Status values, which are also the codes of the exceptions. */
#define RPC_S_OK 0
#define RPC_X_SS_CONTEXT_MISMATCH 6
#define RPC_S_OUT_OF_MEMORY 14
#define RPC_X_NO_MEMORY 14
#define RPC_S_INVALID_ARG 87
#define RPC_S_CALL_FAILED 1726
#define RPC_S_INVALID_BOUND 1734
#define RPC_X_INVALID_BOUND 1734
#define RPC_S_CANNOT_SUPPORT 1764
#define RPC_S_INTERNAL_ERROR 1766
#define RPC_X_NULL_REF_POINTER 1780
#define RPC_X_BYTE_COUNT_TOO_SMALL 1782
#define RPC_X_BAD_STUB_DATA 1783

/* A stub's working state for one call. Offsets on 64 bits stand beside the fields that concern
 * memory; the others keep their places and are the runtime's. */
typedef struct _MIDL_STUB_MESSAGE {
    void *RpcMsg;               /* 0 */
    unsigned char *Buffer;      /* 8 */
    unsigned char *BufferStart; /* 16 */
    unsigned char *BufferEnd;   /* 24 */
    unsigned char *BufferMark;  /* 32 */
    unsigned int BufferLength;  /* 40 */
    unsigned int MemorySize;    /* 44 */
    unsigned char *Memory;      /* 48 */
    unsigned char IsClient;     /* 56 */
    unsigned char Pad;
    unsigned short uFlags2;
    int ReuseBuffer;                  /* 60 */
    void *pAllocAllNodesContext;      /* 64 */
    void *pPointerQueueState;         /* 72 */
    int IgnoreEmbeddedPointers;       /* 80 */
    unsigned char *PointerBufferMark; /* 88 */
    unsigned char CorrDespIncrement;  /* 96 */
    unsigned char uFlags;
    unsigned short UniquePtrCount;
    size_t MaxCount;                        /* 104 */
    unsigned int Offset;                    /* 112 */
    unsigned int ActualCount;               /* 116 */
    void *(__RPC_API *pfnAllocate)(size_t); /* 120 */
    void(__RPC_API *pfnFree)(void *);       /* 128 */
    unsigned char *StackTop;                /* 136 */
    unsigned char *pPresentedType;          /* 144 */
    unsigned char *pTransmitType;           /* 152 */
    void *SavedHandle;                      /* 160 */
    const void *StubDesc;                   /* 168 */
    void *FullPtrXlatTables;                /* 176 */
    unsigned int FullPtrRefId;              /* 184 */
    unsigned int PointerLength;             /* 188 */
    int Flags;                              /* 192, bit-fields, fInDontFree first */
    unsigned int dwDestContext;             /* 196 */
    void *pvDestContext;                    /* 200 */
    void *SavedContextHandles;              /* 208 */
    int ParamNumber;                        /* 216 */
    void *pRpcChannelBuffer;                /* 224 */
    void *pArrayInfo;                       /* 232 */
    unsigned int *SizePtrCountArray;        /* 240 */
    unsigned int *SizePtrOffsetArray;       /* 248 */
    unsigned int *SizePtrLengthArray;       /* 256 */
    void *pArgQueue;                        /* 264 */
    unsigned int dwStubPhase;               /* 272 */
    void *LowStackMark;                     /* 280 */
    void *pAsyncMsg;                        /* 288 */
    void *pCorrInfo;                        /* 296 */
    unsigned char *pCorrMemory;             /* 304 */
    void *pMemoryList;                      /* 312 */
    void *pCSInfo;                          /* 320 */
    unsigned char *ConformanceMark;         /* 328 */
    unsigned char *VarianceMark;            /* 336 */
    ptrdiff_t Unused;                       /* 344 */
    void *pContext;                         /* 352 */
    void *ContextHandleHash;                /* 360 */
    void *pUserMarshalList;                 /* 368 */
    ptrdiff_t Reserved51_3;                 /* 376 */
    ptrdiff_t Reserved51_4;                 /* 384 */
    ptrdiff_t Reserved51_5;                 /* 392 */
} MIDL_STUB_MESSAGE, *PMIDL_STUB_MESSAGE;

/* 400 bytes on 64 bits, 220 on 32. */
typedef char midl_stub_message_layout_is_right
    [sizeof(MIDL_STUB_MESSAGE) == (sizeof(void *) == 8 ? 400 : 220) &&
             offsetof(MIDL_STUB_MESSAGE, pfnAllocate) == (sizeof(void *) == 8 ? 120 : 72) &&
             offsetof(MIDL_STUB_MESSAGE, pfnFree) == (sizeof(void *) == 8 ? 128 : 76) &&
             offsetof(MIDL_STUB_MESSAGE, StubDesc) == (sizeof(void *) == 8 ? 168 : 96) &&
             offsetof(MIDL_STUB_MESSAGE, Flags) == (sizeof(void *) == 8 ? 192 : 112) &&
             offsetof(MIDL_STUB_MESSAGE, pMemoryList) == (sizeof(void *) == 8 ? 312 : 176)
         ? 1
         : -1];

#endif /* MIDL_RPCTYPES_H */
