/* The pair that an existing program came with, in a library of its own. */
#include <stdlib.h>

void *MIDL_user_allocate(size_t byteCount) { return malloc(byteCount); }
void MIDL_user_free(void *block) { free(block); }
