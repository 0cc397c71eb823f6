/*
 * forms.h - the two forms of the package as one table: RpcSm by status, RpcSs by exception.
 *
 * The functions of the RpcSs table catch what is raised and return it as a status.
 */
#ifndef FORMS_H
#define FORMS_H

#include "rpcexcept.h"
#include "rpcss.h"

struct form {
    const char *name;
    void *(*allocate)(size_t byte_count, RPC_STATUS *status);
    RPC_STATUS (*free)(void *node);
    RPC_STATUS (*enable)(void);
    RPC_STATUS (*disable)(void);
    RPC_SS_THREAD_HANDLE (*get)(RPC_STATUS *status);
    RPC_STATUS (*set)(RPC_SS_THREAD_HANDLE handle);
    RPC_STATUS (*set_pair)(RPC_CLIENT_ALLOC *allocate, RPC_CLIENT_FREE *release);
    RPC_STATUS (*swap_pair)(RPC_CLIENT_ALLOC *allocate, RPC_CLIENT_FREE *release,
                            RPC_CLIENT_ALLOC **old_allocate, RPC_CLIENT_FREE **old_release);
};

enum { FORM_COUNT = 2 };
extern const struct form forms[FORM_COUNT];

/* What a status variable holds before a call that must set it. */
#define UNSET 4711

/* RpcSmAllocate with its status checked: 0 with a block, 14 with NULL. */
void *sm_allocate(size_t byte_count);

#endif /* FORMS_H */
