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
#include "binding.h"
#include "context.h"
#include "control.h"
#include "failures.h"
#include "ledger.h"
#include "lists.h"
#include "package.h"
#include "pointers.h"
#include "roster.h"
#include "text.h"
#include "trees.h"
#include "unions.h"
#include "vectors.h"

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
        context_v1_0_s_ifspec, failures_v1_0_s_ifspec, package_v1_0_s_ifspec,
        vectors_v1_0_s_ifspec, roster_v1_0_s_ifspec,   control_v1_0_s_ifspec,
    };

    for (size_t i = 0; i < sizeof(interfaces) / sizeof(interfaces[0]); i++)
        must(RpcServerRegisterIf(interfaces[i], NULL, NULL), "RpcServerRegisterIf");
}

/* Of those that the server listens at, the one of this protocol. */
static void print_endpoint(const char *protocol) {
    RPC_BINDING_VECTOR *bindings;
    RPC_CSTR text, protocol_there, endpoint;

    must(RpcServerInqBindings(&bindings), "RpcServerInqBindings");
    for (ULONG i = 0; i < bindings->Count; i++) {
        must(RpcBindingToStringBindingA(bindings->BindingH[i], &text), "RpcBindingToStringBinding");
        must(RpcStringBindingParseA(text, NULL, &protocol_there, NULL, &endpoint, NULL),
             "RpcStringBindingParse");
        if (strcmp((char *)protocol_there, protocol) == 0)
            printf("ready %s\n", (char *)endpoint);
        RpcStringFreeA(&protocol_there);
        RpcStringFreeA(&endpoint);
        RpcStringFreeA(&text);
    }
    fflush(stdout);
    RpcBindingVectorFree(&bindings);
}

static void listen_at(const char *protocol, const char *endpoint) {
    must(RpcServerUseProtseqEpA((RPC_CSTR)protocol, RPC_C_PROTSEQ_MAX_REQS_DEFAULT,
                                (RPC_CSTR)endpoint, NULL),
         "RpcServerUseProtseqEp");
}

/* The server's calls to itself go over ncalrpc in any case; see CROWD_PROTOCOL in run-stubs. */
static void listen_to_self(const char *protocol, const char *endpoint) {
    char own_endpoint[40];

    if (strcmp(protocol, "ncalrpc") != 0) {
        snprintf(own_endpoint, sizeof(own_endpoint), "midl_user_self_%lu",
                 (unsigned long)GetCurrentProcessId());
        listen_at("ncalrpc", own_endpoint);
        endpoint = own_endpoint;
    }
    set_self("ncalrpc", endpoint);
}

int main(int count, char **arguments) {
    const char *protocol;

    if (count < 2) {
        fprintf(stderr, "usage: server PROTOCOL [ENDPOINT]\n");
        return 2;
    }
    protocol = arguments[1];
    if (count > 2)
        listen_at(protocol, arguments[2]);
    else
        must(RpcServerUseProtseqA((RPC_CSTR)protocol, RPC_C_PROTSEQ_MAX_REQS_DEFAULT, NULL),
             "RpcServerUseProtseq");
    listen_to_self(protocol, arguments[2]);
    register_interfaces();
    ledger_enter(INSIDE_CALL);
    must(RpcServerListen(1, RPC_C_LISTEN_MAX_CALLS_DEFAULT, TRUE), "RpcServerListen");
    print_endpoint(protocol);
    must(RpcMgmtWaitServerListen(), "RpcMgmtWaitServerListen");
    return 0;
}
