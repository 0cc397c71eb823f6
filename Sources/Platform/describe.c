/*
 * Memory described to the tool that watches the program (midl_watching_tool).
 *
 * Memcheck is asked by requests, and knows blocks and who made and freed them. The address
 * sanitizer knows only which bytes are poisoned, of eight the last ones alone: a block that starts
 * at a multiple of 8 ends where it should. Without a tool nothing here does anything.
 */
#include "midl_diagnosing.h"
#include "valgrind_request.h"

/* There where the sanitizer's runtime is in the process. */
extern void __asan_poison_memory_region(const volatile void *start, size_t byte_count)
    __attribute__((weak));
extern void __asan_unpoison_memory_region(const volatile void *start, size_t byte_count)
    __attribute__((weak));

/* VALGRIND_MALLOCLIKE_BLOCK, VALGRIND_FREELIKE_BLOCK, and what disables reports. With a red zone
 * the second would close bytes before the block as well, whosever they are. */
enum { BLOCK_MADE = 0x1301, BLOCK_FREED = 0x1302, SILENCE = 0x1801 };
/* Memcheck's, from MEMCHECK_REQUEST on. */
enum { NO_ACCESS = 0, DEFINED = 2 };

static void ask(uintptr_t number, uintptr_t first, uintptr_t second) {
    uintptr_t request[6] = {number, first, second};
    valgrind_request(request);
}

static void poison(uintptr_t start, size_t byte_count) {
    if (__asan_poison_memory_region != NULL)
        __asan_poison_memory_region((const void *)start, byte_count);
}

static void unpoison(uintptr_t start, size_t byte_count) {
    if (__asan_unpoison_memory_region != NULL)
        __asan_unpoison_memory_region((const void *)start, byte_count);
}

void midl_describe_closed(uintptr_t start, size_t byte_count) {
    ask(MEMCHECK_REQUEST + NO_ACCESS, start, byte_count);
    poison(start, byte_count);
}

void midl_describe_open(uintptr_t start, size_t byte_count) {
    ask(MEMCHECK_REQUEST + DEFINED, start, byte_count);
    unpoison(start, byte_count);
}

void midl_describe_made(uintptr_t block, size_t byte_count) {
    ask(BLOCK_MADE, block, byte_count);
    unpoison(block, byte_count);
}

void midl_describe_freed(uintptr_t block, size_t byte_count) {
    ask(BLOCK_FREED, block, 0);
    poison(block, byte_count);
}

void midl_silence_tool(bool is_silent) { ask(SILENCE, is_silent ? 1 : (uintptr_t)-1, 0); }

uintptr_t midl_defined(uintptr_t word) {
    ask(MEMCHECK_REQUEST + DEFINED, (uintptr_t)&word, sizeof word);
    return word;
}
