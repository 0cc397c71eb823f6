/*
 * midl_memory.h - what can be asked of the heap behind midl_user_allocate.
 *
 * These functions are libmidl_user's own; Microsoft and DCE define nothing
 * like them. Their calling convention is that of the pair (see midl_user.h).
 *
 * When memory goes back to the operating system: the heap keeps what has
 * become free for the next allocation, up to 12 MiB or one eighth of what is in
 * use, whichever is more, and gives back all beyond that when a block of more
 * than 32 KiB is freed or the last block of a slab is. Where what was given back
 * is wanted again within a second, as when large blocks come and go or large structures
 * are built one after the other, the 12 MiB become more, at most 256 MiB or all that the
 * heap had at its peak; and fewer again, with each slab or block of more than 1 MiB that
 * becomes free after a second in which they were not wanted, or after ten in which so
 * much was not free. A program in which none does any more keeps them until
 * midl_memory_trim. Free blocks in a thread's cache keep their slabs of 64 KiB: after a
 * peak an empty one and some four more for each size class, until the thread ends; and
 * of sizes whose blocks come and go up to 4 MiB, of all of them some 64, and up to 2 MiB
 * of empty slabs.
 * Where threads come and go, what one had is kept for the next, at most 64 MiB of
 * slabs, until memory is short. midl_memory_trim gives back all of that at once.
 *
 * Behind its first 4 MiB the heap asks the system for huge pages, of 2 MiB, for what is
 * soon used all over: most blocks of less than that, while it grows quickly; larger ones,
 * in the first half of the first 32 MiB of them, and more while those that are freed were
 * used in the middle. Who first writes to one waits some 0.1 milliseconds while the
 * system clears it, and longer where it has to make room for it. A part of one that is
 * given back is free to others when they are short of memory. prctl(PR_SET_THP_DISABLE),
 * or "never" in /sys/kernel/mm/transparent_hugepage/enabled, keeps all pages small.
 *
 * A thread keeps the chunks of its last environment (rpcss.h) for the next one, at
 * most 64 MiB of them, and after a large one fewer with each that is smaller.
 *
 * Address space is reserved at the first allocation: four times the memory of the
 * machine and at least 64 GiB, without a claim on memory. Where RLIMIT_AS is set
 * by then it is two thirds of the limit. A limit that is set later binds what the
 * heap commits from then on, but leaves the rest of the program, whose mappings
 * are counted on top of the reservation, no address space for new ones: set such
 * a limit before the program starts.
 *
 * The environment variable MIDL_MEMORY, read at the first allocation, chooses another allocator and
 * diagnostics for the process; MIDL_MEMORY=help prints what there is. They are in a library of
 * their own, libmidl_diagnostics.so.1, which is then loaded; the archive has them inside. Programs
 * that run with others' rights (set-user-ID) ignore it.
 *
 * For programs, stats=json:FILE, leaks=json:FILE and orphans=json:FILE append one line to a file,
 * or without its name to standard error: a JSON object. That of stats has the fields of struct
 * midl_memory_statistics. The other two have "report" ("leaks" or "orphans"), "version", "process",
 * "block_count", "byte_count", "suppressed_block_count" and "groups", the largest first; a group is
 * an object with "stack", "block_count" and "byte_count". A stack is an array of the calls, the
 * innermost first; a call is an object with "address" and, as far as they are known, "function",
 * "file", "line", "module" (a file) and "offset" (in the module). Later versions may have more.
 *
 * The program midl-memory runs another one and makes a report of what the library counted.
 *
 * Under Valgrind's memcheck, and in a program that is compiled with -fsanitize=address, each block
 * of the pair and of an RpcSs environment is one of malloc, as with MIDL_MEMORY=malloc, unless
 * MIDL_MEMORY has any words: the tool then reports overflows, uses after free or after Disable, and
 * leaks, with the lines where the block was allocated and freed. With words that leave the blocks
 * to the heap each of them is described to the tool, which reports the same but leaks.
 */
#ifndef MIDL_MEMORY_H
#define MIDL_MEMORY_H

#include "midl_user.h"

/* The version of this header, as midl_memory_version gives that of the library. */
#define MIDL_MEMORY_VERSION 10000 /* 10000 * major + 100 * minor + patch */
#define MIDL_MEMORY_VERSION_STRING "1.0.0"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * midl_memory_version, midl_memory_version_string - the version of the library in use.
 *
 * A program that was compiled with one version's headers runs with every later library of the same
 * major version. It can tell that it got an older one:
 *
 *     if (midl_memory_version() < MIDL_MEMORY_VERSION)
 *         fprintf(stderr, "libmidl_user %s is too old\n", midl_memory_version_string());
 *
 * Returns  The library's MIDL_MEMORY_VERSION, a number, or its MIDL_MEMORY_VERSION_STRING, a text
 *          that lives as long as the library does.
 * Threads  Any thread, at the same time; also from a signal handler.
 */
