/* block.c - see block.h. */
#include "block.h"

#include <stdio.h>
#include <unistd.h>

void block_fail(const char *what) {
    fprintf(stderr, "allocators: %s\n", what);
    _exit(DAMAGE_EXIT_STATUS);
}
