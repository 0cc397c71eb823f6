/* Faults: accesses that the system refused, and the stacks on which they are handled. */
#define _GNU_SOURCE
#include "midl_diagnosing.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

static const int signals[] = {SIGSEGV, SIGBUS};
enum { SIGNAL_COUNT = sizeof signals / sizeof signals[0] };
static struct sigaction before[SIGNAL_COUNT];
static bool (*recognize)(const struct midl_fault *);

static struct midl_fault fault_of(const siginfo_t *info, const ucontext_t *context) {
    struct midl_fault fault = {(uintptr_t)info->si_addr, 0, MIDL_ACCESS};
#if defined(__x86_64__)
    fault.program_counter = (uintptr_t)context->uc_mcontext.gregs[REG_RIP];
    fault.access = context->uc_mcontext.gregs[REG_ERR] & 2 ? MIDL_WRITE : MIDL_READ;
#elif defined(__aarch64__)
    fault.program_counter = (uintptr_t)context->uc_mcontext.pc;
#endif
    return fault;
}

/* The instruction is tried again when the handler returns, and the signal comes again; one that
 * somebody sent does not. */
static void pass_on(int number, siginfo_t *info, void *context, const struct sigaction *action) {
    if (action->sa_flags & SA_SIGINFO)
        action->sa_sigaction(number, info, context);
    else if (action->sa_handler == SIG_IGN && info->si_code <= 0)
        return;
    else if (action->sa_handler == SIG_DFL || action->sa_handler == SIG_IGN) {
        signal(number, SIG_DFL);
        if (info->si_code <= 0)
            raise(number);
    } else
        action->sa_handler(number);
}

static void handle(int number, siginfo_t *info, void *context) {
    int kept = errno;
    struct midl_fault fault = fault_of(info, context);
    /* A signal that somebody sent has no address. */
    if (info->si_code > 0 && recognize(&fault))
        signal(number, SIG_DFL);
    else
        pass_on(number, info, context, &before[number == SIGBUS]);
    errno = kept;
}

void midl_watch_faults(bool (*function)(const struct midl_fault *)) {
    struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigemptyset(&action.sa_mask);
    recognize = function;
    for (int i = 0; i < SIGNAL_COUNT; i++)
        sigaction(signals[i], &action, &before[i]);
}

bool midl_watches_faults(void) {
    int kept = errno;
    struct sigaction action;
    bool is_own = sigaction(SIGSEGV, NULL, &action) != 0 || action.sa_sigaction == handle;
    errno = kept;
    return is_own;
}

/* ---- Stacks for handlers ---- */

enum { STACK_BYTE_COUNT = 128 << 10 };
static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static _Thread_local bool has_stack __attribute__((tls_model("initial-exec")));

static void release_stack(void *stack) {
    stack_t none = {.ss_flags = SS_DISABLE};
    if (sigaltstack(&none, NULL) == 0)
        munmap(stack, STACK_BYTE_COUNT);
}

static void make_key(void) { pthread_key_create(&key, release_stack); }

void midl_use_signal_stack(void) {
    if (has_stack)
        return;
    has_stack = true;
    int kept = errno;
    stack_t current;
    if (sigaltstack(NULL, &current) == 0 && current.ss_flags & SS_DISABLE) {
        pthread_once(&once, make_key);
        void *stack = mmap(NULL, STACK_BYTE_COUNT, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        stack_t new = {.ss_sp = stack, .ss_size = STACK_BYTE_COUNT};
        if (stack != MAP_FAILED && sigaltstack(&new, NULL) == 0)
            pthread_setspecific(key, stack);
    }
    errno = kept;
}

/* ---- Ranges ---- */

/* A fresh mapping, so that the system joins it with those beside it. */
bool midl_close(void *start, size_t byte_count) {
    int kept = errno;
    bool done = mmap(start, byte_count, PROT_NONE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) != MAP_FAILED;
    errno = kept;
    return done;
}

bool midl_open(void *start, size_t byte_count) {
    int kept = errno;
    bool done = mprotect(start, byte_count, PROT_READ | PROT_WRITE) == 0;
    errno = kept;
    return done;
}

size_t midl_mapping_limit(void) {
    int kept = errno;
    size_t limit = 0;
    char text[32];
    int file = open("/proc/sys/vm/max_map_count", O_RDONLY | O_CLOEXEC);
    if (file >= 0) {
        ssize_t count = read(file, text, sizeof text);
        close(file);
        for (ssize_t i = 0; i < count && text[i] >= '0' && text[i] <= '9'; i++)
            limit = limit * 10 + (size_t)(text[i] - '0');
    }
    errno = kept;
    return limit == 0 ? 65530 : limit;
}

uint32_t midl_thread_number(void) { return (uint32_t)syscall(SYS_gettid); }

void midl_wait(void) { usleep(1000); }

uint64_t midl_nanoseconds(void) {
    int kept = errno;
    struct timespec now = {0, 0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    errno = kept;
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}
