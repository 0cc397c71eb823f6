/* Server side of arrays.idl. */
#include <rpc.h>
#include <rpcndr.h>

#include "arrays.h"
#include "checks.h"
#include "graphs.h"

static LONG sum_of(const LONG *values, LONG count) {
    LONG sum = 0;

    for (LONG i = 0; i < count; i++)
        sum += values[i];
    return sum;
}

LONG __cdecl fixed_in(handle_t binding, LONG values[4]) {
    (void)binding;
    CHECK_EQUAL(1, values[0]);
    return sum_of(values, 4);
}

LONG __cdecl conformant_in(handle_t binding, LONG count, LONG *values) {
    (void)binding;
    CHECK_EQUAL(5, count);
    return sum_of(values, count);
}

void __cdecl conformant_out(handle_t binding, LONG count, char *values) {
    (void)binding;
    CHECK_EQUAL(100, count);
    for (LONG i = 0; i < count; i++) {
        CHECK_EQUAL(0, values[i]); /* J18 */
        values[i] = (char)i;
    }
}

void __cdecl conformant_in_out(handle_t binding, LONG count, LONG *values) {
    (void)binding;
    CHECK_EQUAL(15, sum_of(values, count));
    for (LONG i = 0; i < count; i++)
        values[i] *= 2;
}

LONG __cdecl conformant_unique_in(handle_t binding, LONG count, LONG *values) {
    (void)binding;
    CHECK((count == 0) == (values != NULL));
    return count;
}

LONG __cdecl varying_in(handle_t binding, LONG length, LONG values[8]) {
    (void)binding;
    CHECK_EQUAL(3, length);
    return sum_of(values, length);
}

void __cdecl conformant_varying_in_out(handle_t binding, LONG size, LONG *length, LONG *values) {
    (void)binding;
    CHECK_EQUAL(8, size);
    CHECK_EQUAL(10, sum_of(values, *length));
    values[0] = 100;
    *length = 2;
}

void __cdecl conformant_varying_out(handle_t binding, LONG size, LONG *length, LONG *values) {
    (void)binding;
    CHECK_EQUAL(8, size);
    CHECK_EQUAL(0, sum_of(values, size));
    for (LONG i = 0; i < 3; i++)
        values[i] = i + 1;
    *length = 3;
}

LONG __cdecl pointers_in(handle_t binding, LONG count, CELL_POINTER *cells) {
    LONG sum = 0;

    (void)binding;
    CHECK_EQUAL(4, count);
    CHECK(cells[1] == NULL);
    for (LONG i = 0; i < count; i++)
        sum += cells[i] ? cells[i]->value : 0;
    return sum;
}

void __cdecl pointers_in_out(handle_t binding, LONG count, CELL_POINTER *cells) {
    CELL *cell = midl_user_allocate(sizeof(*cell));

    (void)binding;
    CHECK_EQUAL(3, count);
    CHECK(cells[1] == NULL);
    cells[0]->value = 10;
    cell->value = 20;
    cell->more = NULL;
    cells[1] = cell;
    cells[2] = NULL;
}

void __cdecl pointers_fewer(handle_t binding, LONG *count, CELL_POINTER *cells) {
    (void)binding;
    CHECK_EQUAL(4, *count);
    CHECK_EQUAL(4, cells[3]->value);
    cells[0]->value = 10;
    *count = 2;
}

void __cdecl references_array_out(handle_t binding, LONG count, SHORT_REFERENCE *values) {
    (void)binding;
    for (LONG i = 0; i < count; i++) {
        CHECK(values[i] == NULL); /* J20 */
        values[i] = midl_user_allocate(sizeof(short));
        *values[i] = (short)(i + 1);
    }
}

void __cdecl vector_fill(handle_t binding, VECTOR *vector) {
    (void)binding;
    CHECK_EQUAL(0, vector->count);
    CHECK(vector->values == NULL);
    vector->values = midl_user_allocate(3 * sizeof(*vector->values));
    vector->count = 3;
    for (LONG i = 0; i < 3; i++)
        vector->values[i] = i + 1;
}