int __RPC_USER midl_memory_version(void);
const char *__RPC_USER midl_memory_version_string(void);

/*
 * midl_memory_size - how many bytes of a block may be used.
 *
 * block    A live block of midl_user_allocate, or NULL.
 * Returns  The bytes from block that belong to the caller: at least what was
 *          asked for. 0 for NULL.
 * Errors   Any other pointer ends the program as in midl_user_free.
 * Threads  Any thread, as long as no other frees the block meanwhile.
 */
size_t __RPC_USER midl_memory_size(const void *block);

/*
 * midl_memory_free_sized - free a block whose size is known, and check that it is.
 *
 * Like midl_user_free, and like free_sized of C23 with a check: a block that was taken for one of
 * another type or length is found where it is freed.
 *
 * block       A live block of midl_user_allocate, or NULL, which does nothing.
 * byte_count  The bytes that were asked for. Counts that the heap rounds to the same size cannot be
 *             told apart: up to 128 bytes those within 16, above within an eighth to a quarter.
 * Errors      Another size, and whatever midl_user_free finds, ends the program with one line.
 * errno       Kept.
 * Threads     As midl_user_free.
 */
void __RPC_USER midl_memory_free_sized(void *block, size_t byte_count);

/*
 * midl_memory_trim - give free memory back to the operating system now.
 *
 * Empties the calling thread's cache and its kept chunks and what threads that ended have
 * left for the next, takes in what other threads freed, and returns every free page. Caches
 * of other live threads stay with them.
 *
 * Returns  The bytes given back.
 * errno    Kept.
 * Threads  Any thread, at the same time.
 */
size_t __RPC_USER midl_memory_trim(void);

/*
 * An allocator of the program's own in the heap's place. The functions are called by any thread, at
 * the same time, with `context` as it stands here.
 */
struct midl_memory_allocator {
    size_t byte_count; /* sizeof(struct midl_memory_allocator) */
    void *context;
    /* A block of at least byte_count bytes at a multiple of 16, a unique one also for 0; NULL when
     * there is no memory, which midl_user_allocate then returns with errno ENOMEM. */
    void *(__RPC_USER *allocate)(void *context, size_t byte_count);
    /* Takes back a block; the pointer is not NULL, and is any that midl_user_free was called with
     * and that is not in the region of the library's heap: the allocator ends the program for one
     * that it did not make. */
    void(__RPC_USER *free)(void *context, void *block);
    /* The usable bytes of a block, for midl_memory_size. */
    size_t(__RPC_USER *size)(void *context, const void *block);
};

/*
 * midl_memory_set_allocator - have the pair's blocks made by an allocator of the program's own.
 *
 * From then on it makes every block of midl_user_allocate in the process, and frees those that it
 * made. What its functions themselves allocate by the pair comes from the library's heap. Blocks of
 * RpcSs environments (rpcss.h) stay the library's. An allocator that MIDL_MEMORY names goes before:
 * the one set here is then not used. It goes before the malloc that a tool would have.
 *
 * allocator  Copied. All three functions are given.
 * Returns    0. 22 (EINVAL) when the allocator is NULL, incomplete or of another size, 16 (EBUSY)
 *            after the first allocation in the process, or a second time: nothing has changed then.
 * Threads    Any; call it before others allocate.
 */
int __RPC_USER midl_memory_set_allocator(const struct midl_memory_allocator *allocator);

/* How many size classes and threads' caches the statistics have room for. */
enum { MIDL_MEMORY_CLASS_LIMIT = 80, MIDL_MEMORY_CACHE_LIMIT = 64 };

/* Blocks of one size class; those above 32 KiB, of any size, are one class of their own. */
struct midl_memory_class_statistics {
    size_t block_byte_count; /* of each; 0 for the class of large blocks */
    size_t live_block_count;
    size_t live_byte_count;
    size_t slab_byte_count; /* of the spans that hold them, live or free */
};

/* The cache of a thread: free blocks that it keeps for itself. */
struct midl_memory_cache_statistics {
    size_t has_thread; /* 0: the thread has ended, the next one adopts the cache */
    size_t cached_block_count;
    size_t slab_byte_count;       /* of the slabs whose blocks the thread hands out */
    size_t kept_chunk_byte_count; /* for its next environment */
};

