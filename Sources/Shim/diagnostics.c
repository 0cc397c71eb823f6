/*
 * The choice of allocator, and how the library comes to its diagnostics: linked in, or loaded from
 * the directory that the library itself is in, or from where the system looks for libraries.
 *
 *               first call      another allocator
 *     open  ----------------->  chosen
 *        |
 *        +------------------->  the heap
 *               nothing set
 */
#define _GNU_SOURCE
#include "midl_core.h"
#include "midl_heap.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NAME "libmidl_diagnostics.so.1"

uintptr_t midl_choice = 1;
const struct midl_environment_blocks *midl_chosen_environment_blocks;

/* The thread that chooses or loads, and what others wait for meanwhile. */
static uint32_t busy_thread;
static uint32_t lock;
static struct midl_diagnostics diagnostics;
static enum { NOT_TRIED, STARTED, FAILED } state;

/* Not there in the shared library. */
extern bool midl_diagnostics_start(const struct midl_core *core, const char *choices,
                                   struct midl_diagnostics *diagnostics) __attribute__((weak));

static const struct midl_core core = {
    .version = MIDL_CORE_VERSION,
    .allocate = midl_core_allocate,
    .free = midl_core_free,
    .lock = midl_lock,
    .unlock = midl_unlock,
    .span = midl_core_span,
    .live = midl_core_live,
    .cache = midl_core_cache,
    .environment = midl_core_environment,
    .choice = &midl_choice,
    .figures = midl_core_figures,
};

/* The system puts the library's directory in the place of $ORIGIN, or that of a sanitizer where
 * dlopen is one's own. */
static void *load(const char *name) {
#ifdef LM_ID_BASE
    return dlmopen(LM_ID_BASE, name, RTLD_NOW);
#else
    return dlopen(name, RTLD_NOW);
#endif
}

__attribute__((cold, noinline)) static void start(const char *choices) {
    bool (*function)(const struct midl_core *, const char *, struct midl_diagnostics *) =
        midl_diagnostics_start;
    if (function == NULL) {
        void *library = load("$ORIGIN/" NAME);
        if (library == NULL)
            library = load(NAME);
        if (library != NULL)
            *(void **)&function = dlsym(library, "midl_diagnostics_start");
    }
    state = function != NULL && function(&core, choices, &diagnostics) ? STARTED : FAILED;
    if (state == FAILED)
        midl_complain(NAME " is not there, or not of this version; going on without it");
}

/* False on a thread that is inside already. */
static bool enter(void) {
    uint32_t thread = (uint32_t)syscall(SYS_gettid);
    if (__atomic_load_n(&busy_thread, __ATOMIC_RELAXED) == thread)
        return false;
    midl_lock_word(&lock);
    __atomic_store_n(&busy_thread, thread, __ATOMIC_RELAXED);
    return true;
}

static void leave(void) {
    __atomic_store_n(&busy_thread, 0, __ATOMIC_RELAXED);
    midl_unlock_word(&lock);
}

bool midl_make_own_choice(const struct midl_allocator *own) {
    if (__atomic_load_n(&midl_choice, __ATOMIC_ACQUIRE) != 1 || !enter())
        return false;
    int kept = errno;
    bool is_open = midl_choice == 1;
    if (is_open) {
        const char *choices = secure_getenv("MIDL_MEMORY");
        if (choices != NULL && *choices == '\0')
            choices = NULL;
        if (choices != NULL || midl_watching_tool() != MIDL_NO_TOOL)
            start(choices);
        if (diagnostics.environment_blocks.allocate != NULL)
            midl_chosen_environment_blocks = &diagnostics.environment_blocks;
        if (diagnostics.has_chosen_allocator || own == NULL)
            own = diagnostics.allocator.period == 0 ? NULL : &diagnostics.allocator;
        __atomic_store_n(&midl_choice, (uintptr_t)own, __ATOMIC_RELEASE);
        midl_core_prepare(midl_current_front());
    }
    leave();
    errno = kept;
    return is_open;
}

void midl_make_choice(void) { midl_make_own_choice(NULL); }

const struct midl_diagnostics *midl_use_diagnostics(void) {
    midl_make_choice();
    if (state == NOT_TRIED && enter()) {
        int kept = errno;
        if (state == NOT_TRIED)
            start(NULL);
        leave();
        errno = kept;
    }
    return state == STARTED ? &diagnostics : NULL;
}
