/*
 * choices.c - allocators in the heap's place, and statistics, as a C program sees them: TAP.
 *
 *   choices malloc|heap|own|late|peaks|others|mixed|statistics|forked|short|signal
 */
#include "../Harness/tap.h"
#include "midl_memory.h"
#include "rpcss.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* Whether malloc knows the block: its arena has become larger by at least so much. */
static bool is_of_malloc(void) {
    size_t before = mallinfo2().uordblks;
    void *block = midl_user_allocate(4000);
    bool is_larger = mallinfo2().uordblks >= before + 4000;
    midl_user_free(block);
    return is_larger && mallinfo2().uordblks <= before;
}

static void test_malloc(void) {
    midl_user_free(midl_user_allocate(1));
    tap_ok(is_of_malloc(), "malloc makes and frees the blocks");
    void *block = midl_user_allocate(100);
    tap_ok(midl_memory_size(block) == malloc_usable_size(block), "the size is malloc's");
    midl_user_free(block);
    block = midl_user_allocate(0);
    tap_ok(block != NULL, "0 bytes are a block");
    midl_user_free(block);
    errno = 0;
    tap_ok(midl_user_allocate((size_t)-1) == NULL && errno == ENOMEM, "too much is NULL, ENOMEM");
    RPC_STATUS status;
    RpcSmEnableAllocate();
    block = RpcSmAllocate(100, &status);
    tap_ok(block != NULL && malloc_usable_size(block) >= 100 && malloc_usable_size(block) < 200,
           "a block of an environment is one of malloc");
    tap_ok(RpcSmFree(block) == RPC_S_OK && RpcSmFree(block) == RPC_S_INVALID_ARG,
           "which is freed once");
    void *of_pair = midl_user_allocate(100);
    tap_ok(RpcSmFree(of_pair) == RPC_S_INVALID_ARG, "a block of the pair is not the environment's");
    midl_user_free(of_pair);
    size_t before = mallinfo2().uordblks;
    for (int i = 0; i < 5000; i++)
        memset(RpcSmAllocate(100, &status), i, 100);
    tap_ok(mallinfo2().uordblks >= before + 500000, "and 5,000 more");
    RpcSmDisableAllocate();
    /* malloc's own cache counts as used. */
    tap_ok(mallinfo2().uordblks <= before + 4096, "which go with the environment");
    RpcSmEnableAllocate();
    tap_ok(is_of_malloc(), "malloc makes the blocks of a thread with an environment");
    /* By mistake past the library; malloc hands the same block out again. */
    block = RpcSmAllocate(100, &status);
    uintptr_t address = (uintptr_t)block;
    free(block);
    of_pair = midl_user_allocate(100);
    RpcSmDisableAllocate();
    memset(of_pair, 1, 100);
    tap_ok((uintptr_t)of_pair == address && midl_memory_size(of_pair) >= 100,
           "a block that was given to free is the environment's no more");
    midl_user_free(of_pair);
}

static void test_heap(void) {
    midl_user_free(midl_user_allocate(1));
    tap_ok(!is_of_malloc(), "the heap makes the blocks");
}

/* ---- The program's own ---- */

static int made_count, freed_count;
static int context;

static void *own_allocate(void *given, size_t byte_count) {
    /* What an allocator allocates for itself by the pair is the heap's. */
    midl_user_free(midl_user_allocate(10));
    made_count += given == &context;
    return byte_count > 1000000 ? NULL : malloc(byte_count + 1);
}

static void own_free(void *given, void *block) {
    freed_count += given == &context;
    free(block);
}

static size_t own_size(void *given, const void *block) {
    (void)block;
    return given == &context ? 77 : 0;
}

static const struct midl_memory_allocator own = {sizeof own, &context, own_allocate, own_free,
                                                 own_size};

static void *use(void *argument) {
    void *blocks[100];
    for (size_t i = 0; i < 100; i++)
        blocks[i] = midl_user_allocate(i * 50);
    for (size_t i = 0; i < 100; i++)
        midl_user_free(blocks[i]);
    return argument;
}

static void test_own(void) {
    struct midl_memory_allocator incomplete = own;
    incomplete.size = NULL;
    tap_ok(midl_memory_set_allocator(NULL) == EINVAL, "no allocator is refused");
    tap_ok(midl_memory_set_allocator(&incomplete) == EINVAL, "an incomplete one is refused");
    tap_ok(midl_memory_set_allocator(&own) == 0, "an allocator before the first allocation");
    tap_ok(midl_memory_set_allocator(&own) == EBUSY, "a second time is refused");
    use(NULL);
    tap_ok(made_count == 100 && freed_count == 100, "it makes and frees every block");
    pthread_t thread;
    pthread_create(&thread, NULL, use, NULL);
    pthread_join(thread, NULL);
    tap_ok(made_count == 200 && freed_count == 200, "those of another thread too");
    void *block = midl_user_allocate(1);
    tap_ok(midl_memory_size(block) == 77, "it tells the size");
    midl_user_free(block);
    errno = 0;
    tap_ok(midl_user_allocate(2000000) == NULL && errno == ENOMEM, "its NULL is NULL, ENOMEM");
    RpcSmEnableAllocate();
    int before = made_count;
    use(NULL);
    tap_ok(made_count == before + 100, "it makes the blocks of a thread with an environment");
    RpcSmDisableAllocate();
}

