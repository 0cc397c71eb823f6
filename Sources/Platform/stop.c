/* How the library ends the program, and errno. */
#include "midl_platform.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

void midl_set_out_of_memory(void) { errno = ENOMEM; }

/* A line that is put together without stdio, which may allocate or hold a lock. */
struct line {
    char text[512];
    size_t length;
};

/* Small code rather than fast: nothing here is called twice. */
#define COLD __attribute__((cold, noinline))

COLD static void append(struct line *line, const char *text) {
    while (*text != '\0' && line->length < sizeof line->text - 1)
        line->text[line->length++] = *text++;
}

COLD static void append_number(struct line *line, uint64_t number, unsigned base) {
    char digits[24];
    char *first = digits + sizeof digits - 1;
    *first = '\0';
    do {
        *--first = "0123456789abcdef"[number % base];
        number /= base;
    } while (number != 0);
    append(line, first);
}

/* One write, so that lines of several threads or processes do not mix. */
COLD static void print(struct line *line) {
    line->text[line->length++] = '\n';
    const char *rest = line->text;
    const char *end = line->text + line->length;
    while (rest < end) {
        ssize_t written = write(STDERR_FILENO, rest, (size_t)(end - rest));
        if (written <= 0 && errno != EINTR)
            break;
        rest += written > 0 ? written : 0;
    }
}

_Noreturn COLD static void print_and_abort(struct line *line) {
    print(line);
    abort();
}

COLD void midl_complain(const char *text) {
    int kept = errno;
    struct line line = {.length = 0};
    append(&line, "libmidl_user: ");
    append(&line, text);
    print(&line);
    errno = kept;
}

_Noreturn COLD void midl_stop(const char *function, const void *pointer, const char *cause) {
    struct line line = {.length = 0};
    append(&line, function);
    append(&line, "(0x");
    append_number(&line, (uintptr_t)pointer, 16);
    append(&line, "): ");
    append(&line, cause);
    print_and_abort(&line);
}

_Noreturn COLD void midl_stop_uncaught(int32_t status, const char *name, const char *function) {
    struct line line = {.length = 0};
    append(&line, function);
    append(&line, ": RPC exception ");
    /* Codes of the system, with the top bit, are known by their hexadecimal form. */
    if (status < 0)
        append(&line, "0x");
    append_number(&line, (uint32_t)status, status < 0 ? 16 : 10);
    append(&line, " (");
    append(&line, name);
    append(&line, ") was raised and not caught; enclose the call in RpcTryExcept");
    print_and_abort(&line);
}
