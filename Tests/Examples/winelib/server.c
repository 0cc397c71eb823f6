/* The server of the phone book. Its manager routine allocates the reply with midl_user_allocate;
 * its stub frees that when it has been sent. */
#include <stdio.h>
#include <string.h>

#include <rpc.h>

#include "phonebook.h"

static const struct {
    const char *name;
    long number;
} book[] = {{"Ada", 1815}, {"Adele", 1842}, {"Grace", 1906}};

static ENTRY *new_entry(const char *name, long number) {
    ENTRY *entry = midl_user_allocate(sizeof *entry);
    char *copy = midl_user_allocate(strlen(name) + 1);
    if (entry == NULL || copy == NULL)
        RpcRaiseException(RPC_S_OUT_OF_MEMORY);
    entry->name = strcpy(copy, name);
    entry->number = number;
    entry->next = NULL;
    return entry;
}

void __cdecl phonebook_find(handle_t binding, const char *prefix, ENTRY **entries) {
    ENTRY **end = entries;
    *entries = NULL;
    for (size_t i = 0; i < sizeof book / sizeof *book; i++) {
        if (strncmp(book[i].name, prefix, strlen(prefix)) != 0)
            continue;
        *end = new_entry(book[i].name, book[i].number);
        end = &(*end)->next;
    }
}

void __cdecl phonebook_stop(handle_t binding) { RpcMgmtStopServerListening(NULL); }

int main(void) {
    RPC_STATUS status = RpcServerUseProtseqEpA((RPC_CSTR) "ncalrpc", RPC_C_PROTSEQ_MAX_REQS_DEFAULT,
                                               (RPC_CSTR) "phonebook", NULL);
    if (status == RPC_S_OK)
        status = RpcServerRegisterIf(phonebook_v1_0_s_ifspec, NULL, NULL);
    if (status == RPC_S_OK)
        status = RpcServerListen(1, RPC_C_LISTEN_MAX_CALLS_DEFAULT, TRUE);
    if (status != RPC_S_OK) {
        fprintf(stderr, "server: status %ld\n", (long)status);
        return 1;
    }
    puts("listening");
    fflush(stdout);
    RpcMgmtWaitServerListen();
    puts("stopped");
    return 0;
}
