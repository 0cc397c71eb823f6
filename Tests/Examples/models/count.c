/* Counts calls of the pair: the program is linked with --wrap, so that the stubs' calls come here.
 */
#include "count.h"

#include <rpc.h>

void *__RPC_USER __real_MIDL_user_allocate(size_t byteCount);
void __RPC_USER __real_MIDL_user_free(void *block);
void *__RPC_USER __wrap_MIDL_user_allocate(size_t byteCount);
void __RPC_USER __wrap_MIDL_user_free(void *block);

static DWORD client_thread;
static LONG allocated[2], freed[2];

static enum side side_of_thread(void) {
    return GetCurrentThreadId() == client_thread ? CLIENT : SERVER;
}

void *__RPC_USER __wrap_MIDL_user_allocate(size_t byteCount) {
    InterlockedIncrement(&allocated[side_of_thread()]);
    return __real_MIDL_user_allocate(byteCount);
}

void __RPC_USER __wrap_MIDL_user_free(void *block) {
    if (block != NULL)
        InterlockedIncrement(&freed[side_of_thread()]);
    __real_MIDL_user_free(block);
}

void count_begin(void) { client_thread = GetCurrentThreadId(); }

struct count count_take(enum side side) {
    struct count count = {InterlockedExchange(&allocated[side], 0),
                          InterlockedExchange(&freed[side], 0)};
    return count;
}
