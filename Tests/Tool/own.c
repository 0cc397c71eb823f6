/* own.c - a program with a pair of its own, which knows nothing of the library. */
#include <stdlib.h>

void *midl_user_allocate(size_t byte_count) { return malloc(byte_count); }
void midl_user_free(void *block) { free(block); }

int main(void) {
    void *block = midl_user_allocate(40);
    midl_user_free(block);
    return block == NULL;
}
