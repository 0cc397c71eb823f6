/* Calls of package.idl: the server allocates in the environment of the call, and the client stubs
 * are sensitive, so that the pair of the client is asked for nothing unless the program sets it as
 * the client pair. */
#include <stdlib.h>
#include <string.h>

#include "calls.h"
#include "graphs.h"
#include "package.h"
#include "rpcss.h"

enum { SEED = 40, COUNT = 3, RAISED_BY_MANAGER = 0x4321 };

static void check_reply(const REPLY *reply) {
    LONG value = SEED;

    CHECK_EQUAL(COUNT, reply->count);
    CHECK_TEXT("reply 40", reply->name);
    CHECK_EQUAL(COUNT, list_count(reply->list));
    for (const NODE *node = reply->list; node; node = node->next)
        CHECK_EQUAL(value++, node->value);
}

/* Frees what a client stub returned, whatever pair it had. */
static void client_free(REPLY *reply) {
    while (reply->list) {
        NODE *next = reply->list->next;

        CHECK_EQUAL(RPC_S_OK, RpcSmClientFree(reply->list));
        reply->list = next;
    }
    CHECK_EQUAL(RPC_S_OK, RpcSmClientFree(reply->name));
}

/* ---- Server: the environment of the call ---- */

static void make_edit(handle_t binding) {
    NODE *list = list_build(5), *second = list->next;

    REMOTE(package_edit(binding, &list));
    CHECK(list->next == second);
    CHECK_EQUAL(2 * 15, list_sum(list));
    list_free(list);
}

static void make_five(handle_t binding) {
    REPLY reply = {0};

    REMOTE(package_five(binding, 0, &reply));
    CHECK_TEXT("two of five", reply.name);
    CHECK_EQUAL(5, list_sum(reply.list));
    client_free(&reply);
}

static void make_five_raised(handle_t binding) {
    REPLY reply = {0};

    REMOTE(package_five(binding, RAISED_BY_MANAGER, &reply));
    CHECK(reply.name == NULL && reply.list == NULL);
}

static void make_nested(handle_t binding) {
    REPLY reply = {0};

    REMOTE(package_nested(binding, 3, SEED, COUNT, &reply));
    check_reply(&reply);
    client_free(&reply);
}

static void raise(handle_t binding, RAISING which) {
    REPLY reply = {0};

    REMOTE(package_raise(binding, which, &reply));
    CHECK(reply.name == NULL && reply.list == NULL);
}

static void make_raise_allocate(handle_t binding) { raise(binding, RAISING_ALLOCATE); }
static void make_raise_detached(handle_t binding) { raise(binding, RAISING_DETACHED); }
static void make_raise_free(handle_t binding) { raise(binding, RAISING_FREE); }
static void make_raise_stale(handle_t binding) { raise(binding, RAISING_STALE_HANDLE); }

/* ---- Client: the pair of a sensitive stub ---- */

static void make_default(handle_t binding) {
    REPLY reply = {0};

    REMOTE(package_make(binding, SEED, COUNT, &reply));
    check_reply(&reply);
    client_free(&reply);
}

static void make_enabled(handle_t binding) {
    REPLY reply = {0};
    char *name;

    CHECK_EQUAL(RPC_S_OK, RpcSmEnableAllocate());
    REMOTE(package_make(binding, SEED, COUNT, &reply));
    check_reply(&reply);
    name = reply.name;
    CHECK_EQUAL(RPC_S_OK, RpcSmClientFree(reply.list->next)); /* one of them early */
    CHECK_EQUAL(RPC_S_INVALID_ARG, RpcSmFree(reply.list->next));
    CHECK_EQUAL(RPC_S_OK, RpcSmDisableAllocate());
    /* All results went with the environment. */
    CHECK_EQUAL(RPC_S_OK, RpcSmEnableAllocate());
    CHECK_EQUAL(RPC_S_INVALID_ARG, RpcSmFree(name));
    CHECK_EQUAL(RPC_S_INVALID_ARG, RpcSmFree(reply.list));
    CHECK_EQUAL(RPC_S_OK, RpcSmDisableAllocate());
}

