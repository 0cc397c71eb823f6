/*
 * test_stubs.c - one side of a call: descriptor, NdrAllocate and its list.
 */
#include "groups.h"
#include "pair.h"
#include "stub_engine.h"
#include "support.h"
#include "tap.h"

#include <string.h>

static struct stub_descriptor descriptor;

static void in_descriptor(void) {
    void *(*allocate)(size_t);
    void (*release)(void *);
    memcpy(&allocate, (char *)&descriptor + 8, sizeof allocate);
    memcpy(&release, (char *)&descriptor + 16, sizeof release);
    void *block = allocate(40);
    tap_ok(allocate == pair.allocate_upper && block != NULL && pair.size(block) >= 40,
           "the descriptor's field at 8 allocates");
    pattern_fill(block, 40, 1);
    tap_ok(pattern_holds(block, 40, 1), "and the block can be used");
    release(block);
    struct stub stub;
    stub_begin(&stub, &descriptor, true);
    memcpy(&allocate, (char *)&stub.message + 120, sizeof allocate);
    memcpy(&release, (char *)&stub.message + 128, sizeof release);
    tap_ok(allocate == pair.allocate_upper && release == pair.free_upper,
           "the message takes the pair over at 120 and 128");
}

/* J43: the list's layout, newest first. */
static void memory_list(void) {
    struct stub stub;
    stub_begin(&stub, &descriptor, false);
    if (setjmp(stub.handler) != 0) {
        tap_ok(false, "NdrAllocate raised %d", stub.exception);
        return;
    }
    unsigned char *first = NdrAllocate(&stub, 10);
    unsigned char *second = NdrAllocate(&stub, 24);
    struct memory_list_entry *of_first = (void *)(first + 16), *of_second = (void *)(second + 24);
    tap_ok(of_first->magic == MEMORY_LIST_MAGIC && of_first->size == 16 &&
               of_first->reserved == 0 && of_first->next == NULL,
           "J43: the trailer of NdrAllocate(10) stands at 16");
    tap_ok(of_second->magic == MEMORY_LIST_MAGIC && of_second->size == 24 &&
               of_second->reserved == 0 && of_second->next == of_first &&
               stub.message.pMemoryList == of_second,
           "J43: the trailer of NdrAllocate(24) stands at 24 and leads the list");
    tap_ok(pair.size(first) >= 16 + sizeof *of_first && pair.size(second) >= 24 + sizeof *of_first,
           "the blocks hold their trailers");
    stub_release_list(&stub);
    tap_ok(stub.allocations == 2 && stub.frees == 2, "the list is released: two blocks, two frees");
}

/* J44, and what the pair itself refuses. */
static void too_much(void) {
    static const struct {
        const char *name;
        size_t byte_count;
        int exception;
    } requests[] = {
        {"J44: SIZE_MAX", SIZE_MAX, RPC_X_BAD_STUB_DATA},
        {"J44: SIZE_MAX - 7", SIZE_MAX - 7, RPC_X_BAD_STUB_DATA},
        {"J44: SIZE_MAX - 24", SIZE_MAX - 24, RPC_X_BAD_STUB_DATA},
        {"J02: SIZE_MAX - 64", SIZE_MAX - 64, RPC_X_NO_MEMORY},
        {"J02: PTRDIFF_MAX", PTRDIFF_MAX, RPC_X_NO_MEMORY},
        {"J02: PTRDIFF_MAX - 64", PTRDIFF_MAX - 64, RPC_X_NO_MEMORY},
    };
    for (size_t index = 0; index < sizeof requests / sizeof requests[0]; index++) {
        struct stub stub;
        stub_begin(&stub, &descriptor, true);
        if (setjmp(stub.handler) == 0)
            NdrAllocate(&stub, requests[index].byte_count);
        tap_ok(stub.exception == requests[index].exception && stub.allocations == 0,
               "NdrAllocate(%s) raises %d and allocates nothing", requests[index].name,
               requests[index].exception);
    }
}

/* E.12: the graph is half built when the data turns out bad or memory ends. */
static void half_way(void) {
    enum { NODES = 500 };
    struct stub stub;
    stub_begin(&stub, &descriptor, false);
    if (setjmp(stub.handler) == 0) {
        for (size_t index = 0; index < NODES; index++)
            pattern_fill(NdrAllocate(&stub, index * 7), index * 7, index);
        NdrAllocate(&stub, PTRDIFF_MAX);
    }
    stub_release_list(&stub);
    tap_ok(stub.exception == RPC_X_NO_MEMORY && stub.allocations == NODES && stub.frees == NODES,
           "no memory half way: every node goes back through the list");
}

/* pfnFree of a block is legal while the list still has it (C.4). */
static void any_order(void) {
    enum { NODES = 300 };
    struct stub stub;
    void *nodes[NODES];
    static int misaligned, disturbed;
    stub_begin(&stub, &descriptor, false);
    if (setjmp(stub.handler) != 0) {
        tap_ok(false, "NdrAllocate raised %d", stub.exception);
        return;
    }
    for (size_t index = 0; index < NODES; index++) {
        nodes[index] = NdrAllocate(&stub, index);
        misaligned += (uintptr_t)nodes[index] % 8 != 0;
        pattern_fill(nodes[index], index, index + 1);
    }
    for (size_t index = 0; index < NODES; index++) {
        size_t chosen = index * 7 % NODES;
        disturbed += !pattern_holds(nodes[chosen], chosen, chosen + 1);
        stub_free(&stub, nodes[chosen]);
    }
    tap_ok(misaligned == 0, "J01: referents are aligned to 8");
    tap_ok(disturbed == 0 && stub.frees == NODES, "the nodes go back in another order");
}

void test_stubs(void) {
    descriptor.pfnAllocate = pair.allocate_upper;
    descriptor.pfnFree = pair.free_upper;
    in_descriptor();
    memory_list();
    too_much();
    half_way();
    any_order();
}
