/* Found by pkg-config. */
#include <midl_memory.h>

#include <stdio.h>

int main(void) {
    char *block = midl_user_allocate(100);
    if (block == NULL)
        return 1;
    printf("a block of 100 bytes has room for 100: %d\n", midl_memory_size(block) >= 100);
    midl_user_free(block);
    return 0;
}
