/*
 * loaded.c - the functions of midl_memory.h of a library that is loaded at run time, whose
 * diagnostics are beside it: TAP.
 *
 *   loaded LIBRARY
 *
 * The prototypes are the header's: a function that is not there, or of another type, does not
 * compile or is not found.
 */
#define _GNU_SOURCE
#include "../Harness/tap.h"
#include "midl_memory.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void *library;

/* POSIX lets an object pointer hold a function's address. */
#define FUNCTION(name)                                                                             \
    __typeof__(name) *name##_found = NULL;                                                         \
    *(void **)&name##_found = dlsym(library, #name);                                               \
    tap_ok(name##_found != NULL, #name)

static size_t made_count;

static void *allocate(void *context, size_t byte_count) {
    (void)context, (void)byte_count;
    made_count++;
    return NULL;
}

static void release(void *context, void *block) { (void)context, (void)block; }

static size_t size(void *context, const void *block) {
    (void)context;
    return block == NULL;
}

/* What a function writes to a file. */
static bool writes(int (*report)(const char *, int), const char *name, const char *wanted) {
    char text[4096] = "";
    int ends[2];
    if (pipe(ends) != 0)
        return false;
    int result = report(name, ends[1]);
    close(ends[1]);
    ssize_t length = read(ends[0], text, sizeof text - 1);
    close(ends[0]);
    return result == 0 && length > 0 && strstr(text, wanted) != NULL;
}

int main(int count, char **arguments) {
    tap_begin("diagnostics", "loaded");
    library = dlopen(count > 1 ? arguments[1] : "libmidl_user.so.1", RTLD_NOW | RTLD_LOCAL);
    tap_ok(library != NULL, "the library is loaded");
    if (library == NULL)
        return tap_end();
    FUNCTION(midl_user_allocate);
    FUNCTION(midl_user_free);
    FUNCTION(midl_memory_version);
    FUNCTION(midl_memory_version_string);
    FUNCTION(midl_memory_size);
    FUNCTION(midl_memory_free_sized);
    FUNCTION(midl_memory_trim);
    FUNCTION(midl_memory_set_allocator);
    FUNCTION(midl_memory_statistics);
    FUNCTION(midl_memory_report);
    FUNCTION(midl_orphans_watch);
    FUNCTION(midl_orphans_find);
    FUNCTION(midl_orphans_release);
    FUNCTION(midl_orphans_end);

    tap_ok(midl_memory_version_found() == MIDL_MEMORY_VERSION &&
               strcmp(midl_memory_version_string_found(), MIDL_MEMORY_VERSION_STRING) == 0,
           "the version is the header's");
    void **block = midl_user_allocate_found(100);
    tap_ok(midl_memory_size_found(block) >= 100, "a block has its size");
    const struct midl_memory_allocator own = {sizeof own, NULL, allocate, release, size};
    tap_ok(midl_memory_set_allocator_found(&own) == EBUSY && made_count == 0,
           "another allocator comes too late");

    struct midl_memory_statistics statistics = {.byte_count = sizeof statistics};
    tap_ok(midl_memory_statistics_found(&statistics) == 0 && statistics.live_block_count == 1,
           "statistics count it");
    tap_ok(writes(midl_memory_report_found, "leaks", "1 block, 112 bytes"), "a report has it");

    struct midl_orphans_root root = {&block, sizeof block};
    struct midl_orphans_found found;
    struct midl_orphans *watch = midl_orphans_watch_found(&root, 1);
    void *orphan = block;
    block = NULL;
    tap_ok(midl_orphans_find_found(watch, MIDL_ORPHANS_UNLESS_BLOCK, &found) == 0 &&
               found.block_count == 1 && found.blocks[0].block == orphan,
           "a watch finds it");
    tap_ok(midl_orphans_release_found(watch) == 1, "and frees it");
    midl_orphans_end_found(watch);
    midl_memory_free_sized_found(midl_user_allocate_found(100), 100);
    midl_user_free_found(midl_user_allocate_found(1 << 20));
    midl_memory_trim_found();
    midl_memory_statistics_found(&statistics);
    tap_ok(statistics.live_block_count == 0 && statistics.dirty_byte_count == 0,
           "nothing lives in the end, and a trim gives all back");
    return tap_end();
}
