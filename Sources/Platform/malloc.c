/* The C library's allocator, or that of the tool which watches the program. */
#include "midl_diagnosing.h"

#include <malloc.h>
#include <stdlib.h>

/* The address sanitizer's, where it is in the process. */
extern int __sanitizer_get_ownership(const volatile void *address) __attribute__((weak));
extern void __lsan_ignore_object(const void *block) __attribute__((weak));

void *midl_malloc(size_t byte_count) { return malloc(byte_count); }

void midl_malloc_free(void *block) { free(block); }

size_t midl_malloc_size(const void *block) { return malloc_usable_size((void *)(uintptr_t)block); }

bool midl_malloc_may_have(const void *address) {
    switch (midl_watching_tool()) {
    case MIDL_ADDRESS_SANITIZER:
        return __sanitizer_get_ownership == NULL || __sanitizer_get_ownership(address) != 0;
    case MIDL_MEMCHECK: /* its malloc_usable_size is 0 for any other address */
        return midl_malloc_size(address) > 0;
    default:
        return true;
    }
}

void midl_malloc_hold(const void *block) {
    if (__lsan_ignore_object != NULL)
        __lsan_ignore_object(block);
}
