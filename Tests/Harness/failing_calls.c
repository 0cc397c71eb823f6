/*
 * failing_calls.c - the definitions that take the place of the C library's.
 *
 * What calls the kernel does so by number; what does not is found behind this
 * definition by dlsym.
 */
#define _GNU_SOURCE
#include "failing_calls.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <unistd.h>

const char *const call_names[CALL_COUNT + 1] = {
    "mmap",           "munmap",    "mprotect",           "madvise",
    "mremap",         "getrandom", "pthread_key_create", "pthread_setspecific",
    "pthread_atfork", "sysinfo",   "any call",
};

static atomic_int made[CALL_COUNT + 1];
static atomic_int armed_call = -1, countdown, failures;
static atomic_bool fails_later;

void calls_fail(enum call call, int n, bool and_all_later) {
    atomic_store(&failures, 0);
    atomic_store(&countdown, n);
    atomic_store(&fails_later, and_all_later);
    atomic_store(&armed_call, call);
}

bool calls_succeed(void) {
    atomic_store(&armed_call, -1);
    return atomic_load(&failures) > 0;
}

int calls_made(enum call call) { return atomic_load(&made[call]); }

static bool fails(enum call call) {
    atomic_fetch_add(&made[call], 1);
    atomic_fetch_add(&made[CALL_ANY], 1);
    int armed = atomic_load(&armed_call);
    if (armed != (int)call && armed != CALL_ANY)
        return false;
    int left = atomic_fetch_sub(&countdown, 1);
    if (left > 1 || (left < 1 && !atomic_load(&fails_later)))
        return false;
    atomic_fetch_add(&failures, 1);
    return true;
}

void *mmap(void *address, size_t length, int protection, int flags, int file, off_t offset) {
    if (fails(CALL_MMAP)) {
        errno = ENOMEM;
        return MAP_FAILED;
    }
    return (void *)syscall(SYS_mmap, address, length, protection, flags, file, offset);
}

void *mmap64(void *address, size_t length, int protection, int flags, int file, off64_t offset) {
    return mmap(address, length, protection, flags, file, offset);
}

int munmap(void *address, size_t length) {
    if (fails(CALL_MUNMAP)) {
        errno = ENOMEM;
        return -1;
    }
    return (int)syscall(SYS_munmap, address, length);
}

int mprotect(void *address, size_t length, int protection) {
    if (fails(CALL_MPROTECT)) {
        errno = ENOMEM;
        return -1;
    }
    return (int)syscall(SYS_mprotect, address, length, protection);
}

int madvise(void *address, size_t length, int advice) {
    if (fails(CALL_MADVISE)) {
        errno = EAGAIN;
        return -1;
    }
    return (int)syscall(SYS_madvise, address, length, advice);
}

void *mremap(void *address, size_t old_length, size_t new_length, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    void *wanted = flags & MREMAP_FIXED ? va_arg(arguments, void *) : NULL;
    va_end(arguments);
    if (fails(CALL_MREMAP)) {
        errno = ENOMEM;
        return MAP_FAILED;
    }
    return (void *)syscall(SYS_mremap, address, old_length, new_length, flags, wanted);
}

ssize_t getrandom(void *buffer, size_t length, unsigned flags) {
    if (fails(CALL_GETRANDOM)) {
        errno = ENOSYS;
        return -1;
    }
    return syscall(SYS_getrandom, buffer, length, flags);
}

int sysinfo(struct sysinfo *info) {
    if (fails(CALL_SYSINFO)) {
        errno = EFAULT;
        return -1;
    }
    return (int)syscall(SYS_sysinfo, info);
}

/* The address of a function as dlsym returns it, as a pointer to function. */
#define BEHIND(function, name)                                                                     \
    do {                                                                                           \
        void *address = dlsym(RTLD_NEXT, name);                                                    \
        *(void **)&(function) = address;                                                           \
    } while (0)

int pthread_key_create(pthread_key_t *key, void (*destructor)(void *)) {
    int (*behind)(pthread_key_t *, void (*)(void *));
    if (fails(CALL_KEY_CREATE))
        return EAGAIN;
    BEHIND(behind, "pthread_key_create");
    return behind(key, destructor);
}

int pthread_setspecific(pthread_key_t key, const void *value) {
    int (*behind)(pthread_key_t, const void *);
    if (fails(CALL_SETSPECIFIC))
        return ENOMEM;
    BEHIND(behind, "pthread_setspecific");
    return behind(key, value);
}

/* What pthread_atfork, which each object carries its own copy of, calls. */
int __register_atfork(void (*prepare)(void), void (*parent)(void), void (*child)(void),
                      void *library);
int __register_atfork(void (*prepare)(void), void (*parent)(void), void (*child)(void),
                      void *library) {
    int (*behind)(void (*)(void), void (*)(void), void (*)(void), void *);
    if (fails(CALL_ATFORK))
        return ENOMEM;
    BEHIND(behind, "__register_atfork");
    return behind(prepare, parent, child, library);
}
