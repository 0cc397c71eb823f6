/*
 * test_misuse.c - pointers that end the program: foreign, inside, freed twice.
 */
#include "groups.h"
#include "misuse.h"
#include "pair.h"
#include "tap.h"

#include <stdlib.h>
#include <string.h>

static void free_it(void *address) {
    pair.free(misuse_expect(address));
    misuse_survived();
}

static void free_upper_it(void *address) {
    pair.free_upper(misuse_expect(address));
    misuse_survived();
}

static void size_it(void *address) {
    pair.size(misuse_expect(address));
    misuse_survived();
}

static char foreign_cause[256], inside_cause[256], twice_cause[256];

/* ---- foreign ---- */

static void free_stack_variable(void *call) {
    _Alignas(16) char variable[64];
    void (*body)(void *) = *(void (**)(void *))call;
    body(variable);
}

static void foreign(void) {
    static _Alignas(16) char global[256];
    char *from_malloc = malloc(100);
    void (*function)(void) = test_misuse;
    void *function_address;
    memcpy(&function_address, &function, sizeof function_address);
    static const struct {
        const char *name;
        void (*body)(void *);
    } calls[] = {{"midl_user_free", free_it},
                 {"MIDL_user_free", free_upper_it},
                 {"midl_memory_size", size_it}};
    for (int index = 0; index < 3; index++) {
        const char *name = calls[index].name;
        void (*body)(void *) = calls[index].body;
        misuse_test(free_stack_variable, &body, name, NULL, "%s of a variable on the stack", name);
        misuse_test(body, global, name, index == 0 ? foreign_cause : NULL, "%s of a global", name);
        misuse_test(body, from_malloc, name, NULL, "%s of a block of malloc", name);
        misuse_test(body, function_address, name, NULL, "%s of a function", name);
        misuse_test(body, (void *)"text", name, NULL, "%s of a string constant", name);
        misuse_test(body, (void *)(uintptr_t)1, name, NULL, "%s of address 1", name);
        misuse_test(body, (void *)(uintptr_t)16, name, NULL, "%s of address 16", name);
        misuse_test(body, (void *)UINTPTR_MAX, name, NULL, "%s of the highest address", name);
        misuse_test(body, (void *)(UINTPTR_MAX - 15), name, NULL,
                    "%s of the highest aligned address", name);
        misuse_test(body, (void *)(uintptr_t)0x8000000000000000u, name, NULL,
                    "%s of a non-canonical address", name);
    }
    free(from_malloc);
}

/* ---- inside a block ---- */

static void inside(void) {
    static const size_t sizes[] = {40, 100, 1000, 5000, 30000, 40000, 2 * MEBI, 64 * MEBI};
    for (size_t index = 0; index < sizeof sizes / sizeof sizes[0]; index++) {
        size_t size = sizes[index];
        char *block = pair.allocate(size);
        size_t usable = pair.size(block);
        size_t offsets[] = {1, 8, 16, size / 2, size - 1, usable - 16};
        for (size_t which = 0; which < sizeof offsets / sizeof offsets[0]; which++) {
            misuse_test(free_it, block + offsets[which], "midl_user_free", inside_cause,
                        "free at %zu inside a block of %zu bytes", offsets[which], size);
            misuse_test(size_it, block + offsets[which], "midl_memory_size", NULL,
                        "size at %zu inside a block of %zu bytes", offsets[which], size);
        }
        pair.free(block);
    }
}

/* ---- twice ---- */

static const size_t twice_sizes[] = {0, 16, 100, 1000, 10000, 32768, 32769, 500000, 50 * MEBI};
enum { TWICE_SIZES = sizeof twice_sizes / sizeof twice_sizes[0] };

static void twice_at_once(void *size) {
    void *block = pair.allocate(*(size_t *)size);
    pair.free(block);
    free_it(block);
}

static void twice_mixed_spelling(void *size) {
    void *block = pair.allocate(*(size_t *)size);
    pair.free_upper(block);
    free_it(block);
}

static void size_of_freed(void *size) {
    void *block = pair.allocate(*(size_t *)size);
    pair.free(block);
    size_it(block);
}

/* Blocks of the same size freed before and after it, none allocated since. */
static void twice_after_frees(void *size) {
    enum { COUNT = 200 };
    size_t byte_count = *(size_t *)size;
    void *blocks[COUNT];
    size_t count = byte_count > MEBI ? 3 : COUNT;
    for (size_t index = 0; index < count; index++)
        blocks[index] = pair.allocate(byte_count);
    for (size_t index = 0; index < count; index++)
        pair.free(blocks[index]);
    free_it(blocks[count / 2]);
}

