/* How the library ends the program, and errno. */
#include "midl_platform.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void midl_set_out_of_memory(void) { errno = ENOMEM; }

static char *append(char *end, const char *limit, const char *text) {
    while (*text != '\0' && end < limit)
        *end++ = *text++;
    return end;
}

/* One write, so that lines of several threads or processes do not mix; no stdio, which may
 * allocate or hold a lock. */
_Noreturn void midl_stop(const char *function, const void *pointer, const char *cause) {
    char line[512];
    const char *limit = line + sizeof line - 1;
    char *end = append(line, limit, function);
    end = append(end, limit, "(0x");
    int shift = sizeof(void *) * 8 - 4;
    while (shift > 0 && ((uintptr_t)pointer >> shift) == 0)
        shift -= 4;
    for (; shift >= 0 && end < limit; shift -= 4)
        *end++ = "0123456789abcdef"[((uintptr_t)pointer >> shift) & 15];
    end = append(end, limit, "): ");
    end = append(end, limit, cause);
    *end++ = '\n';
    const char *rest = line;
    while (rest < end) {
        ssize_t written = write(STDERR_FILENO, rest, (size_t)(end - rest));
        if (written <= 0 && errno != EINTR)
            break;
        rest += written > 0 ? written : 0;
    }
    abort();
}
