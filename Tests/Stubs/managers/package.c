/* Server side of package.idl. Stub and manager share the environment of the call: what one
 * allocated the other may free. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "checks.h"
#include "package.h"
#include "rpcexcept.h"
#include "rpcss.h"
#include "transport/binding.h"

/* So much that a call that releases nothing is seen in the server's memory. */
enum { UNREACHED_BYTES = 20000 };
enum { ARRIVAL_LIMIT_MS = 50, MEETING_LIMIT_MS = 20000 };

static void *allocated(size_t byteCount) {
    RPC_STATUS status = -1;
    void *block = RpcSmAllocate(byteCount, &status);

    CHECK_EQUAL(RPC_S_OK, status);
    CHECK(block != NULL);
    CHECK_EQUAL(0, (uintptr_t)block % 16);
    return block;
}

static NODE *node(LONG value, NODE *next) {
    NODE *node = RpcSsAllocate(sizeof(*node));

    node->value = value;
    node->next = next;
    return node;
}

static NODE *ascending(LONG first, LONG count) {
    NODE *head = NULL;

    for (LONG value = first + count - 1; value >= first; value--)
        head = node(value, head);
    return head;
}

static char *reply_name(LONG seed) {
    char *name = allocated(24);

    snprintf(name, 24, "reply %ld", (long)seed);
    return name;
}

static void fill(REPLY *reply, LONG seed, LONG count) {
    reply->count = count;
    reply->name = reply_name(seed);
    reply->list = ascending(seed, count);
}

void __cdecl package_edit(handle_t binding, NODE **list) {
    int replaces = 0;

    (void)binding;
    CHECK(*list != NULL);
    for (NODE **link = list; *link; link = &(*link)->next, replaces = !replaces) {
        NODE *old = *link;

        old->value *= 2;
        if (!replaces)
            continue;
        *link = node(old->value, old->next);
        CHECK_EQUAL(RPC_S_OK, RpcSmFree(old)); /* the stub's block */
    }
    memset(allocated(UNREACHED_BYTES), 1, UNREACHED_BYTES);
}

void __cdecl package_make(handle_t binding, LONG seed, LONG count, REPLY *reply) {
    (void)binding;
    CHECK(reply->name == NULL && reply->list == NULL); /* E.7 */
    fill(reply, seed, count);
    memset(allocated(UNREACHED_BYTES), 1, UNREACHED_BYTES);
}

NODE *__cdecl package_returned(handle_t binding, LONG count) {
    (void)binding;
    CHECK(count > 0);
    return ascending(1, count);
}

void __cdecl package_five(handle_t binding, LONG exception, REPLY *reply) {
    static const size_t byteCounts[5] = {24, sizeof(NODE), 1, 1000, 100000};
    char *blocks[5];

    (void)binding;
    for (int i = 0; i < 5; i++) {
        blocks[i] = allocated(byteCounts[i]);
        memset(blocks[i], i, byteCounts[i]);
    }
    for (int i = 0; i < 5; i++)
        CHECK(blocks[i][0] == i && blocks[i][byteCounts[i] - 1] == i);
    reply->count = 1;
    reply->name = strcpy(blocks[0], "two of five");
    reply->list = (NODE *)blocks[1];
    *reply->list = (NODE){5, NULL};
    if (exception)
        RpcRaiseException(exception);
}

/* The client stub of package_nested in this program, which widl gives a prefix. */
void __cdecl self_package_nested(handle_t binding, LONG depth, LONG seed, LONG count, REPLY *reply);

void __cdecl package_nested(handle_t binding, LONG depth, LONG seed, LONG count, REPLY *reply) {
    RPC_SS_THREAD_HANDLE handle = RpcSmGetThreadHandle(NULL);
    handle_t self;

    (void)binding;
    CHECK(handle != NULL);
    if (depth == 0) {
        fill(reply, seed, count);
        return;
    }
    self = bind_to_self();
    /* The client stub, too, allocates in the environment of this call (B.5.6): its blocks become
     * [out] data of this one as they are. */
    RpcTryFinally { self_package_nested(self, depth - 1, seed, count, reply); }
    RpcFinally { RpcBindingFree(&self); }
    RpcEndFinally CHECK(RpcSmGetThreadHandle(NULL) == handle);
    CHECK_EQUAL(RPC_S_OK, RpcSmFree(reply->name));
    reply->name = reply_name(seed);
}

