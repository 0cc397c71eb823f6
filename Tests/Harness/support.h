/*
 * support.h - what several tests need: random numbers that repeat, contents
 * that show a disturbed byte, the size of this process, a child to die in.
 */
#ifndef SUPPORT_H
#define SUPPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

#if defined(__SANITIZE_ADDRESS__)
#define ADDRESS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ADDRESS_SANITIZED 1
#endif
#endif
#ifndef ADDRESS_SANITIZED
#define ADDRESS_SANITIZED 0
#endif

/* Under a tool that makes threads and forks 20 times as dear, and takes memory of its own: a
 * sanitizer, or memcheck, for which programs are built with -DWATCHED=1. */
#ifndef WATCHED
#define WATCHED SANITIZED
#endif

/* How often to repeat. */
#define TIMES(count) (WATCHED ? (count) / 20 : (count))

#define KIBI ((size_t)1 << 10)
#define MEBI ((size_t)1 << 20)

/* xorshift64: the same sequence for the same seed on every machine. Seed not 0. */
struct random {
    uint64_t state;
};
uint64_t random_next(struct random *random);
size_t random_below(struct random *random, size_t bound);

/* A byte count below limit; every power of two is as likely as the next. */
size_t random_byte_count(struct random *random, size_t limit);

/* Writes a pattern that depends on seed and position; the check tells a block's
 * bytes from those of any other seed, and from the same ones shifted. */
void pattern_fill(void *block, size_t byte_count, uint64_t seed);
bool pattern_holds(const void *block, size_t byte_count, uint64_t seed);

/* From /proc/self/statm. What is mapped counts twice where it is writable: a
 * heap that reserves address space once shows its growth only there. */
size_t resident_bytes(void);
size_t mapped_bytes(void);
int thread_count(void);

/* pthread_create and pthread_join that end the program when they fail; the
 * stack is small, so that the C library's cache of stacks does not hide what
 * the heap does. */
#include <pthread.h>
pthread_t thread_start(void *(*body)(void *), void *argument);
void *thread_join(pthread_t thread);

/*
 * Ends the process by SIGALRM after so many seconds; 0 takes the limit away. While the process is
 * stopped, or its machine asleep, the time does not count, as it does for alarm.
 */
void limit_time(int seconds);

/* How a child ended, and what it wrote to standard error. */
struct child_result {
    int status; /* as of waitpid */
    size_t text_length;
    char text[1024];
};

/*
 * Runs body in a forked child that has standard error captured, leaves no
 * core file and has two minutes (limit_time). When body returns the
 * child ends with status 0 by _exit.
 */
void child_run(struct child_result *result, void (*body)(void *), void *argument);

bool child_exited(const struct child_result *result, int exit_status);
bool child_died_of(const struct child_result *result, int signal_number);

/* tap_note with the status and the text. */
void child_note(const struct child_result *result);

#endif /* SUPPORT_H */
