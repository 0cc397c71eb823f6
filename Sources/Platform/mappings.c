/* The writable memory of the process: where it is, and its bytes, read so that no page that is not
 * there makes a fault. */
#define _GNU_SOURCE
#include "midl_diagnosing.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static const char *number(const char *text, uintptr_t *value) {
    *value = 0;
    for (;; text++) {
        char digit = *text;
        if (digit >= '0' && digit <= '9')
            *value = *value * 16 + (uintptr_t)(digit - '0');
        else if (digit >= 'a' && digit <= 'f')
            *value = *value * 16 + (uintptr_t)(digit - 'a') + 10;
        else
            return text;
    }
}

/* "start-end rw-p offset device inode   path" */
static void parse(const char *line, struct midl_mapping *mapping) {
    const char *rest = number(line, &mapping->start);
    rest = number(rest + 1, &mapping->end);
    mapping->is_writable = rest[1] == 'r' && rest[2] == 'w';
    mapping->is_closed = rest[1] == '-' && rest[2] == '-';
    const char *path = strchr(line, '/');
    /* Reading a device may do something. */
    if (path != NULL && strncmp(path, "/dev/", 5) == 0 && strncmp(path, "/dev/shm/", 9) != 0 &&
        strncmp(path, "/dev/zero", 9) != 0)
        mapping->is_writable = false;
    mapping->is_main_stack = strstr(line, "[stack]") != NULL;
}

ptrdiff_t midl_read_mappings(struct midl_mapping *mappings, size_t limit) {
    char text[8192 + 1];
    size_t length = 0, count = 0;
    int kept = errno;
    ssize_t got;
    int file = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return -1;
    while ((got = read(file, text + length, sizeof text - 1 - length)) > 0) {
        char *line = text, *end;
        length += (size_t)got;
        text[length] = '\0';
        while ((end = strchr(line, '\n')) != NULL) {
            *end = '\0';
            if (count == limit) {
                got = -1;
                break;
            }
            parse(line, &mappings[count++]);
            line = end + 1;
        }
        length = (size_t)(text + length - line);
        memmove(text, line, length);
        if (got < 0)
            break;
    }
    close(file);
    errno = kept;
    return got < 0 ? -1 : (ptrdiff_t)count;
}

static int memory = -1, pages = -1;

bool midl_open_memory(void) {
    int kept = errno;
    memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    pages = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    errno = kept;
    return memory >= 0;
}

void midl_close_memory(void) {
    int kept = errno;
    close(memory);
    if (pages >= 0)
        close(pages);
    memory = pages = -1;
    errno = kept;
}

ptrdiff_t midl_read_memory(uintptr_t address, void *bytes, size_t byte_count) {
    int kept = errno;
    ssize_t got = pread(memory, bytes, byte_count, (off_t)address);
    errno = kept;
    return got;
}

/* Of each page eight bytes, whose top bits say "present" and "swapped". */
uintptr_t midl_next_touched(uintptr_t start, uintptr_t end) {
    uint64_t entries[512];
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), at = start & -page;
    int kept = errno;
    while (pages >= 0 && at < end) {
        size_t wanted = (end - at + page - 1) / page;
        ssize_t got = pread(pages, entries, (wanted < 512 ? wanted : 512) * sizeof entries[0],
                            (off_t)(at / page * sizeof entries[0]));
        if (got < (ssize_t)sizeof entries[0])
            break;
        for (size_t i = 0; i < (size_t)got / sizeof entries[0]; i++, at += page)
            if (entries[i] >> 62 != 0) {
                errno = kept;
                return at < start ? start : at;
            }
    }
    errno = kept;
    return pages < 0 || at < end ? start : end;
}
