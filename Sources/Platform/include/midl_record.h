/*
 * midl_record.h - the file in which a process records its blocks while it runs.
 *
 *     header | classes | modules | text | numbers | sites
 *
 * The process has it mapped and counts in it; midl-memory has the same pages mapped and reads them
 * whenever it likes, so that nothing runs in the process for that, and what was counted is there
 * whatever the process ends by. Words are read one by one, without a lock: of a process that goes
 * on they are of slightly different moments.
 */
#ifndef MIDL_RECORD_H
#define MIDL_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/* Changes whenever a structure of this file does. Both sides refuse another one. */
enum { MIDL_RECORD_VERSION = 1 };

enum {
    MIDL_RECORD_CLASS_LIMIT = 2049, /* by bytes of a block / 16; 0 for those above 32 KiB */
    MIDL_RECORD_MODULE_LIMIT = 256,
    MIDL_RECORD_PATH_LIMIT = 1000,
    MIDL_RECORD_TEXT_LIMIT = 64 << 10,
    MIDL_RECORD_FRAME_LIMIT = 32,
    MIDL_RECORD_SITE_LIMIT = 8192, /* a power of two */
};

/* Blocks of one kind. */
struct midl_record_counts {
    size_t allocation_count, allocated_byte_count; /* since the start */
    size_t live_block_count, live_byte_count;
    size_t peak_block_count, peak_byte_count; /* most of these at any time */
};

/* A file that code is loaded from. Complete when `end` is not 0. */
struct midl_record_module {
    uintptr_t start, end;
    uintptr_t bias;                    /* from addresses in the file to those in memory */
    char path[MIDL_RECORD_PATH_LIMIT]; /* ends with a zero */
};

/* Blocks that one stack of calls has allocated. */
struct midl_record_site {
    struct midl_record_counts counts;
    size_t orphan_block_count, orphan_byte_count;
    size_t frame_count; /* set when the frames are */
    uintptr_t frames[MIDL_RECORD_FRAME_LIMIT];
};

enum midl_record_orphans {
    MIDL_ORPHANS_NOT_COUNTED,
    MIDL_ORPHANS_COUNTED,
    MIDL_ORPHANS_FAILED, /* the text says why */
};

struct midl_record {
    uint32_t version;
    uint32_t process;
    uint64_t start_nanoseconds;           /* of the monotonic clock */
    char program[MIDL_RECORD_PATH_LIMIT]; /* the file that the process runs; ends with a zero */

    struct midl_record_counts all;
    /* The reader asks for the heap's figures by another number in `requested`. The process answers
     * at its next allocation or free, and at its end. */
    uint32_t requested, answered;
    size_t used_byte_count, peak_used_byte_count; /* of slabs, large blocks and chunks */
    size_t returned_byte_count;                   /* given back to the system so far, in sum */
    size_t orphans;                               /* enum midl_record_orphans */
    /* A free of what is no live block, if there was one: its argument, and its stack as a site. */
    size_t has_misuse;
    uintptr_t misused_pointer;
    struct midl_record_site misuse;

    struct midl_record_counts classes[MIDL_RECORD_CLASS_LIMIT];
    size_t module_count;
    struct midl_record_module modules[MIDL_RECORD_MODULE_LIMIT];
    /* What the diagnostics print on standard error, as far as there is room. */
    size_t text_byte_count;
    char text[MIDL_RECORD_TEXT_LIMIT];
    size_t site_count;
    /* Of the stack in each place of `sites`, 0 where there is none; the last place is for blocks
     * whose stack is not known, or for which there was no place. */
    uint32_t numbers[MIDL_RECORD_SITE_LIMIT];
    struct midl_record_site sites[MIDL_RECORD_SITE_LIMIT + 1];
};

/* ---- Counting, by any thread. Relaxed: each word is a figure of its own. ---- */

static inline void midl_count_most(size_t *most, size_t count) {
    size_t found = __atomic_load_n(most, __ATOMIC_RELAXED);
    while (found < count && !__atomic_compare_exchange_n(most, &found, count, true,
                                                         __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
    }
}

static inline void midl_count_made(struct midl_record_counts *counts, size_t byte_count) {
    __atomic_fetch_add(&counts->allocation_count, 1, __ATOMIC_RELAXED);
    __atomic_fetch_add(&counts->allocated_byte_count, byte_count, __ATOMIC_RELAXED);
    midl_count_most(&counts->peak_block_count,
                    __atomic_add_fetch(&counts->live_block_count, 1, __ATOMIC_RELAXED));
    midl_count_most(&counts->peak_byte_count,
                    __atomic_add_fetch(&counts->live_byte_count, byte_count, __ATOMIC_RELAXED));
}

static inline void midl_count_freed(struct midl_record_counts *counts, size_t byte_count) {
    __atomic_fetch_sub(&counts->live_block_count, 1, __ATOMIC_RELAXED);
    __atomic_fetch_sub(&counts->live_byte_count, byte_count, __ATOMIC_RELAXED);
}

static inline void midl_record_count_site(struct midl_record *record) {
    __atomic_fetch_add(&record->site_count, 1, __ATOMIC_RELAXED);
}

/* When its frames are written down. */
static inline void midl_record_finish_site(struct midl_record_site *site, size_t frame_count) {
    __atomic_store_n(&site->frame_count, frame_count, __ATOMIC_RELEASE);
}

/* ---- Parts of it, for Swift ---- */

static inline size_t midl_record_byte_count(void) { return sizeof(struct midl_record); }

static inline struct midl_record_counts *midl_record_class(struct midl_record *record,
                                                           size_t index) {
    return &record->classes[index];
}
static inline struct midl_record_module *midl_record_module(struct midl_record *record,
                                                            size_t index) {
    return &record->modules[index];
}
static inline uint32_t *midl_record_number(struct midl_record *record, size_t index) {
    return &record->numbers[index];
}
static inline struct midl_record_site *midl_record_site(struct midl_record *record, size_t index) {
    return &record->sites[index];
}
static inline struct midl_record_site *midl_record_misuse(struct midl_record *record) {
    return &record->misuse;
}
static inline uintptr_t *midl_record_frames(struct midl_record_site *site) { return site->frames; }
static inline char *midl_record_path(struct midl_record_module *module) { return module->path; }
static inline char *midl_record_program(struct midl_record *record) { return record->program; }
static inline char *midl_record_text(struct midl_record *record) { return record->text; }

#pragma clang assume_nonnull end

#endif /* MIDL_RECORD_H */
