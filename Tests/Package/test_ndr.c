/*
 * test_ndr.c - J43 and J44: an engine's NdrAllocate on the pair that the hook puts into the
 * message, and its list released with the environment.
 */
#include "stub_engine.h"

#include "package.h"

#include <string.h>

/* The engine's message and the header's are one layout; the library sees it as its own. */
static PMIDL_STUB_MESSAGE message_of(struct stub *stub) { return (void *)&stub->message; }

static const struct stub_descriptor descriptor = {.pfnAllocate = midl_user_allocate,
                                                  .pfnFree = midl_user_free};

static void trailers(void) {
    static struct stub stub;
    stub_begin(&stub, &descriptor, false);
    NdrRpcSsEnableAllocate(message_of(&stub));
    CHECK(stub.message.pfnAllocate == RpcSsAllocate && stub.message.pfnFree == RpcSsFree);
    char *ten = NdrAllocate(&stub, 10), *more = NdrAllocate(&stub, 24);
    const struct memory_list_entry *of_ten = (void *)(ten + 16), *of_more = (void *)(more + 24);
    CHECK(of_ten->magic == MEMORY_LIST_MAGIC && of_more->magic == MEMORY_LIST_MAGIC);
    CHECK(of_ten->size == 16 && of_more->size == 24);
    CHECK(of_ten->reserved == 0 && of_more->reserved == 0);
    CHECK(stub.message.pMemoryList == of_more && of_more->next == of_ten && of_ten->next == NULL);
    CHECK(RpcSmFree(ten) == RPC_S_OK && RpcSmFree(more + 16) == RPC_S_INVALID_ARG);
    NdrRpcSsDisableAllocate(message_of(&stub));
    CHECK(stub.message.pfnAllocate == descriptor.pfnAllocate);
    CHECK(stub.message.pfnFree == descriptor.pfnFree);
    check_end("J43: trailers of NdrAllocate in an environment");
}

static int calls;
static void *counted(size_t byte_count) {
    calls++;
    return RpcSsAllocate(byte_count);
}

static void wrapping(void) {
    static struct stub stub;
    stub_begin(&stub, &descriptor, false);
    NdrRpcSsEnableAllocate(message_of(&stub));
    stub.message.pfnAllocate = counted;
    if (setjmp(stub.handler) == 0)
        CHECK(NdrAllocate(&stub, SIZE_MAX - 3) == NULL && !"it raises");
    else
        CHECK(stub.exception == 1783 && calls == 0);
    NdrRpcSsDisableAllocate(message_of(&stub));
    check_end("J44: NdrAllocate near SIZE_MAX raises 1783 and allocates nothing");
}

/* The allocator itself raises 14: nothing of the engine is between it and the handler. */
static void no_memory(void) {
    static struct stub stub;
    volatile RPC_STATUS raised = RPC_S_OK;
    stub_begin(&stub, &descriptor, false);
    NdrRpcSsEnableAllocate(message_of(&stub));
    RpcTryExcept { NdrAllocate(&stub, SIZE_MAX / 2); }
    RpcExcept(EXCEPTION_EXECUTE_HANDLER) { raised = RpcExceptionCode(); }
    RpcEndExcept CHECK(raised == RPC_S_OUT_OF_MEMORY);
    CHECK(NdrAllocate(&stub, 100) != NULL);
    NdrRpcSsDisableAllocate(message_of(&stub));
    CHECK(RpcSmGetThreadHandle(NULL) == NULL);
    check_end("NdrAllocate without memory raises 14 and the call goes on");
}

void test_ndr(void) {
    trailers();
    wrapping();
    no_memory();
}
