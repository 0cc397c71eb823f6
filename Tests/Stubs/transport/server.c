/*
 * The server: registers every interface on one endpoint, prints "ready ENDPOINT" and serves until
 * the client calls control_stop.
 *
 *     server ncacn_ip_tcp           the system chooses the port
 *     server ncalrpc ENDPOINT
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rpc.h>
#include <rpcndr.h>

#include "arrays.h"
#include "context.h"
#include "control.h"
#include "failures.h"
#include "ledger.h"
#include "lists.h"
#include "pointers.h"
#include "text.h"
#include "trees.h"
#include "unions.h"

static void must(RPC_STATUS status, const char *what) {
    if (status == RPC_S_OK)
        return;
    fprintf(stderr, "server: %s: status %ld\n", what, (long)status);
    exit(1);
}

static void register_interfaces(void) {
    RPC_IF_HANDLE interfaces[] = {
        lists_v1_0_s_ifspec,   trees_v1_0_s_ifspec,    pointers_v1_0_s_ifspec,
        text_v1_0_s_ifspec,    arrays_v1_0_s_ifspec,   unions_v1_0_s_ifspec,
        context_v1_0_s_ifspec, failures_v1_0_s_ifspec, control_v1_0_s_ifspec,
    };

    for (size_t i = 0; i < sizeof(interfaces) / sizeof(interfaces[0]); i++)
        must(RpcServerRegisterIf(interfaces[i], NULL, NULL), "RpcServerRegisterIf");
}

static void print_endpoint(void) {
    RPC_BINDING_VECTOR *bindings;
    RPC_CSTR text, endpoint;

    must(RpcServerInqBindings(&bindings), "RpcServerInqBindings");
    must(RpcBindingToStringBindingA(bindings->BindingH[0], &text), "RpcBindingToStringBinding");
    must(RpcStringBindingParseA(text, NULL, NULL, NULL, &endpoint, NULL), "RpcStringBindingParse");
    printf("ready %s\n", (char *)endpoint);
    fflush(stdout);
    RpcStringFreeA(&endpoint);
    RpcStringFreeA(&text);
    RpcBindingVectorFree(&bindings);
}

int main(int count, char **arguments) {
    RPC_CSTR protocol;

    if (count < 2) {
        fprintf(stderr, "usage: server PROTOCOL [ENDPOINT]\n");
        return 2;
    }
    protocol = (RPC_CSTR)arguments[1];
    if (count > 2)
        must(RpcServerUseProtseqEpA(protocol, RPC_C_PROTSEQ_MAX_REQS_DEFAULT,
                                    (RPC_CSTR)arguments[2], NULL),
             "RpcServerUseProtseqEp");
    else
        must(RpcServerUseProtseqA(protocol, RPC_C_PROTSEQ_MAX_REQS_DEFAULT, NULL),
             "RpcServerUseProtseq");
    register_interfaces();
    ledger_enter(INSIDE_CALL);
    must(RpcServerListen(1, RPC_C_LISTEN_MAX_CALLS_DEFAULT, TRUE), "RpcServerListen");
    print_endpoint();
    must(RpcMgmtWaitServerListen(), "RpcMgmtWaitServerListen");
    return 0;
}
