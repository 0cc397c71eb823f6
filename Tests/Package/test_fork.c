/*
 * test_fork.c - the child of a program whose threads are in the middle of environments.
 *
 * In the child there is one thread. Its own environments are usable, those of the threads that are
 * not there are gone. A child that hangs is ended by its time limit, which is a failure.
 */
#include "package.h"
#include "tap.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORKERS = 3, PLACES = 64, OWN = 100 };
static _Atomic(RPC_SS_THREAD_HANDLE) main_handle, worker_handle;
static _Atomic(void *) places[PLACES];
static atomic_bool stop;

/* In the forking thread's environment, large blocks too: its lists change all the time. It is a new
 * one for each fork, so anything may have gone meanwhile. */
static void *in_mains(void *seed) {
    struct random random = {(uint64_t)(uintptr_t)seed};
    while (!atomic_load(&stop)) {
        RPC_STATUS status = RpcSmSetThreadHandle(atomic_load(&main_handle));
        CHECK(status == RPC_S_OK || status == RPC_S_INVALID_ARG);
        for (int step = 0; step < 300 && status == RPC_S_OK; step++) {
            void *block = sm_allocate(random_byte_count(&random, step % 8 ? 2000 : 200000));
            RpcSmFree(atomic_exchange(&places[random_below(&random, PLACES)], block));
        }
        CHECK(RpcSmSetThreadHandle(NULL) == RPC_S_OK);
    }
    return NULL;
}

/* Environments of its own, the first of which goes on. */
static void *in_own(void *unused) {
    CHECK(RpcSmEnableAllocate() == RPC_S_OK);
    atomic_store(&worker_handle, RpcSmGetThreadHandle(NULL));
    while (!atomic_load(&stop)) {
        CHECK(RpcSmFree(sm_allocate(100)) == RPC_S_OK);
        MIDL_STUB_MESSAGE message = {0};
        NdrRpcSsEnableAllocate(&message);
        for (int index = 0; index < 200; index++)
            CHECK(sm_allocate(700) != NULL);
        CHECK(RpcSmGetThreadHandle(NULL) != NULL);
        NdrRpcSsDisableAllocate(&message);
    }
    return unused;
}

static char *own[OWN];

static void *in_child_thread(void *handle) {
    CHECK(RpcSmSetThreadHandle(handle) == RPC_S_OK);
    CHECK(RpcSmFree(own[0]) == RPC_S_OK);
    CHECK(sm_allocate(5000) != NULL);
    CHECK(RpcSmEnableAllocate() == RPC_S_OK && sm_allocate(100) != NULL);
    return NULL;
}

static void use_environment(void) {
    static void *blocks[400];
    struct random random = {77};
    for (int index = 0; index < 400; index++) {
        size_t byte_count = random_byte_count(&random, index % 50 ? 3000 : 300000);
        blocks[index] = sm_allocate(byte_count);
        if (CHECK(blocks[index] != NULL))
            pattern_fill(blocks[index], byte_count, 5);
    }
    for (int index = 0; index < 400; index += 2)
        CHECK(RpcSmFree(blocks[index]) == RPC_S_OK);
}

static void child_of_owner(void) {
    RPC_SS_THREAD_HANDLE handle = atomic_load(&main_handle);
    CHECK(RpcSmSetThreadHandle(atomic_load(&worker_handle)) == RPC_S_INVALID_ARG);
    CHECK(RpcSmGetThreadHandle(NULL) == handle);
    for (int index = 0; index < OWN; index++)
        CHECK(pattern_holds(own[index], 300, index + 1u));
    for (int index = 1; index < OWN; index++)
        CHECK(RpcSmFree(own[index]) == RPC_S_OK);
    use_environment();
    thread_join(thread_start(in_child_thread, handle));
    CHECK(RpcSmDisableAllocate() == RPC_S_OK && RpcSmGetThreadHandle(NULL) == NULL);
    CHECK(RpcSmSetThreadHandle(handle) == RPC_S_INVALID_ARG);
    for (int call = 0; call < 2; call++) {
        CHECK(RpcSmEnableAllocate() == RPC_S_OK && RpcSmGetThreadHandle(NULL) != NULL);
        use_environment();
        CHECK(RpcSmDisableAllocate() == RPC_S_OK);
    }
}

