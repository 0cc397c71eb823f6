/* J33 to J38 and J42, and how Enable nests. */
#include <stdint.h>
#include <string.h>

#include "checks.h"
#include "raised.h"
#include "rpcss.h"
#include "vector.h"

enum { BLOCKS = 3 };

static void *allocated(size_t byteCount) {
    RPC_STATUS status = -1;
    void *block = RpcSmAllocate(byteCount, &status);

    CHECK_EQUAL(RPC_S_OK, status);
    CHECK(block != NULL);
    CHECK_EQUAL(0, (uintptr_t)block % 16);
    if (block)
        memset(block, 0x5a, byteCount);
    return block;
}

void vector_no_environment(void) {
    RPC_STATUS status = -1;

    CHECK(RpcSmAllocate(16, &status) == NULL);
    CHECK_EQUAL(RPC_S_OUT_OF_MEMORY, status);
    CHECK(RpcSmAllocate(16, NULL) == NULL);
    CHECK_EQUAL(RPC_S_OUT_OF_MEMORY, RAISED(RpcSsAllocate(16)));
    CHECK_EQUAL(RPC_S_OK, RpcSmDisableAllocate()); /* B.6: nothing to leave, no harm */
}

/* Released: in the next environment, before it has allocated, they are no blocks. */
static void check_released(void **blocks, int count) {
    CHECK_EQUAL(RPC_S_OK, RpcSmEnableAllocate());
    for (int i = 0; i < count; i++)
        CHECK_EQUAL(RPC_S_INVALID_ARG, RpcSmFree(blocks[i]));
    CHECK_EQUAL(RPC_S_OK, RpcSmDisableAllocate());
}

void vector_disable_releases(void) {
    void *blocks[BLOCKS];

    CHECK_EQUAL(RPC_S_OK, RpcSmEnableAllocate());
    for (int i = 0; i < BLOCKS; i++)
        blocks[i] = allocated((size_t)100 << 5 * i); /* 100, 3 KB, 100 KB */
    CHECK_EQUAL(RPC_S_OK, RpcSmDisableAllocate());
    check_released(blocks, BLOCKS);
}

void vector_free_once(void) {
    void *block;

    CHECK_EQUAL(RPC_S_OK, RpcSmEnableAllocate());
    block = allocated(40);
    CHECK_EQUAL(RPC_S_OK, RpcSmFree(block));
    CHECK_EQUAL(RPC_S_INVALID_ARG, RpcSmFree(block));
    CHECK_EQUAL(RPC_S_OK, RpcSmFree(NULL));
    CHECK_EQUAL(RPC_S_OK, RpcSmDisableAllocate());
    check_released(&block, 1);
}

struct shared {
    RPC_SS_THREAD_HANDLE handle;
    void *block;
};

static DWORD WINAPI borrow(void *argument) {
    struct shared *shared = argument;

    CHECK(RpcSmGetThreadHandle(NULL) == NULL);
    CHECK_EQUAL(RPC_S_OK, RpcSmSetThreadHandle(shared->handle));
    CHECK(RpcSmGetThreadHandle(NULL) == shared->handle);
    shared->block = allocated(64);
    return 0;
}

void vector_other_thread(void) {
    struct shared shared;
    HANDLE thread;

    CHECK_EQUAL(RPC_S_OK, RpcSmEnableAllocate());
    shared.handle = RpcSmGetThreadHandle(NULL);
    shared.block = NULL;
    thread = CreateThread(NULL, 0, borrow, &shared, 0, NULL);
    CHECK_EQUAL(WAIT_OBJECT_0, WaitForSingleObject(thread, 10000));
    CloseHandle(thread);
    if (shared.block) /* it outlives the thread that allocated it */
        CHECK_EQUAL(0x5a, ((unsigned char *)shared.block)[63]);
    CHECK_EQUAL(RPC_S_OK, RpcSmDisableAllocate());
    check_released(&shared.block, 1);
    CHECK_EQUAL(RPC_S_INVALID_ARG, RpcSmSetThreadHandle(shared.handle));
}

void vector_no_handle(void) {
    RPC_STATUS status = -1;

    CHECK(RpcSmGetThreadHandle(&status) == NULL);
    CHECK_EQUAL(RPC_S_OK, status);
    CHECK(RpcSsGetThreadHandle() == NULL);
}

void vector_save_and_restore(void) {
    RPC_SS_THREAD_HANDLE handle;
    char *kept;

    CHECK_EQUAL(RPC_S_OK, RpcSmEnableAllocate());
    kept = allocated(50);
    handle = RpcSmGetThreadHandle(NULL);
    CHECK_EQUAL(RPC_S_OK, RpcSmSetThreadHandle(NULL));
    CHECK(RpcSmGetThreadHandle(NULL) == NULL);
    CHECK_EQUAL(RPC_S_OK, RpcSmEnableAllocate());
    CHECK(RpcSmGetThreadHandle(NULL) != handle);
    allocated(50);
    CHECK_EQUAL(RPC_S_INVALID_ARG, RpcSmFree(kept)); /* another environment's */
    CHECK_EQUAL(RPC_S_OK, RpcSmDisableAllocate());
    CHECK_EQUAL(RPC_S_OK, RpcSmSetThreadHandle(handle));
    CHECK(RpcSmGetThreadHandle(NULL) == handle);
    CHECK_EQUAL(0x5a, kept[49]);
    CHECK_EQUAL(RPC_S_OK, RpcSmFree(kept));
    CHECK_EQUAL(RPC_S_OK, RpcSmDisableAllocate());
}

void vector_too_large(void) {
    RPC_STATUS status = -1;

    CHECK_EQUAL(RPC_S_OK, RpcSmEnableAllocate());
    CHECK(RpcSmAllocate(SIZE_MAX / 2, &status) == NULL);
    CHECK_EQUAL(RPC_S_OUT_OF_MEMORY, status);
    CHECK_EQUAL(RPC_S_OUT_OF_MEMORY, RAISED(RpcSsAllocate(SIZE_MAX / 2)));
    allocated(32); /* the environment is still of use */
    CHECK_EQUAL(RPC_S_OK, RpcSmDisableAllocate());
}

void vector_nested_enable(void) {
    void *block;

    CHECK_EQUAL(RPC_S_OK, RpcSmEnableAllocate());
    block = allocated(24);
    CHECK_EQUAL(0, RAISED(RpcSsEnableAllocate()));
    CHECK_EQUAL(0, RAISED(RpcSsDisableAllocate()));
    CHECK_EQUAL(RPC_S_OK, RpcSmFree(block)); /* the inner Disable released nothing */
    CHECK_EQUAL(RPC_S_OK, RpcSmDisableAllocate());
}
