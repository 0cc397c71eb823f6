/*
 * test_free.c - exactly one free succeeds for a block, and nothing else is taken or changed.
 */
#include "package.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static const size_t counts[] = {0,    1,     16,    24,    32,    500,   1024,   1025,
                                4000, 16384, 16385, 40000, 65536, 70000, 300000, 5000000};
enum { COUNTS = sizeof counts / sizeof counts[0] };

static void once(const struct form *form) {
    for (int index = 0; index < COUNTS; index++) {
        void *before = form->allocate(counts[index], NULL);
        void *block = form->allocate(counts[index], NULL);
        CHECK(before != NULL && block != NULL && form->free(block) == RPC_S_OK);
        for (int again = 0; again < 3; again++)
            CHECK(form->free(block) == RPC_S_INVALID_ARG);
        CHECK(form->free(before) == RPC_S_OK);
        CHECK(form->free(block) == RPC_S_INVALID_ARG);
    }
    check_end("%s: one free succeeds for each of %d sizes", form->name, COUNTS);
}

static void interior(const struct form *form) {
    for (int index = 0; index < COUNTS; index++) {
        size_t byte_count = counts[index];
        if (byte_count < 2)
            continue;
        char *block = form->allocate(byte_count, NULL);
        pattern_fill(block, byte_count, index + 1u);
        size_t offsets[] = {
            1, 8, 16, 32, byte_count / 2, byte_count / 2 & ~(size_t)15, byte_count - 1};
        for (size_t at = 0; at < sizeof offsets / sizeof offsets[0]; at++)
            if (offsets[at] != 0 && offsets[at] < byte_count)
                CHECK(form->free(block + offsets[at]) == RPC_S_INVALID_ARG);
        CHECK(form->free(block - 8) == RPC_S_INVALID_ARG);
        CHECK(pattern_holds(block, byte_count, index + 1u));
        CHECK(form->free(block) == RPC_S_OK);
    }
    check_end("%s: addresses inside a block are refused", form->name);
}

/* A block that has been freed and given out again for other sizes leaves no block inside it. */
static void interior_after_reuse(const struct form *form) {
    CHECK(form->enable() == RPC_S_OK); /* once more: the environment stays */
    CHECK(form->disable() == RPC_S_OK);
    RPC_SS_THREAD_HANDLE outer = form->get(NULL);
    CHECK(form->set(NULL) == RPC_S_OK);
    for (int round = 0; round < 3; round++) {
        CHECK(form->enable() == RPC_S_OK);
        size_t byte_count = round == 1 ? 8000 : 16;
        /* Five chunks either way: all but the first go by way of the thread's store. */
        for (size_t total = 0; total < 5 * 64 * KIBI; total += byte_count) {
            char *block = form->allocate(byte_count, NULL);
            for (size_t at = 16; at < byte_count; at += 16)
                CHECK(form->free(block + at) == RPC_S_INVALID_ARG);
        }
        CHECK(form->disable() == RPC_S_OK);
    }
    CHECK(form->set(outer) == RPC_S_OK);
    check_end("%s: no block of an earlier environment is left inside a later block", form->name);
}

