/*
 * test_limit.c - environments under a limit on the address space.
 *
 * The memory is touched: a package that ignored the limit would fill the machine, so each child
 * stops by itself at four times the limit and fails.
 */
#include "package.h"

#include <string.h>
#include <sys/resource.h>

#define LIMIT (400 * MEBI)
/* What must be had: two thirds of the limit are the heap's, less its tables and rounding. */
#define AT_LEAST (200 * MEBI)

static const struct form *form;

static size_t fill(size_t byte_count, void **first) {
    size_t total = 0;
    for (;; total += byte_count) {
        RPC_STATUS status = UNSET;
        void *block = form->allocate(byte_count, &status);
        CHECK(status == (block == NULL ? RPC_S_OUT_OF_MEMORY : RPC_S_OK));
        if (block == NULL || !CHECK(total < 4 * LIMIT))
            return total;
        memset(block, 1, byte_count);
        if (total == 0)
            *first = block;
    }
}

static void under_limit(void *argument) {
    size_t byte_count = *(size_t *)argument;
    struct rlimit limit = {LIMIT, LIMIT};
    void *first = NULL;
    CHECK(setrlimit(RLIMIT_AS, &limit) == 0);
    CHECK(form->enable() == RPC_S_OK);
    size_t total = fill(byte_count, &first);
    CHECK(total >= AT_LEAST);
    /* What is freed is to be had again, although there is nothing else. */
    for (int round = 0; round < 100; round++) {
        RPC_STATUS status = UNSET;
        CHECK(form->free(first) == RPC_S_OK);
        first = form->allocate(byte_count, &status);
        CHECK(first != NULL && status == RPC_S_OK);
    }
    CHECK(form->disable() == RPC_S_OK && form->get(NULL) == NULL);
    CHECK(form->enable() == RPC_S_OK);
    CHECK(fill(byte_count, &first) >= total - total / 16);
    CHECK(form->disable() == RPC_S_OK);
}

/* Environments themselves until there is no memory for another; nothing is lost then. */
static void many_environments(void *unused) {
    (void)unused;
    struct rlimit limit = {LIMIT, LIMIT};
    CHECK(setrlimit(RLIMIT_AS, &limit) == 0);
    RPC_SS_THREAD_HANDLE last = NULL;
    size_t count = 0;
    for (;; count++) {
        CHECK(form->set(NULL) == RPC_S_OK);
        RPC_STATUS status = form->enable();
        CHECK(status == RPC_S_OK || status == RPC_S_OUT_OF_MEMORY);
        if (status != RPC_S_OK || !CHECK(count < 2000000))
            break;
        last = form->get(NULL);
    }
    CHECK(count > 1000);
    CHECK(form->get(NULL) == NULL && form->set(last) == RPC_S_OK);
    CHECK(form->disable() == RPC_S_OK && form->enable() == RPC_S_OK);
    CHECK(form->disable() == RPC_S_OK);
}

void test_limit(void) {
    static size_t counts[] = {32, 3000, 16000, 100000, 3000000};
    for (int index = 0; index < FORM_COUNT; index++) {
        form = &forms[index];
        for (size_t at = 0; at < sizeof counts / sizeof counts[0]; at++)
            check_child(under_limit, &counts[at], "%s: blocks of %zu bytes under RLIMIT_AS",
                        form->name, counts[at]);
        check_child(many_environments, NULL, "%s: environments under RLIMIT_AS", form->name);
    }
}