/* The pair of the program as the client pair: in the ledger's columns. */
static void make_user_pair(handle_t binding) {
    REPLY reply = {0};

    CHECK_EQUAL(RPC_S_OK, RpcSmSetClientAllocFree(MIDL_user_allocate, MIDL_user_free));
    REMOTE(package_make(binding, SEED, COUNT, &reply));
    check_reply(&reply);
    client_free(&reply);
    CHECK_EQUAL(RPC_S_OK, RpcSmSetClientAllocFree(NULL, NULL));
}

static void make_returned(handle_t binding) {
    NODE *list = NULL;

    CHECK_EQUAL(RPC_S_OK, RpcSmSetClientAllocFree(MIDL_user_allocate, MIDL_user_free));
    REMOTE(list = package_returned(binding, COUNT));
    CHECK_EQUAL(COUNT, list_count(list));
    CHECK_EQUAL(6, list_sum(list));
    list_free(list);
    CHECK_EQUAL(RPC_S_OK, RpcSmSetClientAllocFree(NULL, NULL));
}

/* A pair of the test's own, which counts. */
static long allocations, frees;
static void *last_freed;

static void *__RPC_API counted_allocate(size_t byteCount) {
    allocations += 1;
    return malloc(byteCount);
}

static void __RPC_API counted_free(void *block) {
    frees += 1;
    last_freed = block;
    free(block);
}

static void *__RPC_API no_memory(size_t byteCount) {
    (void)byteCount;
    return NULL;
}

static void make_j40(handle_t binding) {
    REPLY reply = {0};
    void *name;

    allocations = frees = 0;
    CHECK_EQUAL(RPC_S_OK, RpcSmSetClientAllocFree(counted_allocate, counted_free));
    REMOTE(package_make(binding, SEED, COUNT, &reply));
    check_reply(&reply);
    CHECK_EQUAL(COUNT + 1, allocations);
    CHECK_EQUAL(0, frees); /* J03 */
    name = reply.name;
    CHECK_EQUAL(RPC_S_OK, RpcSmClientFree(name));
    CHECK_EQUAL(1, frees);
    CHECK(last_freed == name);
    reply.name = NULL;
    client_free(&reply);
    CHECK_EQUAL(COUNT + 2, frees); /* the NULL as well: it is the pair's to decide */
    CHECK_EQUAL(RPC_S_OK, RpcSmSetClientAllocFree(NULL, NULL));
}

/* A library between Swap and Swap: its call uses its pair, the program's own pair comes back. */
static void make_j39(handle_t binding) {
    RPC_CLIENT_ALLOC *allocate = NULL;
    RPC_CLIENT_FREE *release = NULL;
    REPLY reply = {0};

    allocations = frees = 0;
    CHECK_EQUAL(RPC_S_OK, RpcSmSetClientAllocFree(MIDL_user_allocate, MIDL_user_free));
    CHECK_EQUAL(RPC_S_OK,
                RpcSmSwapClientAllocFree(counted_allocate, counted_free, &allocate, &release));
    CHECK(allocate == MIDL_user_allocate && release == MIDL_user_free);
    REMOTE(package_make(binding, SEED, COUNT, &reply));
    check_reply(&reply);
    client_free(&reply);
    CHECK_EQUAL(COUNT + 1, allocations);
    CHECK_EQUAL(COUNT + 1, frees);
    CHECK_EQUAL(RPC_S_OK, RpcSmSwapClientAllocFree(allocate, release, &allocate, &release));
    CHECK(allocate == counted_allocate && release == counted_free);
    memset(&reply, 0, sizeof(reply));
    REMOTE(package_make(binding, SEED, COUNT, &reply));
    client_free(&reply);
    CHECK_EQUAL(COUNT + 1, allocations);
    CHECK_EQUAL(RPC_S_OK, RpcSmSetClientAllocFree(NULL, NULL));
}

