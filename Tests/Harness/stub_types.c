/*
 * stub_types.c - marshalling and unmarshalling of pointers and objects.
 *
 * On the wire everything takes whole 8-byte units. A pointer is a unit, 0 for
 * NULL; behind it, unless NULL or a full pointer that was sent before, a unit
 * with the count when it is COUNTED or a STRING, then the referent.
 */
#include "stub_engine.h"

#include <string.h>

static size_t rounded(size_t byte_count) { return (byte_count + 7) & ~(size_t)7; }

/* Moves the cursor; the bytes passed over. */
static unsigned char *advance(struct stub *stub, size_t byte_count) {
    unsigned char *start = stub->message.Buffer;
    if (rounded(byte_count) < byte_count ||
        rounded(byte_count) > (size_t)(stub->message.BufferEnd - start))
        stub_raise(stub, RPC_X_BAD_STUB_DATA);
    stub->message.Buffer += rounded(byte_count);
    return start;
}

static void put(struct stub *stub, uint64_t unit) { memcpy(advance(stub, 8), &unit, 8); }

static uint64_t get(struct stub *stub) {
    uint64_t unit;
    memcpy(&unit, advance(stub, 8), 8);
    return unit;
}

static void *field_value(const struct object *object, int field, const void *memory) {
    void *value;
    memcpy(&value, (const char *)memory + object->fields[field].offset, sizeof value);
    return value;
}

static size_t field_count(const struct object *object, int field, const void *memory) {
    int32_t count = 1;
    if (object->fields[field].pointer.extent == COUNTED)
        memcpy(&count, (const char *)memory + object->fields[field].pointer.count_offset,
               sizeof count);
    return (size_t)count;
}

/* The id, and whether the referent has one already. */
static uint64_t full_pointer_id(struct stub *stub, const void *referent, bool *known) {
    struct full_pointers *table = stub->message.FullPtrXlatTables;
    for (int index = 0; index < table->count; index++)
        if (table->entries[index].address == referent) {
            *known = table->entries[index].seen;
            table->entries[index].seen = true;
            return (uint64_t)index + 1;
        }
    if (table->count == 64)
        stub_raise(stub, RPC_X_BAD_STUB_DATA);
    table->entries[table->count].address = (void *)(uintptr_t)referent;
    table->entries[table->count].seen = true;
    *known = false;
    return (uint64_t)++table->count;
}

static void object_marshal(struct stub *stub, const struct object *object, const void *memory) {
    memcpy(advance(stub, object->byte_count), memory, object->byte_count);
    for (int field = 0; field < object->field_count; field++)
        pointer_marshal(stub, &object->fields[field].pointer, field_value(object, field, memory),
                        field_count(object, field, memory));
}

void pointer_marshal(struct stub *stub, const struct pointer *pointer, const void *referent,
                     size_t count) {
    bool known = false;
    if (referent == NULL && pointer->kind == REF)
        stub_raise(stub, RPC_X_NULL_REF_POINTER);
    uint64_t id = referent == NULL        ? 0
                  : pointer->kind == FULL ? full_pointer_id(stub, referent, &known)
                                          : 1;
    put(stub, id);
    if (id == 0 || known)
        return;
    size_t element = pointer->extent == STRING ? 1 : pointer->pointee->byte_count;
    if (pointer->extent != COUNTED)
        count = pointer->extent == STRING ? strlen(referent) + 1 : 1;
    if (pointer->extent != ONE)
        put(stub, count);
    if (pointer->extent == STRING || pointer->pointee->field_count == 0)
        memcpy(advance(stub, count * element), referent, count * element);
    else
        for (size_t index = 0; index < count; index++)
            object_marshal(stub, pointer->pointee, (const char *)referent + index * element);
}

/* What a graph takes in memory, each node rounded up to 8 (E.9). */
static size_t graph_byte_count(struct stub *stub, const struct pointer *pointer) {
    if (get(stub) == 0)
        return 0;
    size_t count = pointer->extent == ONE ? 1 : get(stub);
    size_t element = pointer->extent == STRING ? 1 : pointer->pointee->byte_count;
    size_t total = rounded(count * element);
    if (pointer->extent == STRING || pointer->pointee->field_count == 0) {
        advance(stub, count * element);
        return total;
    }
    for (size_t index = 0; index < count; index++) {
        advance(stub, element);
        for (int field = 0; field < pointer->pointee->field_count; field++)
            total += graph_byte_count(stub, &pointer->pointee->fields[field].pointer);
    }
    return total;
}

