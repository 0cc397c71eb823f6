/* midl_raise.h - how the shim raises. No Swift frame is on the stack between a raise and its
 * handler: Swift has returned its status before. */
#ifndef MIDL_RAISE_H
#define MIDL_RAISE_H

#include <stdint.h>

/* Raises `status` in the name of `function`, which an uncaught exception is reported with. */
_Noreturn void midl_raise(int32_t status, const char *_Nonnull function);

#endif /* MIDL_RAISE_H */
