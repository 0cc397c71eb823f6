/*
 * child.c - a process for what ends the process, and the end of one that hangs: see child_run and
 * limit_time in support.h.
 */
#include "support.h"
#include "tap.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static void fail(const char *what) {
    perror(what);
    exit(2);
}

/* Atomic: the signal may come to another thread each time. */
static atomic_int seconds_left;

static void count_second(int signal_number) {
    if (atomic_fetch_sub(&seconds_left, 1) > 1)
        return;
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

void limit_time(int seconds) {
    seconds_left = seconds;
    struct sigaction action = {.sa_handler = count_second, .sa_flags = SA_RESTART};
    sigaction(SIGALRM, &action, NULL);
    struct itimerval timer = {{seconds > 0, 0}, {seconds > 0, 0}};
    setitimer(ITIMER_REAL, &timer, NULL);
}

void child_run(struct child_result *result, void (*body)(void *), void *argument) {
    int ends[2];
    if (pipe(ends) != 0)
        fail("pipe");
    pid_t child = fork();
    if (child < 0)
        fail("fork");
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        close(ends[1]);
        prctl(PR_SET_DUMPABLE, 0);
        signal(SIGABRT, SIG_DFL);
        limit_time(120);
        body(argument);
        _exit(0);
    }
    close(ends[1]);
    result->text_length = 0;
    for (;;) {
        char overflow[256];
        size_t room = sizeof result->text - 1 - result->text_length;
        ssize_t count = read(ends[0], room ? result->text + result->text_length : overflow,
                             room ? room : sizeof overflow);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            break;
        if (room)
            result->text_length += (size_t)count;
    }
    result->text[result->text_length] = '\0';
    close(ends[0]);
    while (waitpid(child, &result->status, 0) < 0)
        if (errno != EINTR)
            fail("waitpid");
}

bool child_exited(const struct child_result *result, int exit_status) {
    return WIFEXITED(result->status) && WEXITSTATUS(result->status) == exit_status;
}

bool child_died_of(const struct child_result *result, int signal_number) {
    return WIFSIGNALED(result->status) && WTERMSIG(result->status) == signal_number;
}

void child_note(const struct child_result *result) {
    char line[256];
    size_t length = 0;
    for (; length < result->text_length && length < sizeof line - 1; length++)
        line[length] = result->text[length] == '\n' ? '|' : result->text[length];
    line[length] = '\0';
    if (WIFSIGNALED(result->status))
        tap_note("child died of signal %d: %s", WTERMSIG(result->status), line);
    else
        tap_note("child ended with status %d: %s", WEXITSTATUS(result->status), line);
}
