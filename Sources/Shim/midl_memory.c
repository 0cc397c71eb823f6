/* The functions of midl_memory.h: the version; the others are forwarded to Swift. */
#include "midl_memory.h"
#include "midl_heap.h"

#define EXPORTED __attribute__((visibility("default")))

EXPORTED int __RPC_USER midl_memory_version(void) { return MIDL_MEMORY_VERSION; }

EXPORTED const char *__RPC_USER midl_memory_version_string(void) {
    return MIDL_MEMORY_VERSION_STRING;
}

EXPORTED size_t __RPC_USER midl_memory_size(const void *block) { return midl_heap_size(block); }

EXPORTED void __RPC_USER midl_memory_free_sized(void *block, size_t byte_count) {
    midl_heap_check_size(block, byte_count);
    midl_heap_free(block, midl_current_front());
}

EXPORTED size_t __RPC_USER midl_memory_trim(void) { return midl_heap_trim(); }