static void test_late(void) {
    void *block = midl_user_allocate(1);
    tap_ok(midl_memory_set_allocator(&own) == EBUSY, "after the first allocation it is refused");
    midl_user_free(block);
    use(NULL);
    tap_ok(made_count == 0 && freed_count == 0, "and not used");
}

/* ---- Statistics ---- */

static struct midl_memory_statistics statistics;

static int take(void) {
    statistics.byte_count = sizeof statistics;
    return midl_memory_statistics(&statistics);
}

static size_t live_of_class(size_t block_byte_count) {
    for (size_t i = 0; i < statistics.class_count; i++)
        if (statistics.classes[i].block_byte_count == block_byte_count)
            return statistics.classes[i].live_block_count;
    return 0;
}

static void test_statistics(void) {
    void *blocks[300];
    tap_ok(midl_memory_statistics(NULL) == EINVAL, "statistics of NULL are refused");
    statistics.byte_count = 8;
    tap_ok(midl_memory_statistics(&statistics) == EINVAL, "statistics without room are refused");
    tap_ok(take() == 0, "statistics before the first allocation");
    tap_ok(statistics.live_block_count == 0 && statistics.used_byte_count == 0, "are zero");
    for (size_t i = 0; i < 300; i++)
        blocks[i] = midl_user_allocate(i < 100 ? 40 : i < 200 ? 3000 : 40000);
    for (size_t i = 0; i < 300; i += 2)
        midl_user_free(blocks[i]);
    RPC_STATUS status;
    RpcSmEnableAllocate();
    for (size_t i = 0; i < 10; i++)
        RpcSmAllocate(i < 9 ? 100 : 100000, &status);
    take();
    tap_ok(statistics.version == (size_t)midl_memory_version(), "they have the version");
    tap_ok(statistics.live_block_count == 150, "live blocks: %zu", statistics.live_block_count);
    tap_ok(statistics.live_byte_count == 50 * (48 + 3072 + 40960), "live bytes: %zu",
           statistics.live_byte_count);
    tap_ok(live_of_class(48) == 50 && live_of_class(3072) == 50 && live_of_class(0) == 50,
           "live blocks by size class");
    tap_ok(statistics.environment_count == 1 && statistics.environment_block_count == 10,
           "an environment and its blocks");
    tap_ok(statistics.environment_byte_count >= 9 * 112 + 100000, "its bytes");
    tap_ok(statistics.used_byte_count > statistics.live_byte_count &&
               statistics.peak_used_byte_count >= statistics.used_byte_count,
           "used bytes and their peak");
    size_t cached = 0;
    for (size_t i = 0; i < statistics.cache_count; i++)
        cached += statistics.caches[i].cached_block_count;
    tap_ok(statistics.cache_count == 1 && statistics.caches[0].has_thread == 1 && cached >= 50 &&
               cached < 1000,
           "the thread's cache has the free blocks: %zu", cached);
    RpcSmDisableAllocate();
    for (size_t i = 1; i < 300; i += 2)
        midl_user_free(blocks[i]);
    midl_memory_trim();
    take();
    tap_ok(statistics.live_block_count == 0 && statistics.environment_count == 0 &&
               statistics.environment_block_count == 0,
           "nothing lives in the end");
    tap_ok(statistics.dirty_byte_count == 0 && statistics.returned_byte_count > 0,
           "after a trim all free pages are returned");
}

static void test_peaks(void) {
    use(NULL);
    pthread_t thread;
    pthread_create(&thread, NULL, use, NULL);
    pthread_join(thread, NULL);
    take();
    tap_ok(statistics.peak_live_block_count == 100, "peak of live blocks: %zu",
           statistics.peak_live_block_count);
    tap_ok(statistics.allocation_count == 200, "allocations: %zu", statistics.allocation_count);
    tap_ok(statistics.live_block_count == 0, "nothing lives");
}

