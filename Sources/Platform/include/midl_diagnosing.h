/*
 * midl_diagnosing.h - what the diagnostics need of the system besides midl_platform.h.
 *
 * Nothing here allocates by malloc, unless it says so, and errno is kept: reports are made in
 * handlers of signals and in the middle of an allocation. The library itself calls none of it, and
 * its link leaves it out.
 */
#ifndef MIDL_DIAGNOSING_H
#define MIDL_DIAGNOSING_H

#include "midl_platform.h"
#include "midl_record.h"

#pragma clang assume_nonnull begin

/* ---- The C library's allocator ------------------------------------------- */

void *_Nullable midl_malloc(size_t byte_count);
void midl_malloc_free(void *block);
size_t midl_malloc_size(const void *block);
/* Whether it may be that malloc has a live block at an address: false only when a tool that watches
 * the program knows of none. */
bool midl_malloc_may_have(const void *address);
/* Has the address sanitizer take a block, and what it refers to, for reachable. */
void midl_malloc_hold(const void *block);

/* ---- Memory described to the tool that watches the program ---------------- */

/* Bytes without access around a block: of an address in them memcheck names the block. */
enum { MIDL_DESCRIBED_ZONE = 16 };

/* Accesses to a range are faults from now on; are none, and its bytes have values. */
void midl_describe_closed(uintptr_t start, size_t byte_count);
void midl_describe_open(uintptr_t start, size_t byte_count);
/* The caller's caller makes a block of a range that is closed; frees one, so that it is closed. */
void midl_describe_made(uintptr_t block, size_t byte_count);
void midl_describe_freed(uintptr_t block, size_t byte_count);
/* Whether what the calling thread does is reported; by memcheck alone. */
void midl_silence_tool(bool is_silent);
/* The same word, as one that was written. */
uintptr_t midl_defined(uintptr_t word);
/* The word at any address, whatever was said of it. */
__attribute__((no_sanitize("address"))) static inline uintptr_t midl_peek(uintptr_t address) {
    uintptr_t word;
    __builtin_memcpy(&word, (const void *)address, sizeof word);
    return word;
}

/* ---- Stacks -------------------------------------------------------------- */

/* Loads what midl_capture_stack needs, which allocates; once, before the first. */
void midl_prepare_stacks(void);
/* The return addresses of the calls that led here, the innermost first; how many. */
size_t midl_capture_stack(uintptr_t *frames, size_t limit);

/* What an address of code belongs to. */
struct midl_place {
    const char *_Nullable path;     /* of the module's file */
    uintptr_t bias;                 /* from addresses in the file to those in memory */
    const char *_Nullable function; /* of the module's dynamic symbols, NULL when none is near */
    uintptr_t function_start;
};
/* False when no module is at the address. The texts are the module's. */
bool midl_find_place(uintptr_t address, struct midl_place *place);

/* ---- Commands ------------------------------------------------------------ */

/* Runs a program of PATH with an environment of its own and reads what it prints into `output`, up
 * to `limit` bytes; how many, -1 when it cannot be run. `arguments` begins with the program's name
 * and ends with NULL. The child is not seen by the program: no SIGCHLD, no fork handlers. */
ptrdiff_t midl_run(const char *_Nullable const *_Nonnull arguments, char *output, size_t limit);

/* ---- Faults -------------------------------------------------------------- */

enum midl_access { MIDL_ACCESS, MIDL_READ, MIDL_WRITE };

/* An access to memory that the system refused. */
struct midl_fault {
    uintptr_t address;
    uintptr_t program_counter;
    enum midl_access access; /* MIDL_ACCESS when the processor does not say which */
};

/* Has `recognize` called in the handler of SIGSEGV and SIGBUS. Where it returns true the signal has
 * its default action afterwards; else the handler from before gets it. Once. */
void midl_watch_faults(bool (*recognize)(const struct midl_fault *fault));
/* Whether the handler of SIGSEGV is still that one: the program may set its own later. */
bool midl_watches_faults(void);
/* Gives the calling thread a stack for handlers of signals until it ends, unless it has one. */
void midl_use_signal_stack(void);

/* Makes a range without access of one with, and gives its pages back; false when the system has no
 * memory for that. */
