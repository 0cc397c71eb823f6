/*
 * test_contents.c - blocks of every size are aligned and do not disturb each other.
 */
#include "package.h"

#include <stdint.h>
#include <stdlib.h>

static void every_size(void) {
    CHECK(RpcSmEnableAllocate() == RPC_S_OK);
    for (size_t byte_count = 0; byte_count <= 70000; byte_count++) {
        char *block = sm_allocate(byte_count);
        if (!CHECK(block != NULL && (uintptr_t)block % 16 == 0))
            break;
        if (byte_count > 0) {
            block[0] = 1;
            block[byte_count - 1] = 2;
        }
        if (byte_count % 16 == 3)
            CHECK(RpcSmFree(block) == RPC_S_OK);
        else if (byte_count > 20000)
            CHECK(RpcSmFree(block) == RPC_S_OK);
    }
    CHECK(RpcSmDisableAllocate() == RPC_S_OK);
    check_end("sizes 0 to 70000, aligned to 16");
}

static void large(void) {
    static const size_t counts[] = {65536,     65537,   100000,   1 << 20,
                                    1 << 21,   5000000, 32 << 20, (32 << 20) + 1,
                                    200 << 20, 70001,   131072,   (1 << 20) - 1};
    enum { COUNT = sizeof counts / sizeof counts[0] };
    void *blocks[COUNT];
    CHECK(RpcSmEnableAllocate() == RPC_S_OK);
    for (int index = 0; index < COUNT; index++) {
        blocks[index] = sm_allocate(counts[index]);
        if (CHECK(blocks[index] != NULL && (uintptr_t)blocks[index] % 16 == 0))
            pattern_fill(blocks[index], counts[index], index + 1u);
    }
    for (int index = 0; index < COUNT; index++)
        CHECK(pattern_holds(blocks[index], counts[index], index + 1u));
    for (int index = 0; index < COUNT; index += 2)
        CHECK(RpcSmFree(blocks[index]) == RPC_S_OK);
    for (int index = 1; index < COUNT; index += 2)
        CHECK(pattern_holds(blocks[index], counts[index], index + 1u));
    CHECK(RpcSmDisableAllocate() == RPC_S_OK);
    check_end("large blocks keep their contents");
}

enum { MODEL = 3000 };
struct model {
    char *block;
    size_t byte_count;
    uint64_t seed;
};

/* Random allocations and frees; each block's contents are looked at before it is freed. */
static void against_model(uint64_t seed, size_t limit, bool is_shared) {
    static struct model model[MODEL];
    struct random random = {seed};
    CHECK(RpcSmEnableAllocate() == RPC_S_OK);
    if (is_shared)
        CHECK(RpcSmGetThreadHandle(NULL) != NULL);
    for (int index = 0; index < MODEL; index++)
        model[index].block = NULL;
    for (int step = 0; step < TIMES(60000) && !check_failed(); step++) {
        struct model *at = &model[random_below(&random, MODEL)];
        if (at->block != NULL) {
            CHECK(pattern_holds(at->block, at->byte_count, at->seed));
            CHECK(RpcSmFree(at->block) == RPC_S_OK);
            CHECK(step % 64 != 0 || RpcSmFree(at->block) == RPC_S_INVALID_ARG);
            at->block = NULL;
        } else {
            at->byte_count = random_byte_count(&random, limit);
            at->seed = random_next(&random);
            at->block = sm_allocate(at->byte_count);
            if (CHECK(at->block != NULL && (uintptr_t)at->block % 16 == 0))
                pattern_fill(at->block, at->byte_count, at->seed);
        }
    }
    for (int index = 0; index < MODEL; index++)
        if (model[index].block != NULL)
            CHECK(pattern_holds(model[index].block, model[index].byte_count, model[index].seed));
    CHECK(RpcSmDisableAllocate() == RPC_S_OK);
    check_end("random blocks below %zu bytes against a model%s", limit,
              is_shared ? ", environment with a handle" : "");
}

/* Two environments at once, their chunks from one store. */
static void two_environments(void) {
    enum { COUNT = 2000 };
    static char *blocks[2][COUNT];
    RPC_SS_THREAD_HANDLE handles[2];
    for (int which = 0; which < 2; which++) {
        CHECK(RpcSmSetThreadHandle(NULL) == RPC_S_OK && RpcSmEnableAllocate() == RPC_S_OK);
        handles[which] = RpcSmGetThreadHandle(NULL);
    }
    for (int index = 0; index < COUNT; index++)
        for (int which = 0; which < 2; which++) {
            CHECK(RpcSmSetThreadHandle(handles[which]) == RPC_S_OK);
            blocks[which][index] = sm_allocate(200);
            pattern_fill(blocks[which][index], 200, (uint64_t)(index * 2 + which + 1));
        }
    CHECK(RpcSmSetThreadHandle(handles[0]) == RPC_S_OK && RpcSmDisableAllocate() == RPC_S_OK);
    CHECK(RpcSmEnableAllocate() == RPC_S_OK);
    for (int index = 0; index < COUNT; index++)
        pattern_fill(sm_allocate(200), 200, 77);
    for (int index = 0; index < COUNT; index++)
        CHECK(pattern_holds(blocks[1][index], 200, (uint64_t)(index * 2 + 2)));
    CHECK(RpcSmDisableAllocate() == RPC_S_OK);
    CHECK(RpcSmSetThreadHandle(handles[1]) == RPC_S_OK && RpcSmDisableAllocate() == RPC_S_OK);
    check_end("environments side by side keep their contents");
}

void test_contents(void) {
    every_size();
    if (!SANITIZED)
        large();
    against_model(1, 200, false);
    against_model(2, 3000, true);
    against_model(3, 20000, false);
    against_model(4, 100000, true);
    two_environments();
}
