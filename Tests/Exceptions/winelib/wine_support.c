/*
 * wine_support.c - what the groups need of support.h, under Winelib: a thread must be one of
 * Wine's, and a forked child is none of its processes. A test that would end its child ends the
 * group instead.
 */
#include "support.h"
#include "tap.h"

#include <stdlib.h>

#include <windows.h>

struct thread {
    HANDLE handle;
    void *(*body)(void *);
    void *argument;
};

static DWORD WINAPI run(void *argument) {
    struct thread *thread = argument;
    thread->argument = thread->body(thread->argument);
    return 0;
}

pthread_t thread_start(void *(*body)(void *), void *argument) {
    struct thread *thread = malloc(sizeof *thread);
    *thread = (struct thread){NULL, body, argument};
    thread->handle = CreateThread(NULL, 0, run, thread, 0, NULL);
    if (thread->handle == NULL)
        abort();
    return (pthread_t)thread;
}

void *thread_join(pthread_t started) {
    struct thread *thread = (struct thread *)started;
    WaitForSingleObject(thread->handle, INFINITE);
    CloseHandle(thread->handle);
    void *result = thread->argument;
    free(thread);
    return result;
}

void child_run(struct child_result *result, void (*body)(void *), void *argument) {
    body(argument);
    result->status = 0;
}

bool child_exited(const struct child_result *result, int exit_status) {
    return result->status == exit_status;
}

void child_note(const struct child_result *result) { tap_note("status %d", result->status); }
