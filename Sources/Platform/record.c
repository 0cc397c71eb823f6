/* The file in which a process records its blocks (midl_record.h), and what it says of modules. */
#define _GNU_SOURCE
#include "midl_diagnosing.h"
#include "midl_record.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

/* Processes of one number, one after the other: those that a program executes in its place. */
enum { IMAGE_LIMIT = 1000 };

static int create(const char *directory, size_t length, char *path, size_t limit) {
    for (int image = 0; image < IMAGE_LIMIT; image++) {
        int count =
            snprintf(path, limit, "%.*s/%d-%d", (int)length, directory, (int)getpid(), image);
        if (count < 0 || (size_t)count >= limit)
            return -1;
        int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (file >= 0 || errno != EEXIST)
            return file;
    }
    return -1;
}

/* All of it has its place on the disk: a disk that is full is no reason for a program to end. */
static bool fill(int file) {
    struct rlimit limit;
    return (getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur >= sizeof(struct midl_record)) &&
           posix_fallocate(file, 0, sizeof(struct midl_record)) == 0;
}

struct midl_record *midl_make_record(const void *directory, size_t length) {
    int kept = errno;
    char path[4096];
    void *record = MAP_FAILED;
    int file = create(directory, length, path, sizeof path);
    if (file >= 0) {
        if (fill(file))
            record =
                mmap(NULL, sizeof(struct midl_record), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        close(file);
        if (record == MAP_FAILED)
            unlink(path);
    }
    if (record != MAP_FAILED) {
        struct midl_record *made = record;
        made->process = (uint32_t)getpid();
        made->start_nanoseconds = midl_nanoseconds();
        if (readlink("/proc/self/exe", made->program, sizeof made->program - 1) < 0)
            made->program[0] = '\0';
        __atomic_store_n(&made->version, MIDL_RECORD_VERSION, __ATOMIC_RELEASE);
    }
    errno = kept;
    return record == MAP_FAILED ? NULL : record;
}

uintptr_t *midl_make_forgotten_word(void) {
    int kept = errno;
    size_t byte_count = (size_t)sysconf(_SC_PAGESIZE);
    void *page = mmap(NULL, byte_count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page != MAP_FAILED && madvise(page, byte_count, MADV_WIPEONFORK) != 0) {
        munmap(page, byte_count);
        page = MAP_FAILED;
    }
    errno = kept;
    return page == MAP_FAILED ? NULL : page;
}

/* ---- Modules ---- */

static bool is_known(const struct midl_record *record, uintptr_t start) {
    for (size_t i = 0; i < record->module_count; i++)
        if (record->modules[i].start == start)
            return true;
    return false;
}

static int add(struct dl_phdr_info *info, size_t size, void *argument) {
    struct midl_record *record = argument;
    (void)size;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        uintptr_t start = info->dlpi_addr + header->p_vaddr;
        if (header->p_type != PT_LOAD || !(header->p_flags & PF_X) || is_known(record, start))
            continue;
        if (record->module_count == MIDL_RECORD_MODULE_LIMIT)
            return 1;
        struct midl_record_module *module = &record->modules[record->module_count];
        bool is_program = info->dlpi_name == NULL || info->dlpi_name[0] == '\0';
        snprintf(module->path, sizeof module->path, "%s",
                 is_program ? record->program : info->dlpi_name);
        module->start = start;
        module->bias = info->dlpi_addr;
        module->end = start + header->p_memsz;
        __atomic_store_n(&record->module_count, record->module_count + 1, __ATOMIC_RELEASE);
    }
    return 0;
}

void midl_record_modules(struct midl_record *record) {
    int kept = errno;
    dl_iterate_phdr(add, record);
    errno = kept;
}
