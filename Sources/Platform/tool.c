/* Tools that watch every access to memory: Valgrind's memcheck, and the address sanitizer. */
#include "midl_platform.h"
#include "valgrind_request.h"

/* VALGRIND_GET_VBITS of no bytes: 1 from memcheck, and 0 from other tools and the processor. */
static uintptr_t ask_memcheck(void) {
    static const uintptr_t request[4] = {MEMCHECK_REQUEST + 8};
    return valgrind_request(request);
}

/* There where the sanitizer's runtime is in the process. */
extern void __asan_init(void) __attribute__((weak));

__attribute__((cold, noinline)) enum midl_tool midl_watching_tool(void) {
    if (__asan_init != NULL)
        return MIDL_ADDRESS_SANITIZER;
    return ask_memcheck() == 1 ? MIDL_MEMCHECK : MIDL_NO_TOOL;
}
