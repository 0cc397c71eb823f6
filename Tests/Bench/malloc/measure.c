/*
 * measure.c - runs a command and appends what it cost to a file.
 *
 *     measure RESULTS LABEL PRELOAD COMMAND [ARGUMENT...]
 *
 * A line of RESULTS: LABEL, wall, user and system seconds, peak resident KiB of the largest process
 * among the command and its descendants, page faults of all of them. PRELOAD is the command's
 * LD_PRELOAD; this program itself runs without. The exit status is the command's.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds(struct timeval time) {
    return (double)time.tv_sec + (double)time.tv_usec * 1e-6;
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

int main(int count, char **arguments) {
    if (count < 5) {
        fprintf(stderr, "usage: measure RESULTS LABEL PRELOAD COMMAND [ARGUMENT...]\n");
        return 2;
    }
    double begun = now();
    pid_t child = fork();
    if (child < 0) {
        perror("fork");
        return 2;
    }
    if (child == 0) {
        setenv("LD_PRELOAD", arguments[3], 1);
        execvp(arguments[4], arguments + 4);
        perror(arguments[4]);
        _exit(127);
    }
    int status;
    struct rusage usage;
    if (wait4(child, &status, 0, &usage) != child) {
        perror("wait4");
        return 2;
    }
    double wall = now() - begun;
    FILE *results = fopen(arguments[1], "a");
    if (results == NULL) {
        perror(arguments[1]);
        return 2;
    }
    fprintf(results, "%s %.4f %.4f %.4f %ld %ld\n", arguments[2], wall, seconds(usage.ru_utime),
            seconds(usage.ru_stime), usage.ru_maxrss, usage.ru_minflt);
    fclose(results);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
