/* Server side of failures.idl: both raise after linking data into their [out] parameters. */
#include <rpc.h>
#include <rpcndr.h>

#include "checks.h"
#include "failures.h"
#include "graphs.h"

void __cdecl raise_with_list(handle_t binding, LONG exception, NODE **head) {
    (void)binding;
    CHECK(*head == NULL);
    *head = list_build(2);
    RpcRaiseException(exception);
}

void __cdecl raise_with_array(handle_t binding, LONG exception, LONG count, char *values) {
    (void)binding;
    CHECK_EQUAL(100, count);
    values[0] = 1;
    RpcRaiseException(exception);
}
