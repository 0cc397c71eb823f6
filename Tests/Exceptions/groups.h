/* groups.h - the groups of tests of one program; each is a file test_GROUP.c. */
#ifndef GROUPS_H
#define GROUPS_H

void test_nesting(void);
void test_orders(void);
void test_filters(void);
void test_codes(void);
void test_leaving(void);
void test_jumps(void);
void test_volume(void);
void test_threads(void);
void test_uncaught(void);
void test_package(void);
void test_exhaustion(void);
void test_runtime(void);

#endif /* GROUPS_H */