static void make_no_memory(handle_t binding) {
    REPLY reply = {0};

    CHECK_EQUAL(RPC_S_OK, RpcSmSetClientAllocFree(no_memory, counted_free));
    REMOTE(package_make(binding, SEED, COUNT, &reply));
    CHECK_EQUAL(RPC_S_OK, RpcSmSetClientAllocFree(NULL, NULL));
}

/* The reply in the client's pair: "reply 40" and the nodes. */
#define REPLY_BLOCKS {COUNT + 1, COUNT * NDR(sizeof(NODE)) + NDR(sizeof("reply 40"))}

static const struct call calls[] = {
    {
        .name = "package_edit",
        .direction = "in,out",
        .make = make_edit,
        .rules = "B.4.2, B.4.4 (stub and manager share), C.2",
        .documented = {[BUILT] = OWN(5, sizeof(NODE))},
    },
    {
        .name = "J41 five blocks",
        .direction = "out",
        .make = make_five,
        .rules = "B.4.2, C.2, J41",
    },
    {
        .name = "J41 and raise",
        .direction = "out",
        .make = make_five_raised,
        .rules = "B.4.2, C.2, E.12, J41",
        .documented = {[RAISED] = {RAISED_BY_MANAGER, 0}},
    },
    {
        .name = "package_nested",
        .direction = "out",
        .make = make_nested,
        .rules = "B.4.2, B.5.2 (inside a manager), B.5.6",
    },
    {
        .name = "raise: Allocate",
        .direction = "out",
        .make = make_raise_allocate,
        .rules = "B.2, E.12",
        .documented = {[RAISED] = {RPC_S_SERVER_OUT_OF_MEMORY, 0}},
    },
    {
        .name = "raise: no environment",
        .direction = "out",
        .make = make_raise_detached,
        .rules = "B.7, E.12",
        .documented = {[RAISED] = {RPC_S_SERVER_OUT_OF_MEMORY, 0}},
    },
    {
        .name = "raise: Free",
        .direction = "out",
        .make = make_raise_free,
        .rules = "B.2, E.12",
        .documented = {[RAISED] = {RPC_S_INVALID_ARG, 0}},
    },
    {
        .name = "raise: stale handle",
        .direction = "out",
        .make = make_raise_stale,
        .rules = "B.4.7, E.12",
        .documented = {[RAISED] = {RPC_S_INVALID_ARG, 0}},
    },
    {
        .name = "default client pair",
        .direction = "out",
        .make = make_default,
        .rules = "B.5.1, B.5.2",
    },
    {
        .name = "client is enabled",
        .direction = "out",
        .make = make_enabled,
        .rules = "B.5.6",
    },
    {
        .name = "client pair: MIDL_user",
        .direction = "out",
        .make = make_user_pair,
        .rules = "B.5.2, J03",
        .documented = {[RECEIVED] = REPLY_BLOCKS},
    },
    {
        .name = "package_returned",
        .direction = "return",
        .make = make_returned,
        .rules = "B.5.2, F.3, J12",
        .documented = {[RECEIVED] = STUB(COUNT, sizeof(NODE))},
    },
    {
        .name = "J40 client pair",
        .direction = "out",
        .make = make_j40,
        .rules = "B.5.5, J40",
    },
    {
        .name = "J39 in a library",
        .direction = "out",
        .make = make_j39,
        .rules = "B.5.4, J39",
        .documented = {[RECEIVED] = REPLY_BLOCKS},
    },
    {
        .name = "client pair: no memory",
        .direction = "out",
        .make = make_no_memory,
        .rules = "A.3, E.12, J02",
        .documented = {[RAISED] = {RPC_X_NO_MEMORY, 0}},
    },
};

const struct call_group package_calls = CALL_GROUP(calls);
