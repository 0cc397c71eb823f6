/*
 * origin.h - proves that the pair behind the counting wrapper is the library's, and that the
 * functions of the package are, which rpcrt4.dll exports as well.
 */
#ifndef STUBS_ORIGIN_H
#define STUBS_ORIGIN_H

struct origin {
    char allocate_from[256]; /* the file that the resolved MIDL_user_allocate lies in */
    char free_from[256];
    char elsewhere[64]; /* a function of rpcss.h that lies in another file; "" for none */
    int sizes_hold;     /* midl_memory_size knows blocks of 0, 1, 40 and 100000 bytes */
};

struct origin origin_of_pair(void);

#endif
