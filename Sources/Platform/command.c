/* Programs that help with a report, and output. */
#define _GNU_SOURCE
#include "midl_diagnosing.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* What is exported to the child: not MIDL_MEMORY, and no library to be loaded first. */
static char *const environment[] = {"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C", NULL};

_Noreturn static void execute(const char *const *arguments, int output) {
    int none = open("/dev/null", O_RDWR);
    dup2(none, STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    dup2(none, STDERR_FILENO);
    sigset_t no_signals;
    sigemptyset(&no_signals);
    sigprocmask(SIG_SETMASK, &no_signals, NULL);
    execvpe(arguments[0], (char *const *)arguments, environment);
    _exit(127);
}

static size_t read_all(int file, char *bytes, size_t limit) {
    size_t count = 0;
    while (count < limit) {
        ssize_t got = read(file, bytes + count, limit - count);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        count += (size_t)got;
    }
    return count;
}

/* A process as fork makes it, but without the handlers of fork, which wait for locks that the
 * caller may hold, and without a signal at its end. */
static pid_t split(void) { return (pid_t)syscall(SYS_clone, 0, NULL, NULL, NULL, 0); }

ptrdiff_t midl_run(const char *const *arguments, char *output, size_t limit) {
    int kept = errno, ends[2], status = 0;
    ptrdiff_t result = -1;
    if (pipe2(ends, O_CLOEXEC) == 0) {
        pid_t child = split();
        if (child == 0)
            execute(arguments, ends[1]);
        close(ends[1]);
        if (child > 0)
            result = (ptrdiff_t)read_all(ends[0], output, limit);
        close(ends[0]);
        if (child > 0) {
            while (waitpid(child, &status, __WCLONE) < 0 && errno == EINTR) {
            }
            if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
                result = -1;
        }
    }
    errno = kept;
    return result;
}

void midl_write(int file, const void *bytes, size_t byte_count) {
    int kept = errno;
    const char *rest = bytes;
    while (byte_count > 0) {
        ssize_t written = write(file, rest, byte_count);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            break;
        rest += written;
        byte_count -= (size_t)written;
    }
    errno = kept;
}

void midl_set_no_function(void) { errno = ENOSYS; }

_Noreturn void midl_abort(void) { abort(); }
