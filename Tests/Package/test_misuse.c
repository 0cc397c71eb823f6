/*
 * test_misuse.c - children that must end by SIGABRT, and the one line that they print.
 */
#include "misuse.h"

#include "midl_memory.h"
#include "package.h"
#include "tap.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

static void *block_in_environment(size_t byte_count) {
    RpcSmEnableAllocate();
    return misuse_expect(RpcSmAllocate(byte_count, NULL));
}

static void user_free(void *byte_count) {
    midl_user_free(block_in_environment(*(size_t *)byte_count));
    misuse_survived();
}

static void user_size(void *byte_count) {
    midl_memory_size(block_in_environment(*(size_t *)byte_count));
    misuse_survived();
}

static void user_free_of_freed(void *byte_count) {
    void *block = block_in_environment(*(size_t *)byte_count);
    RpcSmFree(block);
    midl_user_free(block);
    misuse_survived();
}

static void user_free_inside(void *byte_count) {
    char *block = block_in_environment(*(size_t *)byte_count);
    midl_user_free(misuse_expect(block + 16));
    misuse_survived();
}

static void names_rpcssfree(void (*body)(void *), const char *function, const char *what) {
    static const size_t counts[] = {32, 4000, 100000};
    for (int index = 0; index < 3; index++) {
        char cause[256] = "";
        size_t byte_count = counts[index];
        misuse_test(body, &byte_count, function, cause, "%s of %zu bytes", what, byte_count);
        tap_ok(strstr(cause, "RpcSsFree") != NULL, "%s of %zu bytes: the line names RpcSsFree",
               what, byte_count);
    }
}

/* ---- Exceptions that nobody catches ---- */

static void allocate_uncaught(void *unused) {
    (void)unused;
    RpcSsAllocate(10);
    _Exit(7);
}
static void free_uncaught(void *unused) {
    RpcSsEnableAllocate();
    RpcSsFree(&unused);
    _Exit(7);
}
static void set_handle_uncaught(void *unused) {
    RpcSsSetThreadHandle(&unused);
    _Exit(7);
}
static void *some_allocate(size_t byte_count) { return malloc(byte_count); }
static void set_pair_uncaught(void *unused) {
    (void)unused;
    RpcSsSetClientAllocFree(some_allocate, NULL);
    _Exit(7);
}
static void swap_uncaught(void *unused) {
    (void)unused;
    RpcSsSwapClientAllocFree(NULL, NULL, NULL, NULL);
    _Exit(7);
}

static void uncaught(void (*body)(void *), const char *function, const char *status,
                     const char *name) {
    struct child_result result;
    child_run(&result, body, NULL);
    const char *end = strchr(result.text, '\n');
    bool passed = child_died_of(&result, SIGABRT) && end != NULL && end[1] == '\0' &&
                  strstr(result.text, function) != NULL && strstr(result.text, status) != NULL &&
                  strstr(result.text, name) != NULL;
    if (!tap_ok(passed, "%s: an exception that nobody catches prints one line", function))
        child_note(&result);
}

void test_misuse(void) {
    names_rpcssfree(user_free, "midl_user_free", "midl_user_free of a block");
    names_rpcssfree(user_size, "midl_memory_size", "midl_memory_size of a block");
    size_t byte_count = 4000;
    misuse_test(user_free_of_freed, &byte_count, "midl_user_free", NULL,
                "midl_user_free of a freed block of an environment");
    misuse_test(user_free_inside, &byte_count, "midl_user_free", NULL,
                "midl_user_free inside a block of an environment");
    uncaught(allocate_uncaught, "RpcSsAllocate", "14", "RPC_S_OUT_OF_MEMORY");
    uncaught(free_uncaught, "RpcSsFree", "87", "RPC_S_INVALID_ARG");
    uncaught(set_handle_uncaught, "RpcSsSetThreadHandle", "87", "RPC_S_INVALID_ARG");
    uncaught(set_pair_uncaught, "RpcSsSetClientAllocFree", "87", "RPC_S_INVALID_ARG");
    uncaught(swap_uncaught, "RpcSsSwapClientAllocFree", "87", "RPC_S_INVALID_ARG");
}
