/* raised.h - the code that a statement raises, as Wine's handlers see it; 0 if it raises none. */
#ifndef STUBS_RAISED_H
#define STUBS_RAISED_H

#include <rpc.h>

#include "wine/exception.h"

#define RAISED(statement)                                                                          \
    ({                                                                                             \
        volatile unsigned long code_ = 0;                                                          \
        __TRY { statement; }                                                                       \
        __EXCEPT_ALL { code_ = GetExceptionCode(); }                                               \
        __ENDTRY                                                                                   \
        code_;                                                                                     \
    })

#endif