/* With another allocator: its blocks are live ones, and in no class. */
static void test_others(void) {
    void *blocks[3];
    size_t byte_count = 0;
    bool is_guard = strstr(getenv("MIDL_MEMORY"), "guard") != NULL;
    use(NULL);
    take();
    for (size_t i = 0; i < 3; i++) {
        blocks[i] = midl_user_allocate(1000 + 1000 * i);
        byte_count += midl_memory_size(blocks[i]);
    }
    RPC_STATUS status;
    RpcSmEnableAllocate();
    RpcSmAllocate(500, &status);
    size_t allocation_count = statistics.allocation_count;
    take();
    tap_ok(statistics.environment_block_count == (is_guard ? 1 : 0) &&
               statistics.environment_byte_count == (is_guard ? 500 : 0),
           "the environment's block is counted apart, unless malloc's: %zu",
           statistics.environment_block_count);
    tap_ok(statistics.allocation_count == (allocation_count == 0 ? 0 : allocation_count + 3),
           "and is no allocation of the pair's: %zu", statistics.allocation_count);
    tap_ok(statistics.other_block_count == 3 && statistics.other_byte_count == byte_count,
           "blocks of the other allocator: %zu, %zu bytes", statistics.other_block_count,
           statistics.other_byte_count);
    tap_ok(statistics.live_block_count == 3 && statistics.live_byte_count == byte_count,
           "are live ones");
    tap_ok(live_of_class(1024) == 0, "in no class");
    for (size_t i = 0; i < 3; i++)
        midl_user_free(blocks[i]);
    RpcSmDisableAllocate();
    take();
    tap_ok(statistics.other_block_count == 0 && statistics.live_byte_count == 0 &&
               statistics.environment_block_count == 0,
           "until freed");
}

/* Every block is counted once, whoever makes it. */
static void test_mixed(void) {
    test_peaks();
    void *blocks[100];
    for (size_t i = 0; i < 100; i++)
        blocks[i] = midl_user_allocate(48);
    take();
    size_t guarded = statistics.other_block_count;
    tap_ok(guarded >= 49 && guarded <= 51, "every second block is guarded: %zu", guarded);
    tap_ok(statistics.live_block_count == 100 && statistics.live_byte_count == 4800 &&
               live_of_class(48) == 100 - guarded,
           "the others are in the heap");
    tap_ok(statistics.peak_live_byte_count >= 100 * 50 * 99 / 2, "peak of bytes: %zu",
           statistics.peak_live_byte_count);
    for (size_t i = 0; i < 100; i++)
        midl_user_free(blocks[i]);
    take();
    tap_ok(statistics.live_block_count == 0 && statistics.live_byte_count == 0, "nothing lives");
}

static void test_forked(void) {
    void *blocks[3];
    for (size_t i = 0; i < 3; i++)
        blocks[i] = midl_user_allocate(48);
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        midl_user_free(blocks[0]);
        pthread_t thread;
        pthread_create(&thread, NULL, use, NULL);
        pthread_join(thread, NULL);
        int result = take();
        _exit(result == 0 && statistics.live_block_count == 2 &&
                      statistics.peak_live_block_count == 102 && statistics.allocation_count == 103
                  ? 0
                  : 1);
    }
    waitpid(child, &status, 0);
    tap_ok(WIFEXITED(status) && WEXITSTATUS(status) == 0, "of the child of a fork");
    take();
    tap_ok(statistics.live_block_count == 3 && statistics.allocation_count == 3,
           "which are not its parent's");
    for (size_t i = 0; i < 3; i++)
        midl_user_free(blocks[i]);
}

static void test_short(void) {
    struct rlimit limit = {16 << 20, RLIM_INFINITY}, none = {RLIM_INFINITY, RLIM_INFINITY};
    midl_user_free(midl_user_allocate(48));
    statistics.version = 5;
    take();
    size_t version = statistics.version;
    statistics.version = 5;
    setrlimit(RLIMIT_AS, &limit);
    int result = take();
    setrlimit(RLIMIT_AS, &none);
    tap_ok(result == ENOMEM && statistics.version == 5 && version != 5,
           "without memory they say so, and nothing has changed");
    tap_ok(take() == 0, "with memory they are there again");
    setrlimit(RLIMIT_AS, &limit);
}

static void run_signal(void) {
    void *block = midl_user_allocate(40);
    raise(SIGUSR1);
    midl_user_free(block);
}

int main(int count, char **arguments) {
    static const struct {
        const char *name;
        void (*body)(void);
    } bodies[] = {{"malloc", test_malloc}, {"heap", test_heap},   {"own", test_own},
                  {"late", test_late},     {"peaks", test_peaks}, {"statistics", test_statistics},
                  {"others", test_others}, {"mixed", test_mixed}, {"forked", test_forked},
                  {"short", test_short},   {"signal", run_signal}};
    for (size_t i = 0; count == 2 && i < sizeof bodies / sizeof bodies[0]; i++) {
        if (strcmp(bodies[i].name, arguments[1]) == 0) {
            tap_begin("diagnostics", arguments[1]);
            bodies[i].body();
            return bodies[i].body == run_signal ? 0 : tap_end();
        }
    }
    return 2;
}
