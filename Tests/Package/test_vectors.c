/*
 * test_vectors.c - vectors J33 to J42 of rpc-memory.md, in either form.
 */
#include "package.h"

#include <string.h>

static void j33_j37(const struct form *form) {
    RPC_STATUS status = UNSET;
    CHECK(form->allocate(10, &status) == NULL && status == RPC_S_OUT_OF_MEMORY);
    status = UNSET;
    CHECK(form->get(&status) == NULL && status == RPC_S_OK);
    check_end("%s: J33 and J37: no environment", form->name);
}

static void j34_j35(const struct form *form) {
    void *blocks[3];
    CHECK(form->enable() == RPC_S_OK);
    for (int index = 0; index < 3; index++) {
        RPC_STATUS status = UNSET;
        blocks[index] = form->allocate(40, &status);
        CHECK(blocks[index] != NULL && status == RPC_S_OK);
    }
    CHECK(form->disable() == RPC_S_OK);
    CHECK(form->enable() == RPC_S_OK);
    for (int index = 0; index < 3; index++)
        CHECK(form->free(blocks[index]) == RPC_S_INVALID_ARG);
    CHECK(form->disable() == RPC_S_OK);
    check_end("%s: J34: Disable releases what was not freed", form->name);

    CHECK(form->enable() == RPC_S_OK);
    void *block = form->allocate(40, NULL);
    CHECK(form->free(block) == RPC_S_OK);
    CHECK(form->free(block) == RPC_S_INVALID_ARG);
    CHECK(form->disable() == RPC_S_OK);
    CHECK(form->enable() == RPC_S_OK);
    CHECK(form->free(block) == RPC_S_INVALID_ARG);
    CHECK(form->disable() == RPC_S_OK);
    check_end("%s: J35: released exactly once", form->name);
}

struct borrower {
    const struct form *form;
    RPC_SS_THREAD_HANDLE handle;
    char *block;
};

static void *j36_thread(void *argument) {
    struct borrower *borrower = argument;
    CHECK(borrower->form->set(borrower->handle) == RPC_S_OK);
    CHECK(borrower->form->get(NULL) == borrower->handle);
    borrower->block = borrower->form->allocate(77, NULL);
    if (CHECK(borrower->block != NULL))
        pattern_fill(borrower->block, 77, 36);
    return NULL;
}

static void j36(const struct form *form) {
    struct borrower borrower = {form, NULL, NULL};
    CHECK(form->enable() == RPC_S_OK);
    borrower.handle = form->get(NULL);
    thread_join(thread_start(j36_thread, &borrower));
    CHECK(pattern_holds(borrower.block, 77, 36));
    CHECK(form->disable() == RPC_S_OK);
    CHECK(form->enable() == RPC_S_OK);
    CHECK(form->free(borrower.block) == RPC_S_INVALID_ARG);
    CHECK(form->disable() == RPC_S_OK);
    check_end("%s: J36: a borrower's block goes with the owner's Disable", form->name);
}

static void j38(const struct form *form) {
    CHECK(form->enable() == RPC_S_OK);
    char *block = form->allocate(500, NULL);
    pattern_fill(block, 500, 38);
    RPC_SS_THREAD_HANDLE handle = form->get(NULL);
    CHECK(form->set(NULL) == RPC_S_OK && form->get(NULL) == NULL);
    CHECK(form->enable() == RPC_S_OK);
    CHECK(form->get(NULL) != handle && form->get(NULL) != NULL);
    char *inner = form->allocate(500, NULL);
    memset(inner, 1, 500);
    CHECK(form->free(block) == RPC_S_INVALID_ARG);
    CHECK(form->disable() == RPC_S_OK && form->get(NULL) == NULL);
    CHECK(form->set(handle) == RPC_S_OK && form->get(NULL) == handle);
    CHECK(pattern_holds(block, 500, 38));
    CHECK(form->free(inner) == RPC_S_INVALID_ARG && form->free(block) == RPC_S_OK);
    CHECK(form->disable() == RPC_S_OK && form->get(NULL) == NULL);
    check_end("%s: J38: save, another environment, restore", form->name);
}

static int allocations, frees;
static void *freed;
static char memory[64];
static void *allocate2(size_t byte_count) {
    allocations++;
    return byte_count <= sizeof memory ? memory : NULL;
}
static void free2(void *node) {
    frees++;
    freed = node;
}

static void j39_j40(const struct form *form) {
    RPC_CLIENT_ALLOC *first_allocate, *second_allocate;
    RPC_CLIENT_FREE *first_free, *second_free;
    CHECK(form->swap_pair(allocate2, free2, &first_allocate, &first_free) == RPC_S_OK);
    CHECK(form->swap_pair(first_allocate, first_free, &second_allocate, &second_free) == RPC_S_OK);
    CHECK(second_allocate == allocate2 && second_free == free2);
    allocations = 0;
    void *block = NdrRpcSmClientAllocate(10);
    CHECK(block != NULL && allocations == 0 && RpcSmClientFree(block) == RPC_S_OK);
    check_end("%s: J39: Swap and Swap back", form->name);

    MIDL_STUB_MESSAGE message = {0};
    allocations = frees = 0;
    CHECK(form->set_pair(allocate2, free2) == RPC_S_OK);
    NdrRpcSmSetClientToOsf(&message);
    void *result = message.pfnAllocate(20);
    CHECK(result == memory && allocations == 1);
    CHECK(RpcSmClientFree(result) == RPC_S_OK && frees == 1 && freed == memory);
    CHECK(form->set_pair(NULL, NULL) == RPC_S_OK);
    check_end("%s: J40: ClientFree goes to the free that was set", form->name);
}

static void j41(const struct form *form) {
    for (volatile int raises = 0; raises < 2; raises++) {
        MIDL_STUB_MESSAGE message = {0};
        void *volatile blocks[5] = {NULL};
        NdrRpcSsEnableAllocate(&message);
        RpcTryExcept {
            for (int index = 0; index < 5; index++)
                blocks[index] = form->allocate(30, NULL);
            if (raises)
                RpcRaiseException(RPC_S_CALL_FAILED);
        }
        RpcExcept(EXCEPTION_EXECUTE_HANDLER) { CHECK(raises == 1); }
        RpcEndExcept NdrRpcSsDisableAllocate(&message);
        CHECK(form->get(NULL) == NULL);
        CHECK(form->enable() == RPC_S_OK);
        for (int index = 0; index < 5; index++) {
            CHECK(blocks[index] != NULL);
            CHECK(form->free(blocks[index]) == RPC_S_INVALID_ARG);
        }
        CHECK(form->disable() == RPC_S_OK);
    }
    check_end("%s: J41: the stub's return releases everything", form->name);
}

static void j42(const struct form *form) {
    RPC_STATUS status = UNSET;
    CHECK(form->enable() == RPC_S_OK);
    CHECK(form->allocate((size_t)-1 / 2, &status) == NULL && status == RPC_S_OUT_OF_MEMORY);
    CHECK(form->disable() == RPC_S_OK);
    check_end("%s: J42: SIZE_MAX / 2 gives 14", form->name);
}

void test_vectors(void) {
    for (int index = 0; index < FORM_COUNT; index++) {
        const struct form *form = &forms[index];
        j33_j37(form);
        j34_j35(form);
        j36(form);
        j38(form);
        j39_j40(form);
        j41(form);
        j42(form);
    }
}