bool midl_close(void *start, size_t byte_count);
/* Makes a range without access readable and writable; false when there is no memory, or too many
 * ranges (vm.max_map_count). */
bool midl_open(void *start, size_t byte_count);

/* How many ranges with one kind of access a process may have. */
size_t midl_mapping_limit(void);

/* The number of the calling thread, as tools show it. */
uint32_t midl_thread_number(void);
/* Nanoseconds since some moment. */
uint64_t midl_nanoseconds(void);

/* ---- Notices ------------------------------------------------------------- */

/* Calls `body` when the process ends by exit, after the handlers that are registered later. */
void midl_at_exit(void (*body)(void));
/* Ends the process at once with a status, after what it has printed is written. */
_Noreturn void midl_end_now(int32_t status);
/* Calls `body` in the handler of a signal. One signal for each process. */
void midl_on_signal(int32_t number, void (*body)(void));
/* Of USR1, USR2, HUP or QUIT; 0 for another name. */
int32_t midl_signal_number(const char *name, size_t length);
/* Runs `body` in a copy of the process, which then ends; waits for the copy to be made, not for its
 * end. Locks that any thread holds at that moment stay held in the copy. */
void midl_in_copy(void (*body)(void));

/* A file to append to, by a path without a zero behind it; -1 when it cannot be opened. */
int32_t midl_append_to(const void *path, size_t length);
void midl_close_file(int32_t file);
uint32_t midl_process_number(void);

/* ---- The record (midl_record.h) ------------------------------------------ */

/* Makes the record of this process, a file in a directory, by a path without a zero behind it; NULL
 * when it cannot be made. */
struct midl_record *_Nullable midl_make_record(const void *directory, size_t length);
/* Adds the modules that are loaded and not in it yet, as far as there is room. By one thread at a
 * time. */
void midl_record_modules(struct midl_record *record);
/* A word, 0 at first, and 0 again in the child of a fork; NULL when the system has none such. */
uintptr_t *_Nullable midl_make_forgotten_word(void);

/* ---- The whole process --------------------------------------------------- */

/* The stack pointer of the C library where it has called exit after main had returned; 0 when the
 * calling thread is not in such a call. What is below it is left over from the program's calls. */
uintptr_t midl_stack_pointer_after_main(void);

/* Calls `body` with a stack pointer: what the caller and its callers have in registers and on the
 * stack is above it, what `body` does is below. */
void midl_with_registers_saved(void (*body)(void *context, uintptr_t stack_pointer), void *context);

/* Calls `body` while all other threads are parked in the handler of a signal, with their registers
 * on their stacks; gets the stack pointers, the last of which is the one given. False, and `body`
 * was not called, when a thread does not park within two seconds, or there are more than 1,000.
 * One call at a time. `body` takes no lock: a parked thread may hold it. */
bool midl_with_threads_parked(uintptr_t own_stack_pointer,
                              void (*body)(const uintptr_t *stack_pointers, size_t count));

struct midl_mapping {
    uintptr_t start, end;
    bool is_writable; /* and readable, and no device */
    bool is_closed;   /* without access */
    bool is_main_stack;
};
/* The mappings of the process, by ascending addresses; how many, -1 for more than `limit` or when
 * they cannot be read. */
ptrdiff_t midl_read_mappings(struct midl_mapping *mappings, size_t limit);

/* Reading memory that may not be there: open, read, close; by one thread. How much was read, or
 * -1. */
bool midl_open_memory(void);
ptrdiff_t midl_read_memory(uintptr_t address, void *bytes, size_t byte_count);
void midl_close_memory(void);
/* The first address from `start` on, before `end`, in a page that has been written to, as far as
 * the system tells; `end` when there is none. */
uintptr_t midl_next_touched(uintptr_t start, uintptr_t end);

/* ---- Output -------------------------------------------------------------- */

/* Writes all of it; what cannot be written is lost. */
void midl_write(int file, const void *bytes, size_t byte_count);

/* Waits for a moment. */
void midl_wait(void);

void midl_set_no_function(void); /* errno = ENOSYS */

/* Ends the program by SIGABRT. */
_Noreturn void midl_abort(void);

#pragma clang assume_nonnull end

#endif /* MIDL_DIAGNOSING_H */
