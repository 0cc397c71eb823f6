/*
 * Raising under Winelib: by RpcRaiseException of the RPC runtime, so that Wine's
 * handlers catch it.
 *
 * The runtime, rpcrt4.dll, is a PE module: the ELF linker cannot bind to it, and
 * a program's imports are its own. So the function is looked up as
 * GetProcAddress would, in the list of modules that the process environment
 * block leads to and in the module's export directory; the layouts are those of
 * the public PE format and of winternl.h.
 */
#ifdef MIDL_WINELIB

#include "midl_platform.h"
#include "midl_raise.h"

#include <stddef.h>
#include <string.h>

typedef void(__attribute__((ms_abi)) * raise_function)(int32_t status);

struct list {
    struct list *next, *previous;
};

struct text { /* UNICODE_STRING */
    uint16_t byte_count, limit;
    const uint16_t *units;
};

struct module { /* LDR_DATA_TABLE_ENTRY */
    struct list in_load_order, in_memory_order, in_initialization_order;
    const uint8_t *base;
    void *entry_point;
    uint32_t image_byte_count;
    struct text full_name, name;
};
_Static_assert(offsetof(struct module, base) == 0x30 && offsetof(struct module, name) == 0x58,
               "layout of LDR_DATA_TABLE_ENTRY");

struct exports { /* IMAGE_EXPORT_DIRECTORY */
    uint32_t characteristics, time_stamp, version, name, base;
    uint32_t function_count, name_count, functions, names, ordinals;
};

/* PEB, at 0x60 of the thread environment block; its loader data at 0x18; the modules at 0x10. */
static struct list *modules(void) {
    const uint8_t *process_environment_block;
    __asm__("movq %%gs:0x60, %0" : "=r"(process_environment_block));
    const uint8_t *loader_data = *(const uint8_t *const *)(process_environment_block + 0x18);
    return (struct list *)(uintptr_t)(loader_data + 0x10);
}

static bool is_named(const struct module *module, const char *name) {
    size_t length = strlen(name);
    if (module->name.byte_count != length * 2)
        return false;
    for (size_t i = 0; i < length; i++)
        if ((module->name.units[i] | 0x20) != (name[i] | 0x20))
            return false;
    return true;
}

static raise_function function_of(const uint8_t *base, const char *name) {
    const uint8_t *header = base + *(const uint32_t *)(base + 0x3c);
    /* The export directory is the first of the optional header's, at 112 in its 64-bit form. */
    const struct exports *exports =
        (const struct exports *)(base + *(const uint32_t *)(header + 24 + 112));
    const uint32_t *names = (const uint32_t *)(base + exports->names);
    const uint16_t *ordinals = (const uint16_t *)(base + exports->ordinals);
    const uint32_t *functions = (const uint32_t *)(base + exports->functions);
    for (uint32_t i = 0; i < exports->name_count; i++)
        if (strcmp((const char *)(base + names[i]), name) == 0)
            return (raise_function)(uintptr_t)(base + functions[ordinals[i]]);
    return NULL;
}

static raise_function runtime_raise(void) {
    struct list *head = modules();
    for (struct list *entry = head->next; entry != head; entry = entry->next) {
        const struct module *module = (const struct module *)entry;
        if (is_named(module, "rpcrt4.dll"))
            return function_of(module->base, "RpcRaiseException");
    }
    return NULL;
}

_Noreturn void midl_raise(int32_t status, const char *function) {
    raise_function raise = runtime_raise();
    if (raise != NULL)
        raise(status);
    midl_stop_uncaught(status, "no rpcrt4.dll to raise it with", function);
}

#else
typedef int midl_winelib_raise_is_not_used;
#endif /* MIDL_WINELIB */