/*
 * Figures of the heap, in blocks and in bytes that can be used. Of other threads, which go on
 * meanwhile, they may be a few blocks off; the sums are those of the parts.
 */
struct midl_memory_statistics {
    size_t byte_count; /* set by the caller: sizeof(struct midl_memory_statistics) */
    size_t version;    /* of the library, as midl_memory_version gives it */

    size_t live_block_count; /* of the pair */
    size_t live_byte_count;
    /* Most of these at any time, and allocations so far; 0 unless MIDL_MEMORY has `stats`. */
    size_t peak_live_block_count;
    size_t peak_live_byte_count;
    size_t allocation_count;
    /* Of the live ones those that are not in the heap, and so in no class: guarded blocks, and with
     * `stats` those of malloc. The program's own allocator's are in no figure. */
    size_t other_block_count;
    size_t other_byte_count;

    size_t environment_count;       /* of RpcSs, in use */
    size_t peak_environment_count;  /* most that ever had a record of their own */
    size_t environment_block_count; /* of the heap or guarded, not of malloc */
    size_t environment_byte_count;  /* of these blocks */
    size_t chunk_byte_count;        /* from which they are cut, and large ones */
    size_t kept_chunk_byte_count;   /* empty, kept by threads for the next environments */

    size_t used_byte_count;      /* of slabs, large blocks and chunks, in whole pages */
    size_t peak_used_byte_count; /* most of that at any time */
    size_t free_byte_count;      /* below the highest ever used, in use by nothing */
    size_t dirty_byte_count;     /* of the free ones, kept with their pages */
    size_t returned_byte_count;  /* given back to the system so far, in sum */

    size_t class_count; /* entries of `classes`; `caches` has the first of all `cache_count` */
    size_t cache_count;
    struct midl_memory_class_statistics classes[MIDL_MEMORY_CLASS_LIMIT];
    struct midl_memory_cache_statistics caches[MIDL_MEMORY_CACHE_LIMIT];
};

/*
 * midl_memory_statistics - what is in the heap.
 *
 * Walks all spans: it takes a millisecond for some 100,000 blocks, and holds up threads that need
 * new pages meanwhile. It allocates nothing from the heap. The diagnostics are loaded if need be.
 *
 * statistics  Filled in up to its own byte_count, so that a program which knows fewer figures than
 *             the library gets those.
 * Returns     0. 22 (EINVAL) for NULL or a byte_count that is too small for the first five figures,
 *             38 (ENOSYS) when libmidl_diagnostics.so.1 cannot be loaded, 12 (ENOMEM) without
 *             memory for the walk.
 * Threads     Any thread, at the same time.
 */
int __RPC_USER midl_memory_statistics(struct midl_memory_statistics *statistics);

/*
 * midl_memory_report - write a report about the heap now.
 *
 * name     "leaks": the blocks of the pair that are live, by the calls that allocated them, the
 *          largest sum first; without those that MIDL_MEMORY=leaks=suppress:... names. Blocks of
 *          RpcSs environments are left out. The stacks are known where MIDL_MEMORY has `leaks` or
 *          `orphans`, and of guarded blocks; all other blocks are in one group.
 *          "orphans": of these blocks those that nothing refers to: no global, thread-local, stack
 *          or register, and no block that these lead to. The other threads are stopped by a signal
 *          for the time of the walk; system calls of theirs that the system does not restart end
 *          with EINTR. Bytes that look like a pointer count as one, but those in memory that the
 *          program has released on a stack, or that belongs to the library, do not.
 * file     The file descriptor to write to.
 * Returns  0. 22 (EINVAL) for another name or NULL, 38 (ENOSYS) without libmidl_diagnostics.so.1.
 *          When a line is written instead that says why: 12 (ENOMEM) without memory for the report,
 *          or when a thread does not stop within two seconds; 38 where malloc or the program's own
 *          allocator makes the blocks, of which the library does not know.
 * Threads  Any thread; the others go on, and what they do meanwhile is seen or not.
 */
int __RPC_USER midl_memory_report(const char *name, int file);