static bool fork_once(void (*body)(void)) {
    int status = -1;
    pid_t child = fork();
    if (child == 0) {
        limit_time(60);
        body();
        check_exit();
    }
    bool ended = waitpid(child, &status, 0) == child;
    if (WIFSIGNALED(status))
        tap_note("the child died of signal %d", WTERMSIG(status));
    return ended && status == 0;
}

static void fork_from_new_environment(void) {
    CHECK(RpcSmEnableAllocate() == RPC_S_OK);
    for (int index = 0; index < OWN; index++) {
        own[index] = sm_allocate(300);
        pattern_fill(own[index], 300, index + 1u);
    }
    atomic_store(&main_handle, RpcSmGetThreadHandle(NULL));
    usleep(2000); /* for the others to be in the middle of it */
    CHECK(fork_once(child_of_owner));
    for (int index = 0; index < OWN; index++)
        CHECK(pattern_holds(own[index], 300, index + 1u));
    CHECK(RpcSmDisableAllocate() == RPC_S_OK);
}

static void with_busy_threads(void) {
    pthread_t threads[WORKERS];
    for (int index = 0; index < WORKERS; index++)
        threads[index] =
            thread_start(index == 0 ? in_own : in_mains, (void *)(uintptr_t)(index + 1));
    while (atomic_load(&worker_handle) == NULL)
        sched_yield();
    for (int count = 0; count < (WATCHED ? 10 : 200) && !check_failed(); count++)
        fork_from_new_environment();
    atomic_store(&stop, true);
    for (int index = 0; index < WORKERS; index++)
        thread_join(threads[index]);
    check_end("the own environment is usable in the child, others are gone");
}

/* ---- What stands in an environment that the child keeps or loses ---- */

static char *by_other, *large_by_other;
static _Atomic int stage;

static void *leaves_block(void *handle) {
    CHECK(RpcSmSetThreadHandle(handle) == RPC_S_OK);
    by_other = sm_allocate(100);
    large_by_other = sm_allocate(100000);
    atomic_store(&stage, 1);
    while (atomic_load(&stage) < 2)
        sched_yield();
    return NULL;
}

static void child_has_others_blocks(void) {
    CHECK(RpcSmFree(large_by_other) == RPC_S_OK);
    CHECK(RpcSmFree(by_other) == RPC_S_OK);
    CHECK(RpcSmFree(by_other) == RPC_S_INVALID_ARG);
}

static void others_blocks(void) {
    CHECK(RpcSmEnableAllocate() == RPC_S_OK);
    atomic_store(&stage, 0);
    pthread_t thread = thread_start(leaves_block, RpcSmGetThreadHandle(NULL));
    while (atomic_load(&stage) < 1)
        sched_yield();
    CHECK(fork_once(child_has_others_blocks));
    atomic_store(&stage, 2);
    thread_join(thread);
    CHECK(RpcSmDisableAllocate() == RPC_S_OK);
    check_end("blocks that another thread made in the own environment are live in the child");
}

static void child_is_orphan(void) {
    RPC_STATUS status = UNSET;
    CHECK(RpcSmGetThreadHandle(NULL) == NULL);
    CHECK(RpcSmAllocate(16, &status) == NULL && status == RPC_S_OUT_OF_MEMORY);
    CHECK(RpcSmAllocate(100000, &status) == NULL && status == RPC_S_OUT_OF_MEMORY);
    CHECK(RpcSmFree(by_other) == RPC_S_OUT_OF_MEMORY);
    CHECK(RpcSmEnableAllocate() == RPC_S_OK && sm_allocate(10) != NULL);
    CHECK(RpcSmDisableAllocate() == RPC_S_OK);
}

static void *forks_attached(void *handle) {
    CHECK(RpcSmSetThreadHandle(handle) == RPC_S_OK);
    by_other = sm_allocate(16);
    CHECK(fork_once(child_is_orphan));
    CHECK(RpcSmFree(by_other) == RPC_S_OK);
    return NULL;
}

static void attached_thread_forks(void) {
    CHECK(RpcSmEnableAllocate() == RPC_S_OK);
    thread_join(thread_start(forks_attached, RpcSmGetThreadHandle(NULL)));
    CHECK(RpcSmDisableAllocate() == RPC_S_OK);
    check_end("the child of an attached thread gets 14: the owner is not there");
}

void test_fork(void) {
    others_blocks();
    attached_thread_forks();
    with_busy_threads();
}