/* Pointers in memory keep their old values, which are what may be reused. */
static void object_unmarshal(struct stub *stub, const struct object *object, void *memory) {
    void *old[3];
    size_t old_counts[3];
    for (int field = 0; field < object->field_count; field++) {
        old[field] = field_value(object, field, memory);
        old_counts[field] = field_count(object, field, memory);
    }
    memcpy(memory, advance(stub, object->byte_count), object->byte_count);
    for (int field = 0; field < object->field_count; field++)
        memcpy((char *)memory + object->fields[field].offset, &old[field], sizeof old[field]);
    for (int field = 0; field < object->field_count; field++) {
        pointer_unmarshal(stub, &object->fields[field].pointer, &old[field], old_counts[field]);
        memcpy((char *)memory + object->fields[field].offset, &old[field], sizeof old[field]);
    }
}

/* E.6, for a server. */
static bool may_use_wire(const struct pointer *pointer) {
    bool flat = pointer->extent == STRING || pointer->pointee->field_count == 0;
    return flat && !(pointer->attributes & (ALL_NODES | DONT_FREE | MUST_ALLOCATE));
}

void pointer_unmarshal(struct stub *stub, const struct pointer *pointer, void **slot,
                       size_t count) {
    struct stub_message *message = &stub->message;
    struct full_pointers *table = message->FullPtrXlatTables;
    unsigned char *start = message->Buffer;
    uint64_t id = get(stub);
    if (id == 0 && pointer->kind == REF)
        stub_raise(stub, RPC_X_BAD_STUB_DATA);
    if (id == 0) {
        *slot = NULL;
        return;
    }
    if (pointer->kind == FULL && id > 64)
        stub_raise(stub, RPC_X_BAD_STUB_DATA);
    if (pointer->kind == FULL && id <= (uint64_t)table->count && table->entries[id - 1].seen) {
        *slot = table->entries[id - 1].address;
        return;
    }
    struct all_nodes nodes, *outer = message->pAllocAllNodesContext;
    size_t element = pointer->extent == STRING ? 1 : pointer->pointee->byte_count;
    void *existing = message->IsClient && outer == NULL ? *slot : NULL;
    /* What the request named and the reply names again keeps its address. */
    if (pointer->kind == FULL && message->IsClient && id <= (uint64_t)table->count)
        existing = table->entries[id - 1].address;
    if (pointer->attributes & ALL_NODES && outer == NULL) {
        unsigned char *cursor = message->Buffer;
        message->Buffer = start;
        size_t byte_count = graph_byte_count(stub, pointer);
        message->Buffer = cursor;
        nodes.next = NdrAllocate(stub, byte_count);
        nodes.end = nodes.next + byte_count;
        message->pAllocAllNodesContext = &nodes;
        existing = NULL;
    }
    /* F.5 and F.6: what the client has bounds what may come. */
    size_t room = existing == NULL            ? SIZE_MAX
                  : pointer->extent == STRING ? strlen(existing) + 1
                                              : count;
    count = pointer->extent == ONE ? 1 : get(stub);
    if (count > room || (element != 0 && count > SIZE_MAX / element))
        stub_raise(stub, RPC_X_BAD_STUB_DATA);
    bool flat = pointer->extent == STRING || pointer->pointee->field_count == 0;
    if (!message->IsClient && may_use_wire(pointer) && message->pAllocAllNodesContext == NULL) {
        *slot = advance(stub, count * element);
    } else {
        *slot = existing;
        if (existing == NULL) {
            *slot = NdrAllocate(stub, count * element);
            memset(*slot, 0, count * element);
        }
        if (flat)
            memcpy(*slot, advance(stub, count * element), count * element);
    }
    if (pointer->kind == FULL) {
        if (id > (uint64_t)table->count)
            table->count = (int)id;
        table->entries[id - 1].address = *slot;
        table->entries[id - 1].seen = true;
    }
    if (!flat)
        for (size_t index = 0; index < count; index++)
            object_unmarshal(stub, pointer->pointee, (char *)*slot + index * element);
    if (outer == NULL)
        message->pAllocAllNodesContext = NULL;
}
