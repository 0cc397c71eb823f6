/*
 * test_exhaustion.c - every system call of the package fails in turn, and from some call on all
 * fail: the right status, nothing lost, the environment usable as soon as they succeed again.
 *
 *   exhaustion-FORM
 *
 * Each failure has a child of its own that has not called the library before.
 */
#include "failing_calls.h"
#include "package.h"
#include "tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { BLOCKS = 150, MOST_FAILURES = 60, NOTHING_FAILED = 100 };

static const struct form *form;
static bool must_succeed;

/* 0, or 14 where calls may fail. */
static bool went(RPC_STATUS status) {
    CHECK(status == RPC_S_OK || (status == RPC_S_OUT_OF_MEMORY && !must_succeed));
    return status == RPC_S_OK;
}

struct made {
    void *block;
    size_t byte_count;
};

static void allocate_and_free(uint64_t seed, struct made *made) {
    struct random random = {seed};
    for (int index = 0; index < BLOCKS; index++) {
        RPC_STATUS status = UNSET;
        made[index].byte_count = random_byte_count(&random, index % 8 ? 20000 : 500000);
        made[index].block = form->allocate(made[index].byte_count, &status);
        CHECK(went(status) == (made[index].block != NULL));
        if (made[index].block != NULL)
            pattern_fill(made[index].block, made[index].byte_count, seed + (uint64_t)index);
    }
    for (int index = 0; index < BLOCKS; index++) {
        if (made[index].block == NULL)
            continue;
        CHECK(pattern_holds(made[index].block, made[index].byte_count, seed + (uint64_t)index));
        /* Half of them; the others go with the environment. */
        CHECK(index % 2 || form->free(made[index].block) == RPC_S_OK);
    }
}

static void *on_thread(void *handle) {
    static struct made made[BLOCKS];
    if (went(form->set(handle)))
        allocate_and_free(100, made);
    if (went(form->enable())) {
        allocate_and_free(300, made);
        CHECK(form->disable() == RPC_S_OK);
    }
    return NULL;
}

static void stub_call(void) {
    MIDL_STUB_MESSAGE message = {0};
    volatile RPC_STATUS raised = RPC_S_OK;
    RpcTryExcept { NdrRpcSsEnableAllocate(&message); }
    RpcExcept(EXCEPTION_EXECUTE_HANDLER) { raised = RpcExceptionCode(); }
    RpcEndExcept if (went(raised)) {
        CHECK(message.pfnAllocate == RpcSsAllocate);
        NdrRpcSsDisableAllocate(&message);
    }
    CHECK(message.pfnAllocate == NULL && message.pfnFree == NULL);
}

static void scenario(void) {
    static struct made made[BLOCKS];
    RPC_CLIENT_ALLOC *allocate;
    RPC_CLIENT_FREE *release;
    if (went(form->set_pair(malloc, free)))
        CHECK(form->swap_pair(malloc, free, &allocate, &release) == RPC_S_OK && allocate == malloc);
    went(form->set_pair(NULL, NULL));
    CHECK(form->get(NULL) == NULL);
    if (went(form->enable())) {
        RPC_SS_THREAD_HANDLE handle = form->get(NULL);
        CHECK(handle != NULL);
        allocate_and_free(1, made);
        thread_join(thread_start(on_thread, handle));
        stub_call();
        CHECK(form->get(NULL) == handle);
        allocate_and_free(500, made);
        CHECK(form->disable() == RPC_S_OK);
    } else {
        CHECK(form->allocate(10, NULL) == NULL);
        stub_call();
    }
    CHECK(form->get(NULL) == NULL);
}

static struct failure {
    enum call call;
    int n;
    bool and_all_later;
} failure;

static void fail_and_recover(void *unused) {
    (void)unused;
    void *before = malloc(1); /* the C library's own arena is not to be counted */
    size_t resident = resident_bytes();
    must_succeed = false;
    calls_fail(failure.call, failure.n, failure.and_all_later);
    scenario();
    if (!calls_succeed())
        _exit(NOTHING_FAILED);
    must_succeed = true;
    scenario();
    CHECK(WATCHED || resident_bytes() <= resident + 20 * MEBI);
    size_t mapped = mapped_bytes();
    resident = resident_bytes();
    for (int round = 0; round < 4; round++)
        scenario();
    CHECK(WATCHED || mapped_bytes() <= mapped + 4 * MEBI);
    CHECK(WATCHED || resident_bytes() <= resident + 4 * MEBI);
    free(before);
    check_exit();
}

/* Call 1, 2, 3, ... until a run has fewer calls than that; far numbers are thinned out. */
static void fail_each(enum call call, bool and_all_later) {
    struct child_result result;
    int failures = 0;
    bool passed = true;
    for (int n = 1; passed && failures < MOST_FAILURES; n += 1 + n / 8) {
        failure = (struct failure){call, n, and_all_later};
        child_run(&result, fail_and_recover, NULL);
        if (child_exited(&result, NOTHING_FAILED))
            break;
        failures++;
        passed = child_exited(&result, 0) && result.text_length == 0;
    }
    if (!tap_ok(passed, "%s: %s fails, %s", form->name, call_names[call],
                and_all_later ? "that and all later ones" : "each in turn")) {
        tap_note("call number %d", failure.n);
        child_note(&result);
    } else {
        tap_note("%d runs", failures);
    }
}

static void sees_calls(void *unused) {
    (void)unused;
    must_succeed = true;
    scenario();
    CHECK(calls_made(CALL_MMAP) > 0);
}

int main(void) {
    tap_begin(PACKAGE_FORM, "exhaustion");
    limit_time(300);
    for (int index = 0; index < FORM_COUNT; index++) {
        form = &forms[index];
        check_child(sees_calls, NULL, "%s: the package's calls pass by here", form->name);
        for (int call = 0; call <= CALL_COUNT; call++) {
            if (call != CALL_ANY) /* one of any kind is one of its kind */
                fail_each((enum call)call, false);
            fail_each((enum call)call, true);
        }
    }
    return tap_end();
}
