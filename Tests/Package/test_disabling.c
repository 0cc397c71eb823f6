/*
 * test_disabling.c - the owner disables an environment while other threads allocate in it.
 *
 * The others write only to blocks that they made while they knew the environment to be there: once
 * it is disabled the memory is somebody else's.
 */
#include "package.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>

enum { MOST_THREADS = 6 };

/* The environment of the round: its handle, and the last round that has been disabled. */
static _Atomic(RPC_SS_THREAD_HANDLE) current;
static atomic_int round_begun, round_ended;
static atomic_bool stop;

static void expect_gone(void *block) {
    RPC_STATUS status = UNSET;
    CHECK(RpcSmAllocate(32, &status) == NULL && status == RPC_S_OUT_OF_MEMORY);
    CHECK(RpcSmAllocate(100000, &status) == NULL && status == RPC_S_OUT_OF_MEMORY);
    CHECK(RpcSmAllocate(0, NULL) == NULL);
    CHECK(RpcSmFree(NULL) == RPC_S_OK);
    if (block != NULL)
        CHECK(RpcSmFree(block) == RPC_S_OUT_OF_MEMORY);
    CHECK(RpcSmGetThreadHandle(&status) == NULL && status == RPC_S_OK);
}

/* Allocates and frees until told that the environment is gone, then must be told so by it. */
static void *hammer(void *seed) {
    struct random random = {(uint64_t)(uintptr_t)seed};
    while (!atomic_load_explicit(&stop, memory_order_relaxed)) {
        int round = atomic_load_explicit(&round_begun, memory_order_acquire);
        RPC_SS_THREAD_HANDLE handle = atomic_load_explicit(&current, memory_order_relaxed);
        if (handle == NULL || atomic_load_explicit(&round_ended, memory_order_acquire) >= round) {
            sched_yield();
            continue;
        }
        RPC_STATUS status = RpcSmSetThreadHandle(handle);
        CHECK(status == RPC_S_OK || status == RPC_S_INVALID_ARG);
        if (status != RPC_S_OK)
            continue;
        void *last = NULL;
        bool was_gone = false;
        for (int step = 0; step < 3000; step++) {
            if (atomic_load_explicit(&round_ended, memory_order_acquire) >= round) {
                expect_gone(last);
                break;
            }
            status = UNSET;
            void *block = RpcSmAllocate(random_byte_count(&random, 6000), &status);
            CHECK(status == (block == NULL ? RPC_S_OUT_OF_MEMORY : RPC_S_OK));
            /* Once gone, gone for ever. */
            CHECK(!was_gone || block == NULL);
            was_gone = was_gone || block == NULL;
            if (last != NULL && step % 3 != 0) {
                status = RpcSmFree(last);
                CHECK(status == RPC_S_OUT_OF_MEMORY || (status == RPC_S_OK && !was_gone));
                last = NULL;
            }
            if (block != NULL)
                last = block;
        }
        if (random_below(&random, 2) == 0)
            CHECK(RpcSmSetThreadHandle(NULL) == RPC_S_OK);
        else if (random_below(&random, 2) == 0)
            CHECK(RpcSmDisableAllocate() == RPC_S_OK);
        /* else attached still, to the next by way of the one that is gone */
    }
    return NULL;
}

enum { OWN_BLOCKS = 60 };

static void run_round(int round, const struct form *form, bool by_stub) {
    char *own[OWN_BLOCKS];
    MIDL_STUB_MESSAGE message = {0};
    struct random random = {(uint64_t)round + 1};
    if (by_stub)
        NdrRpcSsEnableAllocate(&message);
    else
        CHECK(form->enable() == RPC_S_OK);
    RPC_SS_THREAD_HANDLE handle = form->get(NULL);
    CHECK(handle != NULL);
    atomic_store_explicit(&current, handle, memory_order_relaxed);
    atomic_store_explicit(&round_begun, round, memory_order_release);
    /* What the others did to the environment before must not show in this one. */
    for (int index = 0; index < OWN_BLOCKS; index++) {
        own[index] = form->allocate(100 + 61u * index, NULL);
        if (CHECK(own[index] != NULL))
            pattern_fill(own[index], 100 + 61u * index, 1000u * round + index);
        if (index % 16 == 0)
            sched_yield();
    }
    for (size_t spins = random_below(&random, 20); spins > 0; spins--)
        sched_yield();
    for (int index = 0; index < OWN_BLOCKS; index++)
        CHECK(pattern_holds(own[index], 100 + 61u * index, 1000u * round + index));
    for (int index = 0; index < OWN_BLOCKS; index += 3)
        CHECK(form->free(own[index]) == RPC_S_OK);
    if (by_stub)
        NdrRpcSsDisableAllocate(&message);
    else
        CHECK(form->disable() == RPC_S_OK);
    atomic_store_explicit(&round_ended, round, memory_order_release);
}

