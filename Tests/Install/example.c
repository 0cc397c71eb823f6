/* A program of somebody who has the library installed; C and C++. Says what it found, and fails
 * when anything is not as the headers have it. */
#include <midl_memory.h>
#include <rpcexcept.h>
#include <rpcss.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>

static int failures;

static void expect(int holds, const char *what) {
    if (!holds) {
        printf("not so: %s\n", what);
        failures++;
    }
}

static void pair(void) {
    char *block = (char *)midl_user_allocate(100);
    expect(block != NULL && midl_memory_size(block) >= 100, "a block has what was asked for");
    if (block == NULL)
        return;
    memset(block, 1, midl_memory_size(block));
    MIDL_user_free(block);
    midl_user_free(NULL);
}

static void environment(void) {
    RPC_STATUS status = RpcSmEnableAllocate();
    expect(status == RPC_S_OK, "an environment can be made");
    for (int i = 0; i < 1000; i++) {
        void *node = RpcSmAllocate(100, &status);
        expect(node != NULL && status == RPC_S_OK, "an environment gives blocks");
    }
    expect(RpcSmDisableAllocate() == RPC_S_OK, "an environment ends");
}

static void exception(void) {
    volatile RPC_STATUS caught = RPC_S_OK;
    RpcTryExcept { RpcSsAllocate(16); /* without an environment */ }
    RpcExcept(RpcExceptionCode() == RPC_S_OUT_OF_MEMORY) { caught = RpcExceptionCode(); }
    RpcEndExcept expect(caught == RPC_S_OUT_OF_MEMORY, "an exception is caught");
}

static void *on_thread(void *block) {
    midl_user_free(block);
    environment();
    return midl_user_allocate(1);
}

static void threads(void) {
    pthread_t thread;
    void *block = NULL;
    if (pthread_create(&thread, NULL, on_thread, midl_user_allocate(64)) != 0 ||
        pthread_join(thread, &block) != 0)
        expect(0, "a thread runs");
    expect(block != NULL, "a block outlives its thread");
    midl_user_free(block);
}

int main(void) {
    int version = midl_memory_version();
    char text[32];
    snprintf(text, sizeof text, "%d.%d.%d", version / 10000, version / 100 % 100, version % 100);
    expect(version == MIDL_MEMORY_VERSION, "the header's version is the library's");
    expect(strcmp(text, midl_memory_version_string()) == 0, "the version's number is its text");
    pair();
    environment();
    exception();
    threads();
    printf("%d failures with libmidl_user %s\n", failures, midl_memory_version_string());
    return failures == 0 ? 0 : 1;
}