static RPC_SS_THREAD_HANDLE stale_handle(void) {
    RPC_SS_THREAD_HANDLE of_call = RpcSmGetThreadHandle(NULL), stale;

    CHECK_EQUAL(RPC_S_OK, RpcSmSetThreadHandle(NULL));
    CHECK_EQUAL(RPC_S_OK, RpcSmEnableAllocate());
    stale = RpcSmGetThreadHandle(NULL);
    CHECK(stale != NULL && stale != of_call);
    CHECK_EQUAL(RPC_S_OK, RpcSmDisableAllocate());
    CHECK_EQUAL(RPC_S_OK, RpcSmSetThreadHandle(of_call));
    return stale;
}

void __cdecl package_raise(handle_t binding, RAISING which, REPLY *reply) {
    long foreign[4] = {0};

    (void)binding;
    CHECK(which < RAISING_COUNT);
    /* Without its environment the freeing pass could free nothing. */
    if (which != RAISING_DETACHED)
        fill(reply, 1, 3);
    switch (which) {
    case RAISING_ALLOCATE:
        RpcSsAllocate(SIZE_MAX / 2);
        break;
    case RAISING_DETACHED:
        RpcSsSetThreadHandle(NULL);
        RpcSsAllocate(1);
        break;
    case RAISING_FREE:
        RpcSsFree(foreign);
        break;
    case RAISING_STALE_HANDLE:
        RpcSsSetThreadHandle(stale_handle());
        break;
    default:
        break;
    }
    CHECK(!"a return from what raises");
}

/* ---- Two calls at once ---- */

static SRWLOCK meeting = SRWLOCK_INIT;
static CONDITION_VARIABLE arrival = CONDITION_VARIABLE_INIT;
static LONG meetings;
static BOOL one_waits;
static RPC_SS_THREAD_HANDLE handles[2]; /* of who waited, of who came */

/* Waits for the other and returns the handle of its environment, NULL if it does not come. */
static RPC_SS_THREAD_HANDLE meet(RPC_SS_THREAD_HANDLE handle, DWORD limit_ms) {
    RPC_SS_THREAD_HANDLE others = NULL;
    LONG before;
    BOOL in_time = TRUE;

    AcquireSRWLockExclusive(&meeting);
    before = meetings;
    if (one_waits) {
        one_waits = FALSE;
        meetings += 1;
        handles[1] = handle;
        others = handles[0];
        WakeAllConditionVariable(&arrival);
    } else {
        one_waits = TRUE;
        handles[0] = handle;
        while (meetings == before && in_time)
            in_time = SleepConditionVariableSRW(&arrival, &meeting, limit_ms, 0);
        if (meetings == before)
            one_waits = FALSE;
        else
            others = handles[1];
    }
    ReleaseSRWLockExclusive(&meeting);
    return others;
}

/* The first wait is short, and the client tries again: a call that waits keeps a thread of Wine's
 * pool, which does not always make another for a call that the first waits for. */
LONG __cdecl package_meet(handle_t binding, LONG seed, LONG count) {
    RPC_SS_THREAD_HANDLE handle = RpcSmGetThreadHandle(NULL), others;
    NODE *list = ascending(seed, count);

    (void)binding;
    CHECK(handle != NULL);
    others = meet(handle, ARRIVAL_LIMIT_MS);
    if (!others)
        return 0;
    CHECK(handle != others);
    /* From here on both allocate and free. */
    for (int round = 0; round < 10; round++)
        for (NODE *step = list; step; step = step->next) {
            char *block = allocated((size_t)step->value % 2000);

            CHECK_EQUAL(RPC_S_OK, RpcSmFree(block));
        }
    others = meet(handle, MEETING_LIMIT_MS);
    for (NODE *step = list; step; step = step->next)
        CHECK_EQUAL(seed++, step->value);
    return others != NULL;
}
