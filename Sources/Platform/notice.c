/* When reports are made that nobody asks for by a call: at the end of the process, on a signal. */
#define _GNU_SOURCE
#include "midl_diagnosing.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* atexit is this, for an object that is never unloaded. */
extern int __cxa_atexit(void (*function)(void *), void *argument, void *object);

/* A function pointer goes by way of an object pointer, which POSIX allows. */
static void call(void *function) { ((void (*)(void))function)(); }

void midl_at_exit(void (*body)(void)) { __cxa_atexit(call, (void *)body, NULL); }

_Noreturn void midl_end_now(int32_t status) {
    fflush(NULL);
    _exit(status);
}

static void (*on_signal)(void);

static void handle(int number) {
    int kept = errno;
    (void)number;
    on_signal();
    errno = kept;
}

void midl_on_signal(int32_t number, void (*body)(void)) {
    struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    on_signal = body;
    sigaction(number, &action, NULL);
}

int32_t midl_signal_number(const char *name, size_t length) {
    static const struct {
        const char *name;
        int number;
    } names[] = {{"USR1", SIGUSR1}, {"USR2", SIGUSR2}, {"HUP", SIGHUP}, {"QUIT", SIGQUIT}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strlen(names[i].name) == length && memcmp(names[i].name, name, length) == 0)
            return names[i].number;
    return 0;
}

/* As in command.c; the copy's copy is nobody's child, so that nobody needs to wait for it. */
static pid_t split(void) { return (pid_t)syscall(SYS_clone, 0, NULL, NULL, NULL, 0); }

void midl_in_copy(void (*body)(void)) {
    int kept = errno;
    pid_t child = split();
    if (child == 0) {
        if (split() == 0) {
            signal(SIGALRM, SIG_DFL);
            alarm(60);
            body();
        }
        _exit(0);
    }
    while (child > 0 && waitpid(child, NULL, __WCLONE) < 0 && errno == EINTR) {
    }
    errno = kept;
}

int32_t midl_append_to(const void *path, size_t length) {
    int kept = errno;
    char text[4096];
    int file = -1;
    if (length < sizeof text) {
        memcpy(text, path, length);
        text[length] = '\0';
        file = open(text, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    }
    errno = kept;
    return file;
}

void midl_close_file(int32_t file) {
    int kept = errno;
    close(file);
    errno = kept;
}

uint32_t midl_process_number(void) { return (uint32_t)getpid(); }
