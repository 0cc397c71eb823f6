/* An existing program, which knows nothing of libmidl_user. It tells where its pair is from;
 * "program twice" frees a block twice. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

void *MIDL_user_allocate(size_t byteCount);
void MIDL_user_free(void *block);

int main(int count, char **arguments) {
    Dl_info info;
    void *block = MIDL_user_allocate(40);
    if (dladdr((void *)MIDL_user_allocate, &info) == 0)
        return 1;
    const char *slash = strrchr(info.dli_fname, '/');
    printf("the pair of %s\n", slash == NULL ? info.dli_fname : slash + 1);
    fflush(stdout);
    MIDL_user_free(block);
    if (count > 1 && strcmp(arguments[1], "twice") == 0)
        MIDL_user_free(block);
    return 0;
}
