/* Server side of vectors.idl. */
#include "vectors.h"
#include "checks.h"
#include "package/vector.h"

void __cdecl vector_run(handle_t binding, LONG index) {
    (void)binding;
    CHECK(index >= 0 && index < VECTOR_COUNT);
    if (index >= 0 && index < VECTOR_COUNT)
        vector_check((enum vector)index);
}
