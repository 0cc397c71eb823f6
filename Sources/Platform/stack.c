/* Stacks, and the modules that their addresses belong to. A C library without backtrace, as musl,
 * has stacks without frames. */
#define _GNU_SOURCE
#include "midl_diagnosing.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <unistd.h>

#ifdef __GLIBC__
#include <execinfo.h>
#else
static int backtrace(void **frames, int limit) {
    (void)frames;
    (void)limit;
    return 0;
}
#endif

void midl_prepare_stacks(void) {
    void *frame[1];
    int kept = errno;
    backtrace(frame, 1);
    errno = kept;
}

size_t midl_capture_stack(uintptr_t *frames, size_t limit) {
    int kept = errno;
    int count = backtrace((void **)frames, (int)limit);
    errno = kept;
    return count < 0 ? 0 : (size_t)count;
}

/* The program's file, by a name that is good in other processes too. */
static const char *program_path(void) {
    static char path[4096];
    if (path[0] == '\0' && readlink("/proc/self/exe", path, sizeof path - 1) < 0)
        return "(the program)";
    return path;
}

bool midl_find_place(uintptr_t address, struct midl_place *place) {
    int kept = errno;
    Dl_info info;
#ifdef __GLIBC__
    struct link_map *map = NULL;
    if (dladdr1((const void *)address, &info, (void **)&map, RTLD_DL_LINKMAP) == 0 || map == NULL)
        return false;
    place->path = map->l_name[0] == '\0' ? program_path() : map->l_name;
    place->bias = map->l_addr;
#else
    if (dladdr((const void *)address, &info) == 0)
        return false;
    place->path = info.dli_fname == NULL ? program_path() : info.dli_fname;
    place->bias = (uintptr_t)info.dli_fbase;
#endif
    place->function = info.dli_sname;
    place->function_start = (uintptr_t)info.dli_saddr;
    errno = kept;
    return true;
}