static void foreign(const struct form *form) {
    char stack[64];
    void *mapped = mmap(NULL, 65536, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(mapped, 65536);
    void *of_libc = malloc(100), *of_heap = midl_user_allocate(100);
    void *large_of_heap = midl_user_allocate(300000);
    pattern_fill(of_heap, 100, 4);
    CHECK(form->free(of_libc) == RPC_S_INVALID_ARG);
    CHECK(form->free(of_heap) == RPC_S_INVALID_ARG);
    CHECK(form->free(large_of_heap) == RPC_S_INVALID_ARG);
    CHECK(form->free(stack) == RPC_S_INVALID_ARG);
    CHECK(form->free(mapped) == RPC_S_INVALID_ARG);
    CHECK(form->free((void *)(uintptr_t)&foreign) == RPC_S_INVALID_ARG);
    for (uintptr_t value = 1; value < 70; value++)
        CHECK(form->free((void *)value) == RPC_S_INVALID_ARG);
    CHECK(form->free((void *)UINTPTR_MAX) == RPC_S_INVALID_ARG);
    CHECK(pattern_holds(of_heap, 100, 4));
    midl_user_free(of_heap); /* aborts if it had been taken */
    CHECK(form->free(of_heap) == RPC_S_INVALID_ARG);
    midl_user_free(large_of_heap);
    free(of_libc);
    check_end("%s: heap, malloc, stack, code and unmapped addresses are refused", form->name);
}

static void random_addresses(const struct form *form) {
    struct random random = {31};
    char *block = form->allocate(64, NULL);
    pattern_fill(block, 64, 31);
    uintptr_t near = (uintptr_t)block;
    for (int count = 0; count < 5000; count++) {
        uintptr_t value = (uintptr_t)random_next(&random);
        if (count % 2 == 0) /* within a gigabyte of a block, on and off its granules */
            value = near - 512 * MEBI + value % (1024 * MEBI);
        if (value != near && value != 0)
            CHECK(form->free((void *)value) == RPC_S_INVALID_ARG);
    }
    CHECK(pattern_holds(block, 64, 31) && form->free(block) == RPC_S_OK);
    check_end("%s: 5000 random addresses are refused", form->name);
}

struct other {
    const struct form *form;
    void *block[COUNTS];
    RPC_SS_THREAD_HANDLE handle;
};

static void *free_others(void *argument) {
    struct other *other = argument;
    CHECK(other->form->enable() == RPC_S_OK);
    for (int index = 0; index < COUNTS; index++)
        CHECK(other->form->free(other->block[index]) == RPC_S_INVALID_ARG);
    CHECK(other->form->disable() == RPC_S_OK);
    for (int index = 0; index < COUNTS; index++)
        CHECK(other->form->free(other->block[index]) == RPC_S_INVALID_ARG);
    return NULL;
}

static void of_other_environment(const struct form *form) {
    struct other other = {.form = form, .handle = form->get(NULL)};
    for (int index = 0; index < COUNTS; index++) {
        other.block[index] = form->allocate(counts[index], NULL);
        pattern_fill(other.block[index], counts[index], 100u + index);
    }
    thread_join(thread_start(free_others, &other));
    CHECK(form->set(NULL) == RPC_S_OK);
    free_others(&other);
    CHECK(form->set(other.handle) == RPC_S_OK);
    for (int index = 0; index < COUNTS; index++) {
        CHECK(pattern_holds(other.block[index], counts[index], 100u + index));
        CHECK(form->free(other.block[index]) == RPC_S_OK);
    }
    check_end("%s: blocks of another environment are refused", form->name);
}

static void of_gone_environment(const struct form *form) {
    RPC_SS_THREAD_HANDLE outer = form->get(NULL);
    struct other gone = {.form = form};
    CHECK(form->set(NULL) == RPC_S_OK && form->enable() == RPC_S_OK);
    for (int index = 0; index < COUNTS; index++)
        gone.block[index] = form->allocate(counts[index], NULL);
    CHECK(form->disable() == RPC_S_OK);
    free_others(&gone);
    CHECK(form->set(outer) == RPC_S_OK);
    for (int index = 0; index < COUNTS; index++)
        CHECK(form->free(gone.block[index]) == RPC_S_INVALID_ARG);
    check_end("%s: blocks of an environment that is gone are refused", form->name);
}

void test_free(void) {
    for (int index = 0; index < FORM_COUNT; index++) {
        const struct form *form = &forms[index];
        CHECK(form->enable() == RPC_S_OK);
        once(form);
        interior(form);
        foreign(form);
        random_addresses(form);
        of_other_environment(form);
        of_gone_environment(form);
        interior_after_reuse(form);
        /* All of that once more in an environment that other threads may know. */
        CHECK(form->get(NULL) != NULL);
        once(form);
        interior(form);
        CHECK(form->disable() == RPC_S_OK && form->get(NULL) == NULL);
        check_end("%s: the environment ends", form->name);
    }
}
