/*
 * groups.h - the groups of tests that harness.c runs, one function for each.
 */
#ifndef GROUPS_H
#define GROUPS_H

void test_first(void);       /* every entry point as the process's first call */
void test_contract(void);    /* what the headers promise of a single call */
void test_contents(void);    /* blocks do not disturb each other */
void test_threads(void);     /* blocks that change threads */
void test_thread_life(void); /* many threads made and ended */
void test_exit(void);        /* thread-exit, atexit and ELF destructors */
void test_fork(void);        /* children of a program with busy threads */
void test_misuse(void);      /* what must end in SIGABRT, and its line */
void test_overwrite(void);   /* free blocks that were written to */
void test_sized(void);       /* frees that say a size */
void test_addresses(void);   /* thousands of addresses given to free */
void test_return(void);      /* memory goes back to the system */
void test_limit(void);       /* RLIMIT_AS */
void test_stubs(void);       /* the memory of generated stubs, one side */
void test_calls(void);       /* whole remote calls, both sides counted */
void test_graphs(void);      /* the part of test_calls with graphs and threads */

#endif /* GROUPS_H */
