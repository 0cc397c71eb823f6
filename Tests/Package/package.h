/*
 * package.h - what every group of tests of the RpcSs package includes, and the groups.
 */
#ifndef PACKAGE_H
#define PACKAGE_H

#include "check.h"
#include "forms.h"
#include "support.h"

void test_status(void);      /* what each function returns and raises */
void test_vectors(void);     /* J33 to J42 of rpc-memory.md */
void test_ndr(void);         /* J43 and J44: NdrAllocate in an environment */
void test_exceptions(void);  /* the package and the statements of rpcexcept.h */
void test_slots(void);       /* Set, Get, nesting, several environments */
void test_handles(void);     /* stale and forged handles */
void test_free(void);        /* which pointers free takes and which it refuses */
void test_misuse(void);      /* children that must end by SIGABRT */
void test_contents(void);    /* sizes, alignment, blocks against a model */
void test_memory(void);      /* overhead, and what goes back to the system */
void test_sharing(void);     /* threads in one environment */
void test_disabling(void);   /* the owner disables while others run */
void test_thread_ends(void); /* threads that end attached, owners without Disable */
void test_stub_hooks(void);  /* NdrRpcSsEnableAllocate and ...DisableAllocate */
void test_client_pair(void); /* Set, Swap, ClientFree and the default pair */
void test_limit(void);       /* RLIMIT_AS */
void test_fork(void);        /* children of a program with busy threads */

#endif /* PACKAGE_H */
