/* The stack of a thread on which main has returned. */
#define _GNU_SOURCE
#include "midl_diagnosing.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unwind.h>

/* libgcc_s, which backtrace loads; no program need be linked with it. */
static struct {
    _Unwind_Reason_Code (*backtrace)(_Unwind_Trace_Fn, void *);
    _Unwind_Ptr (*ip)(struct _Unwind_Context *);
    _Unwind_Word (*cfa)(struct _Unwind_Context *);
} unwinder;

static bool find_unwinder(void) {
    void *library = dlopen("libgcc_s.so.1", RTLD_NOW | RTLD_NOLOAD);
    if (library == NULL)
        return false;
    *(void **)&unwinder.backtrace = dlsym(library, "_Unwind_Backtrace");
    *(void **)&unwinder.ip = dlsym(library, "_Unwind_GetIP");
    *(void **)&unwinder.cfa = dlsym(library, "_Unwind_GetCFA");
    return unwinder.backtrace != NULL && unwinder.ip != NULL && unwinder.cfa != NULL;
}

struct walk {
    const void *module_of_exit; /* once the frame of exit was seen */
    uintptr_t stack_pointer;
};

static _Unwind_Reason_Code look(struct _Unwind_Context *context, void *argument) {
    struct walk *walk = argument;
    Dl_info info;
    if (dladdr((const void *)(unwinder.ip(context) - 1), &info) == 0)
        return _URC_END_OF_STACK;
    if (walk->module_of_exit == NULL) {
        if (info.dli_sname != NULL && strcmp(info.dli_sname, "exit") == 0)
            walk->module_of_exit = info.dli_fbase;
        return _URC_NO_REASON;
    }
    /* What called exit: the C library itself, or the program. */
    if (info.dli_fbase == walk->module_of_exit)
        walk->stack_pointer = unwinder.cfa(context);
    return _URC_END_OF_STACK;
}

uintptr_t midl_stack_pointer_after_main(void) {
    struct walk walk = {NULL, 0};
    int kept = errno;
    if (find_unwinder())
        unwinder.backtrace(look, &walk);
    errno = kept;
    return walk.stack_pointer;
}
