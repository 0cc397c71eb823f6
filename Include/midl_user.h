/*
 * midl_user.h - the pair of functions that MIDL and widl stubs call for memory.
 *
 * Stub code never contains midl_user_allocate and midl_user_free: every RPC
 * program brings them. This header declares the pair that libmidl_user
 * brings, with the exact prototypes of the documentation pages "The
 * midl_user_allocate Function" and "The midl_user_free Function" (Remote
 * Procedure Call, Win32).
 *
 * Both spellings are declared and exported. The rpcndr.h of Wine and of
 * mingw-w64 turns the lower-case names into the upper-case ones by macro, so
 * stubs built with them link to MIDL_user_allocate and MIDL_user_free; both
 * spellings are one allocator, and a block from either goes to either free.
 *
 * The header needs no other one. It may stand before or after Wine's and
 * mingw-w64's rpc.h and rpcndr.h, whose macros it defines in the same words.
 * Where neither is used and the target is not Windows or Winelib, the macros
 * are empty: the platform's C convention. Under Winelib (winegcc) they are
 * __stdcall, which on x86-64 is the Microsoft convention; such programs link
 * libmidl_user_winelib.
 */
#ifndef MIDL_USER_H
#define MIDL_USER_H

#include <stddef.h>

#ifndef __RPC_FAR
#define __RPC_FAR
#endif
#ifndef __RPC_API
#if defined(__WINE__) || defined(_WIN32)
#define __RPC_API __stdcall
#else
#define __RPC_API
#endif
#endif
#ifndef __RPC_USER
#if defined(__WINE__)
#define __RPC_USER __stdcall
#else
#define __RPC_USER __RPC_API
#endif
#endif

#ifdef __cplusplus
extern "C" {
#endif

/*
 * midl_user_allocate - give the stub or the application a block of memory.
 *
 * cBytes   Bytes wanted. 0 gives a block of its own too: a unique pointer
 *          that can be freed.
 * Returns  A block of at least cBytes bytes whose address is a multiple of
 *          16 (the documentation asks for 8), or NULL with errno ENOMEM when
 *          there is no memory or cBytes is above PTRDIFF_MAX. The stub turns
 *          NULL into the exception RPC_X_NO_MEMORY (14). It never raises and
 *          never ends the program for want of memory. The contents are not
 *          zeroed.
 * Threads  Any thread, at the same time; also from thread-exit and atexit
 *          handlers, and at once in the child of fork. Not from a signal
 *          handler.
 * Frees    Whoever the rules of RPC make the owner calls midl_user_free, on
 *          any thread: the server stub for what it passed to the manager or
 *          marshalled from it, the client application for all that a client
 *          stub handed back.
 *
 * Page: "The midl_user_allocate Function".
 */
void __RPC_FAR *__RPC_USER midl_user_allocate(size_t cBytes);
void __RPC_FAR *__RPC_USER MIDL_user_allocate(size_t cBytes);

/*
 * midl_user_free - take back a block of midl_user_allocate.
 *
 * pBuffer  The address that midl_user_allocate returned, on this or any other
 *          thread. NULL does nothing.
 * Errors   A pointer that did not come from this heap, an address inside a
 *          block, a block that is free already and a block that was written
 *          to after it had been freed end the program: one line on standard
 *          error names the function, the pointer and the cause, then
 *          SIGABRT. Any address may be passed, mapped or not.
 * errno    Kept.
 * Threads  As midl_user_allocate.
 *
 * Page: "The midl_user_free Function".
 */
void __RPC_USER midl_user_free(void __RPC_FAR *pBuffer);
void __RPC_USER MIDL_user_free(void __RPC_FAR *pBuffer);

#ifdef __cplusplus
}
#endif

#endif /* MIDL_USER_H */
