/*
 * origin.h - proves that the pair behind the counting wrapper is the library's.
 */
#ifndef STUBS_ORIGIN_H
#define STUBS_ORIGIN_H

struct origin {
    char allocate_from[256]; /* the file that the resolved MIDL_user_allocate lies in */
    char free_from[256];
    int sizes_hold; /* midl_memory_size knows blocks of 0, 1, 40 and 100000 bytes */
};

struct origin origin_of_pair(void);

#endif
