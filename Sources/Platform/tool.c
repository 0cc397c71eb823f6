/*
 * Tools that watch every access to memory: Valgrind's memcheck, and the address sanitizer.
 *
 * Valgrind's request is a few instructions that change nothing, which no compiler makes and which
 * it recognizes when it translates them. What they are and how the arguments are passed is the
 * interface of Valgrind that its header valgrind.h has, and that never changes.
 */
#include "midl_platform.h"

/* VALGRIND_GET_VBITS of no bytes: 1 from memcheck, and 0 from other tools and the processor. */
static uintptr_t ask_memcheck(void) {
    static const uintptr_t request[4] = {('M' << 24 | 'C' << 16) + 8};
    uintptr_t answer = 0;
#if defined(__x86_64__)
    __asm__ volatile("rolq $3, %%rdi; rolq $13, %%rdi; rolq $61, %%rdi; rolq $51, %%rdi\n\t"
                     "xchgq %%rbx, %%rbx"
                     : "+d"(answer)
                     : "a"(request)
                     : "cc", "memory");
#elif defined(__aarch64__)
    register uintptr_t result __asm__("x3") = 0;
    register const uintptr_t *arguments __asm__("x4") = request;
    __asm__ volatile("ror x12, x12, #3; ror x12, x12, #13; ror x12, x12, #51; ror x12, x12, #61\n\t"
                     "orr x10, x10, x10"
                     : "+r"(result)
                     : "r"(arguments)
                     : "cc", "memory");
    answer = result;
#endif
    return answer;
}

/* There where the sanitizer's runtime is in the process. */
extern void __asan_init(void) __attribute__((weak));

__attribute__((cold, noinline)) enum midl_tool midl_watching_tool(void) {
    if (__asan_init != NULL)
        return MIDL_ADDRESS_SANITIZER;
    return ask_memcheck() == 1 ? MIDL_MEMCHECK : MIDL_NO_TOOL;
}
