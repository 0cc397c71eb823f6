/* Calls of arrays.idl. */
#include "arrays.h"
#include "calls.h"
#include "graphs.h"
#include "watched.h"

static CELL *cell_build(LONG value) {
    CELL *cell = midl_user_allocate(sizeof(*cell));

    cell->value = value;
    cell->more = NULL;
    return cell;
}

static void make_fixed_in(handle_t binding) {
    LONG values[4] = {1, 2, 3, 4}, sum = 0;

    REMOTE(sum = fixed_in(binding, values));
    CHECK_EQUAL(10, sum);
}

static void make_conformant_in(handle_t binding) {
    LONG values[5] = {1, 2, 3, 4, 5}, sum = 0;

    REMOTE(sum = conformant_in(binding, 5, values));
    CHECK_EQUAL(15, sum);
}

static void make_conformant_out(handle_t binding) {
    char values[100] = {-1};

    REMOTE(conformant_out(binding, 100, values));
    CHECK_EQUAL(0, values[0]);
    CHECK_EQUAL(99, values[99]);
}

static void make_conformant_in_out(handle_t binding) {
    LONG values[5] = {1, 2, 3, 4, 5};

    REMOTE(conformant_in_out(binding, 5, values));
    CHECK_EQUAL(2, values[0]);
    CHECK_EQUAL(10, values[4]);
}

static void make_conformant_null(handle_t binding) {
    REMOTE(conformant_unique_in(binding, 3, NULL));
}

static void make_conformant_empty(handle_t binding) {
    LONG value = 1, result = -1;

    REMOTE(result = conformant_unique_in(binding, 0, &value));
    CHECK_EQUAL(0, result);
}

static void make_varying_in(handle_t binding) {
    LONG values[8] = {1, 2, 3, 90, 90, 90, 90, 90}, sum = 0;

    REMOTE(sum = varying_in(binding, 3, values));
    CHECK_EQUAL(6, sum);
}

static void make_conformant_varying_in_out(handle_t binding) {
    LONG values[8] = {1, 2, 3, 4, 90, 90, 90, 90}, length = 4;

    REMOTE(conformant_varying_in_out(binding, 8, &length, values));
    CHECK_EQUAL(2, length);
    CHECK_EQUAL(100, values[0]);
    CHECK_EQUAL(2, values[1]);
    CHECK_EQUAL(3, values[2]); /* F.4: beyond the new length the client's contents stay */
    CHECK_EQUAL(90, values[4]);
}

static void make_conformant_varying_out(handle_t binding) {
    LONG values[8] = {90, 90, 90, 90, 90, 90, 90, 90}, length = 8;

    REMOTE(conformant_varying_out(binding, 8, &length, values));
    CHECK_EQUAL(3, length);
    CHECK_EQUAL(1, values[0]);
    CHECK_EQUAL(3, values[2]);
    CHECK_EQUAL(90, values[3]);
}

static void make_pointers_in(handle_t binding) {
    CELL_POINTER cells[4] = {cell_build(1), NULL, cell_build(3), cell_build(4)};
    LONG sum = 0;

    cells[3]->more = long_build(5);
    REMOTE(sum = pointers_in(binding, 4, cells));
    CHECK_EQUAL(8, sum);
    midl_user_free(cells[3]->more);
    for (int i = 0; i < 4; i++)
        midl_user_free(cells[i]);
}

static void make_pointers_in_out(handle_t binding) {
    CELL_POINTER cells[3] = {cell_build(1), NULL, cell_build(3)};

    WATCHED(cells, REMOTE(pointers_in_out(binding, 3, cells)));
    CHECK_EQUAL(10, cells[0]->value);
    CHECK_EQUAL(20, cells[1]->value);
    CHECK(cells[2] == NULL);
    for (int i = 0; i < 3; i++)
        midl_user_free(cells[i]);
}

/* Frees what the returned count covers, as a caller does that trusts it. */
static void make_pointers_fewer(handle_t binding) {
    CELL_POINTER cells[4] = {cell_build(1), cell_build(2), cell_build(3), cell_build(4)};
    CELL_POINTER third = cells[2];
    LONG count = 4;

    watch_begins(cells, sizeof(cells));
    REMOTE(pointers_fewer(binding, &count, cells));
    watch_finds(count * sizeof(*cells));
    CHECK_EQUAL(2, count);
    CHECK_EQUAL(10, cells[0]->value);
    CHECK(cells[2] == third); /* J29 */
    CHECK_EQUAL(4, cells[3]->value);
    for (int i = 0; i < count; i++)
        midl_user_free(cells[i]);
}

static void make_references_array_out(handle_t binding) {
    short storage[10] = {0};
    SHORT_REFERENCE values[10];

    for (int i = 0; i < 10; i++)
        values[i] = &storage[i];
    REMOTE(references_array_out(binding, 10, values));
    CHECK(values[9] == &storage[9]);
    CHECK_EQUAL(1, storage[0]);
    CHECK_EQUAL(10, storage[9]);
}

static void make_vector_fill(handle_t binding) {
    VECTOR vector = {0, NULL};

    REMOTE(vector_fill(binding, &vector));
    CHECK_EQUAL(3, vector.count);
    CHECK_EQUAL(3, vector.values[2]);
    midl_user_free(vector.values);
}

