/*
 * valgrind_request.h - how a program asks Valgrind for something; for the C of this directory.
 *
 * A request is a few instructions that change nothing, which no compiler makes and which Valgrind
 * recognizes when it translates them. What they are and how the arguments are passed is the
 * interface of Valgrind that its header valgrind.h has, and that never changes.
 */
#ifndef VALGRIND_REQUEST_H
#define VALGRIND_REQUEST_H

#include <stdint.h>

/* Memcheck's own requests are numbered from here on. */
#define MEMCHECK_REQUEST ((uintptr_t)('M' << 24 | 'C' << 16))

/* A number and its arguments, as many as the request has; 0 where no Valgrind answers. */
static inline uintptr_t valgrind_request(const uintptr_t *request) {
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

#endif /* VALGRIND_REQUEST_H */