static void rounds(int thread_count, int count, const struct form *form, bool by_stub) {
    static int last_round;
    pthread_t threads[MOST_THREADS];
    atomic_store(&stop, false);
    atomic_store(&current, NULL);
    for (int index = 0; index < thread_count; index++)
        threads[index] = thread_start(hammer, (void *)(uintptr_t)(index + 1));
    for (int round = 0; round < count && !check_failed(); round++)
        run_round(++last_round, form, by_stub);
    atomic_store(&stop, true);
    for (int index = 0; index < thread_count; index++)
        thread_join(threads[index]);
    check_end("%s disables, %d times, while %d threads are attached",
              by_stub ? "a stub" : form->name, count, thread_count);
}

/* ---- One thing after the other ---- */

static RPC_SS_THREAD_HANDLE handed_over;
static _Atomic int stage;
static void *foreign_block, *own_block;

static void wait_for(int wanted) {
    while (atomic_load(&stage) < wanted)
        sched_yield();
}

static void *stays_attached(void *argument) {
    const struct form *form = argument;
    wait_for(1);
    CHECK(form->set(handed_over) == RPC_S_OK);
    own_block = form->allocate(64, NULL);
    void *freed = form->allocate(64, NULL);
    CHECK(form->free(freed) == RPC_S_OK);
    atomic_store(&stage, 2);
    wait_for(3);
    RPC_STATUS status = UNSET;
    for (size_t byte_count = 0; byte_count < 200000; byte_count = byte_count * 2 + 1) {
        CHECK(form->allocate(byte_count, &status) == NULL && status == RPC_S_OUT_OF_MEMORY);
        CHECK(form->free(own_block) == RPC_S_OUT_OF_MEMORY);
    }
    CHECK(form->free(foreign_block) == RPC_S_OUT_OF_MEMORY);
    CHECK(form->free(NULL) == RPC_S_OK);
    CHECK(form->get(&status) == NULL && status == RPC_S_OK);
    CHECK(form->set(handed_over) == RPC_S_INVALID_ARG);
    CHECK(form->allocate(10, &status) == NULL && status == RPC_S_OUT_OF_MEMORY);
    /* On top of what is gone, an environment; below it, gone still. */
    CHECK(form->enable() == RPC_S_OK && form->free(own_block) == RPC_S_INVALID_ARG);
    CHECK(form->allocate(10, NULL) != NULL);
    CHECK(form->disable() == RPC_S_OK);
    CHECK(form->allocate(10, &status) == NULL && status == RPC_S_OUT_OF_MEMORY);
    CHECK(form->get(NULL) == NULL);
    CHECK(form->disable() == RPC_S_OK);
    CHECK(form->free(own_block) == RPC_S_INVALID_ARG);
    return NULL;
}

static void in_turn(const struct form *form) {
    atomic_store(&stage, 0);
    pthread_t thread = thread_start(stays_attached, (void *)(uintptr_t)form);
    CHECK(form->enable() == RPC_S_OK);
    handed_over = form->get(NULL);
    foreign_block = form->allocate(64, NULL);
    atomic_store(&stage, 1);
    wait_for(2);
    CHECK(form->disable() == RPC_S_OK);
    CHECK(form->enable() == RPC_S_OK); /* takes the same record */
    char *next = form->allocate(64, NULL);
    pattern_fill(next, 64, 3);
    atomic_store(&stage, 3);
    thread_join(thread);
    CHECK(pattern_holds(next, 64, 3) && form->free(next) == RPC_S_OK);
    CHECK(form->disable() == RPC_S_OK);
    check_end("%s: a thread that is attached to what is gone gets 14", form->name);
}

void test_disabling(void) {
    for (int index = 0; index < FORM_COUNT; index++)
        in_turn(&forms[index]);
    rounds(2, TIMES(1000), &forms[0], false);
    rounds(5, TIMES(500), &forms[1], false);
    rounds(3, TIMES(600), &forms[0], true);
}
