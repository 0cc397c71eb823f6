/* Bindings; see binding.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "binding.h"

static char self_protocol[16], self_endpoint[64];

handle_t bind_to(const char *protocol, const char *endpoint) {
    const char *address = strcmp(protocol, "ncacn_ip_tcp") == 0 ? "127.0.0.1" : NULL;
    handle_t binding = NULL;
    RPC_CSTR text;

    if (RpcStringBindingComposeA(NULL, (RPC_CSTR)protocol, (RPC_CSTR)address, (RPC_CSTR)endpoint,
                                 NULL, &text) != RPC_S_OK ||
        RpcBindingFromStringBindingA(text, &binding) != RPC_S_OK) {
        fprintf(stderr, "no binding for %s %s\n", protocol, endpoint);
        exit(2);
    }
    RpcStringFreeA(&text);
    return binding;
}

void set_self(const char *protocol, const char *endpoint) {
    snprintf(self_protocol, sizeof(self_protocol), "%s", protocol);
    snprintf(self_endpoint, sizeof(self_endpoint), "%s", endpoint);
}

handle_t bind_to_self(void) { return bind_to(self_protocol, self_endpoint); }
