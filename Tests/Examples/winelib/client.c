/* The client of the phone book. Its stub allocates what the server returns with midl_user_allocate,
 * and from then on it is the client's: here it is freed, entry by entry. */
#include <stdio.h>

#include <rpcexcept.h>

#include "phonebook.h"

static handle_t phonebook_binding(void) {
    RPC_CSTR text;
    handle_t binding = NULL;
    if (RpcStringBindingComposeA(NULL, (RPC_CSTR) "ncalrpc", NULL, (RPC_CSTR) "phonebook", NULL,
                                 &text) == RPC_S_OK) {
        RpcBindingFromStringBindingA(text, &binding);
        RpcStringFreeA(&text);
    }
    return binding;
}

static void free_entries(ENTRY *entry) {
    while (entry != NULL) {
        ENTRY *next = entry->next;
        midl_user_free(entry->name);
        midl_user_free(entry);
        entry = next;
    }
}

int main(void) {
    handle_t binding = phonebook_binding();
    ENTRY *entries = NULL;
    RpcTryExcept {
        phonebook_find(binding, "Ad", &entries);
        for (ENTRY *entry = entries; entry != NULL; entry = entry->next)
            printf("%s %ld\n", entry->name, (long)entry->number);
        phonebook_stop(binding);
    }
    RpcExcept(1) {
        fprintf(stderr, "client: exception %ld\n", (long)RpcExceptionCode());
        return 1;
    }
    RpcEndExcept free_entries(entries);
    RpcBindingFree(&binding);
    return 0;
}
