/* test_malloc.h - the groups of tests of malloc's entry points. Each reports by tap.h. */
#ifndef TEST_MALLOC_H
#define TEST_MALLOC_H

void test_one_thread(void);
void test_aligned(void);
void test_realloc(void);
void test_threads(void);
void test_fork(void);
void test_misuse(void);

#endif /* TEST_MALLOC_H */
