/* Address space: reserve, commit, decommit, release. */
#define _GNU_SOURCE
#include "midl_platform.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <time.h>
#include <unistd.h>

void *midl_reserve(size_t byte_count) {
    int kept = errno;
    void *start =
        mmap(NULL, byte_count, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    errno = kept;
    return start == MAP_FAILED ? NULL : start;
}

void midl_release(void *start, size_t byte_count) {
    int kept = errno;
    munmap(start, byte_count);
    errno = kept;
}

bool midl_make_readable(void *start, size_t byte_count) {
    int kept = errno;
    bool done = mprotect(start, byte_count, PROT_READ) == 0;
    errno = kept;
    return done;
}

/* The size of the process's address space, from the first number in /proc/self/statm; 0 when it
 * cannot be read. */
static size_t address_space_in_use(void) {
    char text[32];
    int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return 0;
    ssize_t count = read(file, text, sizeof text);
    close(file);
    size_t page_count = 0;
    for (ssize_t i = 0; i < count && text[i] >= '0' && text[i] <= '9'; i++)
        page_count = page_count * 10 + (size_t)(text[i] - '0');
    return page_count * (size_t)sysconf(_SC_PAGESIZE);
}

bool midl_commit(void *start, size_t byte_count, size_t reserved_byte_count) {
    int kept = errno;
    bool done = true;
    size_t limit = midl_address_space_limit();
    if (limit != SIZE_MAX) {
        size_t in_use = address_space_in_use();
        size_t committed = in_use > reserved_byte_count ? in_use - reserved_byte_count : 0;
        done = committed < limit && byte_count <= limit - committed;
    }
    done = done && mprotect(start, byte_count, PROT_READ | PROT_WRITE) == 0;
    errno = kept;
    return done;
}

void midl_decommit(void *start, size_t byte_count) {
    int kept = errno;
    /* Refused for pages that are locked in memory. */
    if (madvise(start, byte_count, MADV_DONTNEED) != 0)
        memset(start, 0, byte_count);
    errno = kept;
}

void midl_advise_huge(void *start, size_t byte_count, bool is_huge) {
    int kept = errno;
    madvise(start, byte_count, is_huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
    errno = kept;
}

enum midl_residency midl_residency(void *page) {
    int kept = errno;
    unsigned char state = 0;
    enum midl_residency residency = MIDL_RESIDENCY_UNKNOWN;
    if (mincore(page, 1, &state) == 0)
        residency = (state & 1) != 0 ? MIDL_RESIDENT : MIDL_NOT_RESIDENT;
    errno = kept;
    return residency;
}

size_t midl_physical_byte_count(void) {
    int kept = errno;
    struct sysinfo info;
    size_t byte_count = sysinfo(&info) == 0 ? (size_t)info.totalram * info.mem_unit : 0;
    errno = kept;
    return byte_count;
}

size_t midl_address_space_limit(void) {
    int kept = errno;
    struct rlimit limit;
    bool limited = getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
    errno = kept;
    return limited ? (size_t)limit.rlim_cur : SIZE_MAX;
}

uint64_t midl_milliseconds(void) {
    int kept = errno;
    struct timespec now = {0, 0};
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    errno = kept;
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

uint64_t midl_random(void) {
    int kept = errno;
    uint64_t bits = 0;
    if (getrandom(&bits, sizeof bits, GRND_NONBLOCK) != (ssize_t)sizeof bits) {
        /* Early boot, or a sandbox without the call: the placement of the stack and the clock. */
        struct timespec now = {0, 0};
        clock_gettime(CLOCK_MONOTONIC, &now);
        bits = (uint64_t)(uintptr_t)&bits ^ ((uint64_t)now.tv_nsec << 32) ^ (uint64_t)now.tv_sec;
        bits *= UINT64_C(0x9E3779B97F4A7C15);
    }
    errno = kept;
    return bits;
}