/* Far more frees than any cache holds: the block has left the thread. */
static void twice_after_many_frees(void *size) {
    enum { COUNT = 20000 };
    static void *blocks[COUNT];
    size_t byte_count = *(size_t *)size;
    size_t count = byte_count > 100000 ? 8 : byte_count > 5000 ? 2000 : COUNT;
    for (size_t index = 0; index < count; index++)
        blocks[index] = pair.allocate(byte_count);
    for (size_t index = 0; index < count; index++)
        pair.free(blocks[index]);
    free_it(blocks[0]);
}

static void twice_after_trim(void *size) {
    void *block = pair.allocate(*(size_t *)size);
    pair.free(block);
    pair.trim();
    free_it(block);
}

/* Other sizes come and go, perhaps through the same block; it ends up free. */
static void twice_after_others(void *size) {
    void *block = pair.allocate(*(size_t *)size);
    pair.free(block);
    for (size_t other = 20; other < 20000; other += other / 3)
        pair.free(pair.allocate(other));
    pair.free(pair.allocate(3000000));
    free_it(block);
}

static void *free_on_thread(void *block) {
    pair.free(block);
    return NULL;
}

static void *free_twice_on_thread(void *block) {
    pair.free(block);
    free_it(block);
    return NULL;
}

static void *free_expected_on_thread(void *block) {
    free_it(block);
    return NULL;
}

static void twice_by_other_thread(void *size) {
    void *block = pair.allocate(*(size_t *)size);
    pair.free(block);
    thread_join(thread_start(free_expected_on_thread, block));
}

static void twice_after_other_thread(void *size) {
    void *block = pair.allocate(*(size_t *)size);
    thread_join(thread_start(free_on_thread, block));
    free_it(block);
}

static void twice_by_two_other_threads(void *size) {
    void *block = pair.allocate(*(size_t *)size);
    thread_join(thread_start(free_on_thread, block));
    thread_join(thread_start(free_expected_on_thread, block));
}

static void twice_on_one_other_thread(void *size) {
    void *block = pair.allocate(*(size_t *)size);
    thread_join(thread_start(free_twice_on_thread, block));
}

static pthread_barrier_t gate;
static void *free_and_stay(void *block) {
    pair.free(block);
    pthread_barrier_wait(&gate);
    pthread_barrier_wait(&gate);
    return NULL;
}

/* The thread that freed it is alive and holds it in its cache. */
static void twice_while_other_holds_it(void *size) {
    void *block = pair.allocate(*(size_t *)size);
    pthread_barrier_init(&gate, NULL, 2);
    thread_start(free_and_stay, block);
    pthread_barrier_wait(&gate);
    free_it(block);
}

static void *allocate_on_thread(void *size) { return pair.allocate(*(size_t *)size); }

static void twice_of_ended_thread(void *size) {
    void *block = thread_join(thread_start(allocate_on_thread, size));
    pair.free(block);
    free_it(block);
}

static void twice(void) {
    static const struct {
        const char *name;
        void (*body)(void *);
        const char *function;
    } ways[] = {
        {"freed twice at once", twice_at_once, "midl_user_free"},
        {"freed in both spellings", twice_mixed_spelling, "midl_user_free"},
        {"freed, then midl_memory_size", size_of_freed, "midl_memory_size"},
        {"freed twice after other frees", twice_after_frees, "midl_user_free"},
        {"freed twice after thousands of frees", twice_after_many_frees, "midl_user_free"},
        {"freed twice after a trim", twice_after_trim, "midl_user_free"},
        {"freed twice after other sizes came and went", twice_after_others, "midl_user_free"},
        {"freed here, then by another thread", twice_by_other_thread, "midl_user_free"},
        {"freed by another thread, then here", twice_after_other_thread, "midl_user_free"},
        {"freed by two other threads", twice_by_two_other_threads, "midl_user_free"},
        {"freed twice by another thread", twice_on_one_other_thread, "midl_user_free"},
        {"freed while another thread holds it free", twice_while_other_holds_it, "midl_user_free"},
        {"of an ended thread, freed twice", twice_of_ended_thread, "midl_user_free"},
    };
    for (size_t way = 0; way < sizeof ways / sizeof ways[0]; way++)
        for (int index = 0; index < TWICE_SIZES; index++) {
            size_t size = twice_sizes[index];
            bool keep = way == 0 && size == 100;
            misuse_test(ways[way].body, &size, ways[way].function, keep ? twice_cause : NULL,
                        "a block of %zu bytes %s", size, ways[way].name);
        }
}

void test_misuse(void) {
    foreign();
    inside();
    twice();
    tap_ok(strcmp(foreign_cause, inside_cause) != 0 && strcmp(foreign_cause, twice_cause) != 0 &&
               strcmp(inside_cause, twice_cause) != 0,
           "foreign, inside and freed twice are named as different causes");
}
