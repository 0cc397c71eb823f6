/* no_choice.c - the heap whatever MIDL_MEMORY says; in the place of Sources/Shim/diagnostics.c. */
#include "midl_core.h"

uintptr_t midl_choice = 0;
const struct midl_environment_blocks *midl_chosen_environment_blocks;
void midl_make_choice(void) {}
