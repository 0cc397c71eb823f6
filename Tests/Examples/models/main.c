/* The models of memory, counted: a server and its client in one program. For each call it prints
 * how many blocks the server's side and the client's side allocated and freed. */
#include <stdio.h>

#include "count.h"
#include "list.h"

static void serve(void) {
    RpcServerUseProtseqEpA((RPC_CSTR) "ncalrpc", RPC_C_PROTSEQ_MAX_REQS_DEFAULT,
                           (RPC_CSTR) "models", NULL);
    RpcServerRegisterIf(server_models_v1_0_s_ifspec, NULL, NULL);
    RpcServerListen(1, RPC_C_LISTEN_MAX_CALLS_DEFAULT, TRUE);
}

static handle_t bind_to_models(void) {
    RPC_CSTR text;
    handle_t binding = NULL;
    RpcStringBindingComposeA(NULL, (RPC_CSTR) "ncalrpc", NULL, (RPC_CSTR) "models", NULL, &text);
    RpcBindingFromStringBindingA(text, &binding);
    RpcStringFreeA(&text);
    return binding;
}

static void report(const char *what) {
    struct count server = count_take(SERVER), client = count_take(CLIENT);
    printf("%-38s %6ld %6ld %8ld %6ld\n", what, server.allocated, server.freed, client.allocated,
           client.freed);
}

static void node_by_node(handle_t binding) {
    NODE *list = new_list(3), *tail;
    count_take(CLIENT);

    list_sum(binding, list);
    report("list_sum: [in], three nodes");

    tail = list->next; /* kept, for list_cut orphans it */
    list_cut(binding, list);
    report("list_cut: [in, out], two cut off");
    free_list(list);
    free_list(tail);
    report("  the client frees both parts");

    list = NULL; /* else the stub takes it for storage to write to */
    list_make(binding, 3, &list);
    report("list_make: [out]");
    free_list(list);
    report("  the client frees the list");

    list = list_returned(binding, 3);
    report("list_returned: a return value");
    free_list(list);
    report("  the client frees the list");
}

static void all_nodes(handle_t binding) {
    NODE *list = new_list(3);
    count_take(CLIENT);
    whole_sum(binding, list);
    report("whole_sum: [in], all_nodes");
    free_list(list);
    report("  the client frees its own");
}

static void own_buffer(handle_t binding) {
    LONG numbers[10];
    squares(binding, 10, numbers);
    report("squares: [out], ten numbers");
}

static void outliving_storage(handle_t binding) {
    NODE *list = new_list(3);
    count_take(CLIENT);
    kept_keep(binding, list);
    report("kept_keep: [in], dont_free");
    free_list(list);
    report("  the client frees its own");
    printf("  in a later call the sum is %ld\n", (long)kept_sum(binding));
    kept_drop(binding);
    report("kept_drop: the manager frees");
}

int main(void) {
    handle_t binding;
    count_begin();
    serve();
    binding = bind_to_models();
    printf("%-38s %13s %15s\n%38s %6s %6s %8s %6s\n", "", "server", "client", "", "alloc", "free",
           "alloc", "free");
    node_by_node(binding);
    all_nodes(binding);
    own_buffer(binding);
    outliving_storage(binding);
    RpcBindingFree(&binding);
    RpcMgmtStopServerListening(NULL);
    return 0;
}
