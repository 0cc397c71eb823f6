/*
 * test_status.c - what each function returns and raises, in either form.
 */
#include "package.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void without_environment(const struct form *form) {
    RPC_STATUS status = UNSET;
    int local;
    CHECK(form->allocate(32, &status) == NULL && status == RPC_S_OUT_OF_MEMORY);
    CHECK(form->allocate(0, NULL) == NULL);
    CHECK(form->allocate(SIZE_MAX, NULL) == NULL);
    CHECK(form->get(&status) == NULL && status == RPC_S_OK);
    CHECK(form->get(NULL) == NULL);
    CHECK(form->disable() == RPC_S_OK);
    CHECK(form->disable() == RPC_S_OK);
    CHECK(form->free(NULL) == RPC_S_OK);
    CHECK(form->free(&local) == RPC_S_INVALID_ARG);
    CHECK(form->set(NULL) == RPC_S_OK);
    CHECK(form->set(&local) == RPC_S_INVALID_ARG);
    CHECK(form->get(NULL) == NULL);
}

static void *without_environment_on_thread(void *form) {
    without_environment(form);
    return NULL;
}

static void nesting(const struct form *form) {
    RPC_STATUS status = UNSET;
    for (int depth = 0; depth < 100; depth++)
        CHECK(form->enable() == RPC_S_OK);
    RPC_SS_THREAD_HANDLE handle = form->get(&status);
    char *block = form->allocate(100, &status);
    if (!CHECK(handle != NULL && block != NULL && status == RPC_S_OK))
        return;
    pattern_fill(block, 100, 5);
    for (int depth = 0; depth < 99; depth++) {
        CHECK(form->disable() == RPC_S_OK);
        CHECK(form->get(NULL) == handle);
        CHECK(form->allocate(100, NULL) != NULL);
    }
    CHECK(pattern_holds(block, 100, 5));
    CHECK(form->disable() == RPC_S_OK);
    CHECK(form->get(NULL) == NULL);
    CHECK(form->allocate(1, &status) == NULL && status == RPC_S_OUT_OF_MEMORY);
    CHECK(form->enable() == RPC_S_OK);
    CHECK(form->free(block) == RPC_S_INVALID_ARG);
    CHECK(form->disable() == RPC_S_OK);
}

static void too_large(const struct form *form) {
    static const size_t counts[] = {
        SIZE_MAX,     SIZE_MAX - 15,     SIZE_MAX - 4096,   SIZE_MAX / 2 + 1,
        SIZE_MAX / 2, SIZE_MAX / 2 - 15, SIZE_MAX / 2 - 16, SIZE_MAX / 2 - 64 * KIBI};
    CHECK(form->enable() == RPC_S_OK);
    char *before = form->allocate(1000, NULL);
    pattern_fill(before, 1000, 1);
    for (size_t index = 0; index < sizeof counts / sizeof counts[0]; index++) {
        RPC_STATUS status = UNSET;
        CHECK(form->allocate(counts[index], &status) == NULL && status == RPC_S_OUT_OF_MEMORY);
        CHECK(form->allocate(counts[index], NULL) == NULL);
        CHECK(form->allocate(1000, &status) != NULL && status == RPC_S_OK);
    }
    CHECK(pattern_holds(before, 1000, 1));
    CHECK(form->free(before) == RPC_S_OK);
    CHECK(form->disable() == RPC_S_OK);
}

static int by_address(const void *left, const void *right) {
    uintptr_t a = (uintptr_t)*(void *const *)left, b = (uintptr_t)*(void *const *)right;
    return (a > b) - (a < b);
}

static void zero_bytes(const struct form *form) {
    static void *blocks[1000];
    CHECK(form->enable() == RPC_S_OK);
    for (int index = 0; index < 1000; index++) {
        blocks[index] = form->allocate(0, NULL);
        CHECK(blocks[index] != NULL && (uintptr_t)blocks[index] % 16 == 0);
    }
    qsort(blocks, 1000, sizeof blocks[0], by_address);
    for (int index = 1; index < 1000; index++)
        CHECK(blocks[index - 1] != blocks[index]);
    for (int index = 0; index < 1000; index++)
        CHECK(form->free(blocks[index]) == RPC_S_OK);
    CHECK(form->disable() == RPC_S_OK);
}

/* What one form allocates the other frees, and a handle of one is the other's. */
static void forms_are_one(void) {
    const struct form *sm = &forms[0], *ss = &forms[1];
    CHECK(ss->enable() == RPC_S_OK && sm->enable() == RPC_S_OK);
    CHECK(sm->get(NULL) == ss->get(NULL) && sm->get(NULL) != NULL);
    void *by_sm = sm->allocate(50, NULL), *by_ss = ss->allocate(50, NULL);
    CHECK(ss->free(by_sm) == RPC_S_OK && sm->free(by_ss) == RPC_S_OK);
    CHECK(ss->free(by_sm) == RPC_S_INVALID_ARG && sm->free(by_ss) == RPC_S_INVALID_ARG);
    CHECK(sm->disable() == RPC_S_OK && sm->get(NULL) != NULL);
    CHECK(ss->disable() == RPC_S_OK && sm->get(NULL) == NULL);
}

/* A block freed early is used again at once: here the next one of its size. */
static void reuse_at_once(const struct form *form) {
    CHECK(form->enable() == RPC_S_OK);
    for (size_t byte_count = 1; byte_count <= 16384; byte_count += 1 + byte_count / 3) {
        void *first = form->allocate(byte_count, NULL);
        CHECK(form->free(first) == RPC_S_OK);
        CHECK(form->allocate(byte_count, NULL) == first);
    }
    CHECK(form->disable() == RPC_S_OK);
}

void test_status(void) {
    for (int index = 0; index < FORM_COUNT; index++) {
        const struct form *form = &forms[index];
        without_environment(form);
        thread_join(thread_start(without_environment_on_thread, (void *)(uintptr_t)form));
        check_end("%s: without an environment", form->name);
        nesting(form);
        check_end("%s: Enable nests by count", form->name);
        too_large(form);
        check_end("%s: sizes above what there is give 14", form->name);
        zero_bytes(form);
        check_end("%s: 0 bytes give a block of its own", form->name);
        reuse_at_once(form);
        check_end("%s: a freed block is used again at once", form->name);
    }
    forms_are_one();
    check_end("the forms are one package");
}
