/* Exceptions belong to a thread: eight that raise at the same time meet only their own. */
#include "groups.h"
#include "rpcexcept.h"
#include "support.h"
#include "tap.h"

#include <stdint.h>

enum { THREADS = 8, ROUNDS = 20000 };

static pthread_barrier_t barrier;

static void *raise_own_codes(void *argument) {
    volatile int wrong = 0;
    volatile int base = (int)(intptr_t)argument * ROUNDS;
    pthread_barrier_wait(&barrier);
    for (volatile int i = 1; i < ROUNDS; i++) {
        RpcTryExcept {
            RpcTryExcept { RpcRaiseException(base + i); }
            RpcExcept(RpcExceptionCode() == base + i) { RpcRaiseException(-RpcExceptionCode()); }
            RpcEndExcept wrong++;
        }
        RpcExcept(1) { wrong += RpcExceptionCode() != -(base + i); }
        RpcEndExcept
    }
    return (void *)(intptr_t)(wrong + RpcExceptionCode());
}

/* Two threads hand a turn to each other: each step happens within the other's statement. */
static void *statements_of_another(void *argument) {
    volatile intptr_t wrong = 0;
    int code = (int)(intptr_t)argument;
    RpcTryExcept {
        pthread_barrier_wait(&barrier); /* both are in a body */
        wrong += RpcExceptionCode() != 0;
        pthread_barrier_wait(&barrier);
        RpcRaiseException(code);
    }
    RpcExcept(1) {
        pthread_barrier_wait(&barrier); /* both are in a handler */
        wrong += RpcExceptionCode() != code;
        pthread_barrier_wait(&barrier);
    }
    RpcEndExcept wrong += RpcExceptionCode() != 0;
    return (void *)wrong;
}

static void *code_of_this_thread(void *argument) {
    (void)argument;
    return (void *)(intptr_t)RpcExceptionCode();
}

static intptr_t run(int count, void *(*body)(void *)) {
    pthread_t threads[THREADS];
    intptr_t wrong = 0;
    pthread_barrier_init(&barrier, NULL, (unsigned)count);
    for (int i = 0; i < count; i++)
        threads[i] = thread_start(body, (void *)(intptr_t)(i + 1));
    for (int i = 0; i < count; i++)
        wrong += (intptr_t)thread_join(threads[i]);
    pthread_barrier_destroy(&barrier);
    return wrong;
}

void test_threads(void) {
    tap_ok(run(THREADS, raise_own_codes) == 0, "%d threads raise %d times each at the same time",
           THREADS, ROUNDS);
    tap_ok(run(2, statements_of_another) == 0, "two threads in body and handler at the same time");
    volatile intptr_t elsewhere = -1;
    RpcTryExcept { RpcRaiseException(5); }
    RpcExcept(1) { elsewhere = (intptr_t)thread_join(thread_start(code_of_this_thread, NULL)); }
    RpcEndExcept tap_ok(elsewhere == 0, "a thread started in a handler handles nothing");
}
