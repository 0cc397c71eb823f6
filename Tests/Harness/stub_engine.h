/*
 * stub_engine.h - the memory side of an NDR engine, for the tests.
 *
 * It follows rpc-memory.md: stub descriptor and stub message (D), NdrAllocate's
 * list (C.4), unmarshalling with reuse (E.5, E.6), the freeing pass (E.8),
 * all_nodes (E.9), dont_free (E.10). The wire format is its own: everything
 * in 8-byte units, a pointer as 0 or an id, then what it points to. What it
 * does with memory is what generated stubs do, through pfnAllocate and pfnFree
 * of the descriptor.
 */
#ifndef STUB_ENGINE_H
#define STUB_ENGINE_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    RPC_X_NO_MEMORY = 14,
    RPC_X_NULL_REF_POINTER = 1780,
    RPC_X_BAD_STUB_DATA = 1783,
};

/* MIDL_STUB_DESC: the fields that memory depends on, at their x64 offsets. */
struct stub_descriptor {
    void *RpcInterfaceInformation;
    void *(*pfnAllocate)(size_t);
    void (*pfnFree)(void *);
    void *between[5];
    const unsigned char *pFormatTypes;
    int fCheckBounds;
    uint32_t Version;
    void *pMallocFreeStruct;
    void *rest[8];
};
_Static_assert(offsetof(struct stub_descriptor, pfnAllocate) == 8, "D.2");
_Static_assert(offsetof(struct stub_descriptor, pfnFree) == 16, "D.2");
_Static_assert(offsetof(struct stub_descriptor, pFormatTypes) == 64, "D.2");
_Static_assert(offsetof(struct stub_descriptor, pMallocFreeStruct) == 80, "D.2");
_Static_assert(sizeof(struct stub_descriptor) == 152, "D.2");

/* MIDL_STUB_MESSAGE, likewise. */
struct stub_message {
    void *RpcMsg;
    unsigned char *Buffer, *BufferStart, *BufferEnd, *BufferMark;
    uint32_t BufferLength, MemorySize;
    unsigned char *Memory;
    unsigned char IsClient, Pad;
    uint16_t uFlags2;
    int ReuseBuffer;
    struct all_nodes *pAllocAllNodesContext;
    void *between[4];
    uintptr_t MaxCount;
    uint32_t Offset, ActualCount;
    void *(*pfnAllocate)(size_t);
    void (*pfnFree)(void *);
    void *more[4];
    const struct stub_descriptor *StubDesc;
    struct full_pointers *FullPtrXlatTables;
    void *still_more[16];
    void *pMemoryList;
    void *rest[10];
};
_Static_assert(offsetof(struct stub_message, Buffer) == 8, "D.1");
_Static_assert(offsetof(struct stub_message, BufferEnd) == 24, "D.1");
_Static_assert(offsetof(struct stub_message, IsClient) == 56, "D.1");
_Static_assert(offsetof(struct stub_message, pAllocAllNodesContext) == 64, "D.1");
_Static_assert(offsetof(struct stub_message, MaxCount) == 104, "D.1");
_Static_assert(offsetof(struct stub_message, pfnAllocate) == 120, "D.1");
_Static_assert(offsetof(struct stub_message, pfnFree) == 128, "D.1");
_Static_assert(offsetof(struct stub_message, StubDesc) == 168, "D.1");
_Static_assert(offsetof(struct stub_message, FullPtrXlatTables) == 176, "D.1");
_Static_assert(offsetof(struct stub_message, pMemoryList) == 312, "D.1");
_Static_assert(sizeof(struct stub_message) == 400, "D.1");

/* The trailer behind each block of NdrAllocate (C.4). */
struct memory_list_entry {
    uint32_t magic, size, reserved;
    void *next;
};
enum { MEMORY_LIST_MAGIC = 0x4D454D4C };

struct all_nodes {
    unsigned char *next, *end;
};

/* Ids of full pointers: entry i has id i + 1 (D.3). */
struct full_pointers {
    int count;
    struct {
        void *address;
        bool seen; /* sent, received or freed already in this phase of the call */
    } entries[64];
};

/* One side of one call. The message comes first: it is what stubs see. */
struct stub {
    struct stub_message message;
    struct full_pointers full_pointers;
    int allocations, frees; /* calls of pfnAllocate that gave a block, and of pfnFree */
    int exception;
    jmp_buf handler;
};

enum pointer_kind { REF = 0x11, UNIQUE = 0x12, FULL = 0x14 };
enum pointer_attribute {
    ALL_NODES = 0x01,
    DONT_FREE = 0x02,
    ON_STACK = 0x04,
    /* Not of the format string: enum16, sized strings, varying arrays and
     * force_allocate, all of which may not use the wire buffer (E.6). */
    MUST_ALLOCATE = 0x100,
};
enum extent { ONE, COUNTED, STRING };

struct object;
struct pointer {
    enum pointer_kind kind;
    unsigned attributes;
    enum extent extent;
    const struct object *pointee;
    size_t count_offset; /* COUNTED: an int32_t in the structure that holds the pointer */
};

/* A structure or base type: its bytes, and the pointers among them. */
struct object {
    size_t byte_count;
    int field_count;
    struct field {
        size_t offset;
        struct pointer pointer;
    } fields[3];
};

void stub_begin(struct stub *stub, const struct stub_descriptor *descriptor, bool is_client);
_Noreturn void stub_raise(struct stub *stub, int code);

/* Between request, reply and freeing pass: full pointers keep their ids, and
 * each is to be met once again. */
void stub_next_phase(struct stub *stub);

/* C.4 and E.9. Raises RPC_X_NO_MEMORY, or RPC_X_BAD_STUB_DATA when the sum wraps. */
void *NdrAllocate(struct stub *stub, size_t byte_count);

/* For blocks that a manager allocates and frees: the same pair, counted too. */
void *stub_allocate(struct stub *stub, size_t byte_count);
void stub_free(struct stub *stub, void *block);

/* Frees every block of the memory list: unmarshalling has failed half way. */
void stub_release_list(struct stub *stub);

/* count is that of a COUNTED pointer, and of no meaning for others. */
void pointer_marshal(struct stub *stub, const struct pointer *pointer, const void *referent,
                     size_t count);
void pointer_unmarshal(struct stub *stub, const struct pointer *pointer, void **slot, size_t count);
void pointer_free(struct stub *stub, const struct pointer *pointer, void *referent, size_t count);

/* The pointees of an object, not the object. */
void object_free(struct stub *stub, const struct object *object, void *memory);

#endif /* STUB_ENGINE_H */
