/*
 * watch.h - looks at the thread before, in and after each call with hooks.
 *
 *     watch_before_call();   slot NULL: the thread of the pool kept nothing
 *     NdrRpcSsEnableAllocate(&message);
 *     watch_in_call();       an environment, the message's pair is the package's
 *     ...
 *     NdrRpcSsDisableAllocate(&message);
 *     watch_after_call();    slot NULL, the call's handle stale, the message's pair as before
 *
 * What does not hold is a failed check of the server (checks.h).
 */
#ifndef STUBS_WATCH_H
#define STUBS_WATCH_H

#include <rpc.h>
#include <rpcndr.h>

void watch_before_call(void);
void watch_in_call(const MIDL_STUB_MESSAGE *message);
void watch_after_call(const MIDL_STUB_MESSAGE *message);

struct watched {
    long begun;
    long ended;
};

struct watched watch_read(void);

#endif