static const struct call calls[] = {
    {
        .name = "fixed_in",
        .direction = "in",
        .make = make_fixed_in,
        .rules = "E.6",
    },
    {
        .name = "conformant_in",
        .direction = "in",
        .make = make_conformant_in,
        .rules = "E.6",
    },
    {
        .name = "conformant_out",
        .direction = "out",
        .make = make_conformant_out,
        .rules = "E.7, J18",
        .documented = {[ALLOCATED] = STUB(1, 100)},
    },
    {
        .name = "conformant_in_out",
        .direction = "in,out",
        .make = make_conformant_in_out,
        .rules = "E.6",
    },
    {
        .name = "conformant_in NULL, 3",
        .direction = "in",
        .make = make_conformant_null,
        .rules = "F.6, J31",
        .documented = {[RAISED] = {RPC_X_BAD_STUB_DATA, 0}, [KEPT_OUT] = {1, 0}},
        .here = {{BOTH_MODES, RAISED, {0, 0}, "H.1: Wine has no MCCP"},
                 {BOTH_MODES, KEPT_OUT, {0, 0}, "H.1: Wine has no MCCP"}},
    },
    {
        .name = "conformant_in &x, 0",
        .direction = "in",
        .make = make_conformant_empty,
        .rules = "F.6, J31",
    },
    {
        .name = "varying_in",
        .direction = "in",
        .make = make_varying_in,
        .rules = "E.6",
        .documented = {[ALLOCATED] = STUB(1, 32)},
        .here = {REF_LEAKS(1, 32)},
    },
    {
        .name = "conf_varying_in_out",
        .direction = "in,out",
        .make = make_conformant_varying_in_out,
        .rules = "E.6, F.4, J17",
        .documented = {[ALLOCATED] = STUB(1, 32)},
        .here = {REF_LEAKS(1, 32)},
    },
    {
        .name = "conf_varying_out",
        .direction = "out",
        .make = make_conformant_varying_out,
        .rules = "E.7, F.4",
        .documented = {[ALLOCATED] = STUB(1, 32)},
    },
    {
        .name = "pointers_in",
        .direction = "in",
        .make = make_pointers_in,
        .rules = "F.2, E.6",
        .documented = {[BUILT] = {4, 3 * sizeof(CELL) + sizeof(LONG)},
                       [ALLOCATED] = {4, NDR(4 * sizeof(CELL_POINTER)) + 3 * NDR(sizeof(CELL))}},
        .here = {REF_LEAKS(1, 4 * sizeof(CELL_POINTER))},
    },
    {
        .name = "pointers_in_out",
        .direction = "in,out",
        .make = make_pointers_in_out,
        .rules = "F.2, G3, G7",
        .documented = {[BUILT] = OWN(2, sizeof(CELL)),
                       [RECEIVED] = STUB(1, sizeof(CELL)),
                       [CLIENT_ORPHANED] = OWN(1, sizeof(CELL)),
                       [ALLOCATED] = {4, NDR(3 * sizeof(CELL_POINTER)) + 2 * NDR(sizeof(CELL)) +
                                             sizeof(CELL)},
                       [SERVER_ORPHANED] = STUB(1, sizeof(CELL))},
        .client_orphans = "G3: server set an element to null",
        .server_orphans = "G7: manager set an element to null",
        .here = {{INTERPRETED,
                  SERVER_ORPHANED,
                  {2, NDR(sizeof(CELL)) + NDR(3 * sizeof(CELL_POINTER))},
                  "G7 for 1, " REF_LEAKS_REASON}},
    },
    {
        .name = "pointers_fewer",
        .direction = "in,out",
        .make = make_pointers_fewer,
        .rules = "F.4, G4, J29",
        .documented = {[BUILT] = OWN(4, sizeof(CELL)),
                       [CLIENT_ORPHANED] = OWN(2, sizeof(CELL)),
                       [ALLOCATED] = {5, NDR(4 * sizeof(CELL_POINTER)) + 4 * NDR(sizeof(CELL))},
                       [SERVER_ORPHANED] = STUB(2, sizeof(CELL))},
        .client_orphans = "G4: server lowered the size of an array of pointers",
        .server_orphans = "G4: manager lowered the size",
        .here = {{INTERPRETED,
                  SERVER_ORPHANED,
                  {3, 2 * NDR(sizeof(CELL)) + NDR(4 * sizeof(CELL_POINTER))},
                  "G4 for 2, " REF_LEAKS_REASON}},
    },
    {
        .name = "references_array_out",
        .direction = "out",
        .make = make_references_array_out,
        .rules = "E.7, J20",
        .documented = {[ALLOCATED] = {11, NDR(10 * sizeof(SHORT_REFERENCE)) + 10 * sizeof(short)}},
    },
    {
        .name = "vector_fill",
        .direction = "in,out",
        .make = make_vector_fill,
        .rules = "F.4 (size raised, client NULL)",
        .documented = {[RECEIVED] = STUB(1, 3 * sizeof(LONG)),
                       [ALLOCATED] = {2, NDR(sizeof(VECTOR)) + 3 * sizeof(LONG)}},
        .here = {REF_LEAKS(1, sizeof(VECTOR))},
    },
};

const struct call_group array_calls = CALL_GROUP(calls);
