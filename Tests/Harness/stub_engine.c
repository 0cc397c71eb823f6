/*
 * stub_engine.c - allocation, the memory list and the freeing pass.
 */
#include "stub_engine.h"

#include <string.h>

void stub_begin(struct stub *stub, const struct stub_descriptor *descriptor, bool is_client) {
    memset(stub, 0, sizeof *stub);
    stub->message.IsClient = is_client;
    stub->message.StubDesc = descriptor;
    stub->message.pfnAllocate = descriptor->pfnAllocate;
    stub->message.pfnFree = descriptor->pfnFree;
    stub->message.FullPtrXlatTables = &stub->full_pointers;
}

void stub_raise(struct stub *stub, int code) {
    stub->exception = code;
    stub->message.pAllocAllNodesContext = NULL; /* it lies on the stack that is left */
    longjmp(stub->handler, 1);
}

void stub_next_phase(struct stub *stub) {
    for (int index = 0; index < stub->full_pointers.count; index++)
        stub->full_pointers.entries[index].seen = false;
}

void *stub_allocate(struct stub *stub, size_t byte_count) {
    void *block = stub->message.pfnAllocate(byte_count);
    stub->allocations += block != NULL;
    return block;
}

void stub_free(struct stub *stub, void *block) {
    stub->frees++;
    stub->message.pfnFree(block);
}

void *NdrAllocate(struct stub *stub, size_t byte_count) {
    size_t aligned = (byte_count + 7) & ~(size_t)7;
    struct all_nodes *nodes = stub->message.pAllocAllNodesContext;
    if (aligned < byte_count || aligned + sizeof(struct memory_list_entry) < aligned)
        stub_raise(stub, RPC_X_BAD_STUB_DATA);
    if (nodes != NULL) {
        if (aligned > (size_t)(nodes->end - nodes->next))
            stub_raise(stub, RPC_X_BAD_STUB_DATA);
        nodes->next += aligned;
        return nodes->next - aligned;
    }
    unsigned char *block = stub_allocate(stub, aligned + sizeof(struct memory_list_entry));
    if (block == NULL)
        stub_raise(stub, RPC_X_NO_MEMORY);
    struct memory_list_entry *entry = (struct memory_list_entry *)(void *)(block + aligned);
    *entry = (struct memory_list_entry){MEMORY_LIST_MAGIC, (uint32_t)aligned, 0,
                                        stub->message.pMemoryList};
    stub->message.pMemoryList = entry;
    return block;
}

void stub_release_list(struct stub *stub) {
    while (stub->message.pMemoryList != NULL) {
        struct memory_list_entry *entry = stub->message.pMemoryList;
        stub->message.pMemoryList = entry->next;
        stub_free(stub, (unsigned char *)entry - entry->size);
    }
}

/* E.8: the first visit frees, later ones do not. */
static bool first_visit(struct full_pointers *table, const void *referent) {
    for (int index = 0; index < table->count; index++)
        if (table->entries[index].address == referent) {
            bool first = !table->entries[index].seen;
            table->entries[index].seen = true;
            return first;
        }
    if (table->count < 64) {
        table->entries[table->count].address = (void *)(uintptr_t)referent;
        table->entries[table->count++].seen = true;
    }
    return true;
}

static size_t count_of(const struct object *object, int field, const void *memory) {
    const struct pointer *pointer = &object->fields[field].pointer;
    int32_t count = 1;
    if (pointer->extent == COUNTED)
        memcpy(&count, (const char *)memory + pointer->count_offset, sizeof count);
    return (size_t)count;
}

void object_free(struct stub *stub, const struct object *object, void *memory) {
    for (int field = 0; field < object->field_count; field++) {
        void *referent;
        memcpy(&referent, (char *)memory + object->fields[field].offset, sizeof referent);
        pointer_free(stub, &object->fields[field].pointer, referent,
                     count_of(object, field, memory));
    }
}

void pointer_free(struct stub *stub, const struct pointer *pointer, void *referent, size_t count) {
    const struct stub_message *message = &stub->message;
    if (pointer->attributes & DONT_FREE || referent == NULL)
        return;
    if (pointer->kind == FULL && !first_visit(message->FullPtrXlatTables, referent))
        return;
    if (pointer->extent == ONE)
        count = 1;
    /* One block holds the graph of an all_nodes pointer: no frees below it. */
    if (pointer->extent != STRING && !(pointer->attributes & ALL_NODES))
        for (size_t index = 0; index < count; index++)
            object_free(stub, pointer->pointee,
                        (char *)referent + index * pointer->pointee->byte_count);
    uintptr_t address = (uintptr_t)referent;
    if (address >= (uintptr_t)message->BufferStart && address <= (uintptr_t)message->BufferEnd)
        return;
    if (pointer->attributes & ON_STACK)
        return;
    stub_free(stub, referent);
}