/* ---- Orphans: blocks that a call has left without a pointer to them -------
 *
 * A client stub never frees what the caller had: where a server cuts a list under [in,out], sets a
 * pointer to null, or lowers the size of an array of pointers, the caller's blocks stay live and
 * nothing leads to them any more ("Memory Orphaning"). A watch remembers before the call which
 * blocks the caller could reach, and finds after it those that he no longer can:
 *
 *     struct midl_orphans_root root = {&list, sizeof list};
 *     struct midl_orphans *watch = midl_orphans_watch(&root, 1);
 *     cut_list(binding, &list);
 *     if (midl_orphans_find(watch, 0, &found) == 0)
 *         printf("%zu blocks\n", found.block_count);
 *     midl_orphans_release(watch);
 *     midl_orphans_end(watch);
 *
 * What reaches a block: any address in it, also with a few low bits set, at a multiple of 4 in a
 * root or in a block that is reached. Blocks of RpcSs environments (rpcss.h) lead on to others but
 * are never orphans: they go with their environment. Guarded blocks (MIDL_MEMORY=guard) are blocks
 * like the heap's. Memory of other allocators is not entered, except for the roots, and where
 * malloc, be it a tool's, or the program's own allocator makes the pair's blocks there is no watch.
 *
 * A block that was freed after the watch began is not found, nor is a new one at its address.
 *
 * Bytes that look like a pointer count as one. That keeps a block from being found, but it also has
 * a watch remember a block to which only a field that was never set leads: where others own blocks,
 * and blocks are not filled in as a whole, release with MIDL_ORPHANS_UNLESS_BLOCK at least, or look
 * at what was found.
 *
 * Watches may be nested and be open in many threads. Each belongs to one thread at a time; while
 * one begins or finds, no other thread may free blocks that its roots reach. The child of a fork
 * has the watches of its parent.
 */

/* Memory of the caller's with pointers: a variable, a structure, an array. The block of the heap
 * that it lies in, if any, is not found, and of this block nothing else counts. */
struct midl_orphans_root {
    const void *start;
    size_t byte_count;
};

/* A block that was found. */
struct midl_orphan {
    void *block;
    size_t byte_count; /* usable */
    /* The return addresses of the calls that allocated it, the innermost first, the library's own
     * included; NULL and 0 unless MIDL_MEMORY has leaks, orphans or guard. They stay where they
     * are. */
    void *const *frames;
    size_t frame_count;
};

struct midl_orphans_found {
    size_t block_count, byte_count; /* of all */
    /* In the order of the walk from the roots; until the watch finds again or ends. */
    const struct midl_orphan *blocks;
};

struct midl_orphans;

/*
 * midl_orphans_watch - begin to watch the blocks that are reachable from the caller's pointers.
 *
 * roots    What holds the pointers. The array and what it names stay the caller's, and are read
 *          again by every find in the process until the watch ends. Where a call returned less of
 *          an array, make the root's byte_count smaller before midl_orphans_find.
 * count    How many roots there are; 0 is allowed.
 * Returns  The watch, which midl_orphans_end frees. NULL, and nothing has changed, without memory
 *          (errno is then ENOMEM); when libmidl_diagnostics.so.1 cannot be loaded, or where malloc
 *          or the program's own allocator makes the blocks (ENOSYS), and a line is printed the
 *          first time. The other functions take a NULL watch and do nothing.
 * Threads  Any.
 */
struct midl_orphans *__RPC_USER midl_orphans_watch(const struct midl_orphans_root *roots,
                                                   size_t count);

/* What else keeps a block from being found, besides the roots of all watches: a pointer in any
 * other live block that was not found itself, as of a full pointer's alias. */
#define MIDL_ORPHANS_UNLESS_BLOCK 1u

/*
 * midl_orphans_find - the blocks that were reachable when the watch began and no longer are.
 *
 * unless   0 or MIDL_ORPHANS_UNLESS_BLOCK.
 * found    Filled in; NULL when the caller only wants to release.
 * Returns  0. 12 (ENOMEM), and nothing has changed, without memory; 22 (EINVAL) for a NULL watch or
 *          another `unless`, 38 (ENOSYS) without libmidl_diagnostics.so.1. `found` is all zero
 *          after the first two.
 * errno    Kept.
 * Threads  One at a time for each watch.
 */
int __RPC_USER midl_orphans_find(struct midl_orphans *watch, unsigned unless,
                                 struct midl_orphans_found *found);

/*
 * midl_orphans_release - free exactly the blocks that the last midl_orphans_find has found.
 *
 * Those that were freed since are left out. The list that find gave is empty from then on.
 *
 * Returns  How many blocks were freed.
 * errno    Kept.
 * Threads  One at a time for each watch.
 */
size_t __RPC_USER midl_orphans_release(struct midl_orphans *watch);

/*
 * midl_orphans_end - end a watch. Frees no blocks of the caller's.
 *
 * errno    Kept.
 * Threads  One at a time for each watch.
 */
void __RPC_USER midl_orphans_end(struct midl_orphans *watch);

#ifdef __cplusplus
}
#endif

#endif /* MIDL_MEMORY_H */
