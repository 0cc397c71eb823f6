/* block.c - see block.h. */
#include "block.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

void block_fail(const char *what) {
    fprintf(stderr, "%s: %s\n", program_invocation_short_name, what);
    _exit(DAMAGE_EXIT_STATUS);
}
