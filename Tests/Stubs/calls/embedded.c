/* Calls of pointers.idl whose pointers are members of a structure. */
#include "calls.h"
#include "graphs.h"
#include "pointers.h"
#include "watched.h"

static PAIR *pair_build(double first, double second) {
    PAIR *pair = midl_user_allocate(sizeof(*pair));

    pair->first = first;
    pair->second = second;
    return pair;
}

static void make_holder_in(handle_t binding) {
    HOLDER holder = {5, pair_build(1.5, 2.5)};

    REMOTE(holder_in(binding, &holder));
    CHECK_EQUAL(0, remote_raised());
    midl_user_free(holder.pair);
}

static void make_holder_out(handle_t binding) {
    HOLDER holder = {5, NULL};

    REMOTE(holder_out(binding, &holder));
    CHECK_EQUAL(6, holder.tag);
    CHECK(holder.pair->second == 4.5);
    midl_user_free(holder.pair);
}

static void make_holder_out_existing(handle_t binding) {
    HOLDER holder = {5, pair_build(1.5, 2.5)};
    PAIR *before = holder.pair;

    REMOTE(holder_out(binding, &holder));
    CHECK(holder.pair == before);
    CHECK(holder.pair->second == 4.5);
    midl_user_free(holder.pair);
}

static void make_holder_fill(handle_t binding) {
    HOLDER holder = {5, NULL};

    WATCHED(holder, REMOTE(holder_fill(binding, &holder)));
    CHECK(holder.pair->second == 4.5);
    midl_user_free(holder.pair);
}

static void make_holder_replace(handle_t binding) {
    HOLDER holder = {5, pair_build(1.5, 2.5)};
    PAIR *before = holder.pair;

    WATCHED(holder, REMOTE(holder_replace(binding, &holder)));
    CHECK(holder.pair == before);
    CHECK(holder.pair->second == 4.5);
    midl_user_free(holder.pair);
}

static void make_holder_clear(handle_t binding) {
    HOLDER holder = {5, pair_build(1.5, 2.5)};
    PAIR *before = holder.pair;

    WATCHED(holder, REMOTE(holder_clear(binding, &holder)));
    CHECK(holder.pair == NULL);
    CHECK(before->second == 2.5); /* J08: not freed */
    midl_user_free(holder.pair);
}

static void make_references_in(handle_t binding) {
    REFERENCES references = {long_build(1), long_build(2)};

    REMOTE(references_in(binding, &references));
    CHECK_EQUAL(0, remote_raised());
    midl_user_free(references.always);
    midl_user_free(references.sometimes);
}

static void make_references_in_null(handle_t binding) {
    REFERENCES references = {NULL, NULL};

    REMOTE(references_in(binding, &references));
    CHECK_EQUAL(RPC_X_NULL_REF_POINTER, remote_raised());
}

static void make_references_out(handle_t binding) {
    LONG always = 1;
    REFERENCES references = {&always, NULL};

    REMOTE(references_out(binding, &references));
    CHECK(references.always == &always);
    CHECK_EQUAL(10, always);
    CHECK_EQUAL(20, *references.sometimes);
    midl_user_free(references.sometimes);
}

static void make_references_in_out(handle_t binding) {
    REFERENCES references = {long_build(1), long_build(2)};

    WATCHED(references, REMOTE(references_in_out(binding, &references)));
    CHECK_EQUAL(10, *references.always);
    CHECK_EQUAL(20, *references.sometimes);
    midl_user_free(references.always);
    midl_user_free(references.sometimes);
}

static void make_aliases_clear_one(handle_t binding) {
    LONG *block = long_build(5);
    ALIASES aliases = {block, block};
    LONG z = 7;

    WATCHED(aliases, REMOTE(aliases_clear_one(binding, &aliases, &z)));
    seen(aliases.p == NULL);
    CHECK(aliases.q == block);
    CHECK_EQUAL(5, *block);
    midl_user_free(aliases.q);
}

static void make_aliases_clear(handle_t binding) {
    ALIASES aliases = {long_build(5), NULL};
    LONG z = 7;

    WATCHED(aliases, REMOTE(aliases_clear(binding, &aliases, &z)));
    seen(aliases.p == NULL);
    CHECK(aliases.q == NULL);
    midl_user_free(aliases.p);
}

/* Not in H.1: NdrFullPointerQueryRefId answers "known" for the id 0 and leaves the caller's pointer
 * as it is, so the client goes on pointing to its block. SEEN is whether the pointer is null. */
#define NULL_PTR_IGNORED "Wine's client ignores a null [ptr] (calls/embedded.c)"

static const struct call calls[] = {
    {
        .name = "holder_in",
        .direction = "in",
        .make = make_holder_in,
        .rules = "F.2, E.6, J01",
        .documented = {[BUILT] = OWN(1, sizeof(PAIR)), [ALLOCATED] = STUB(1, sizeof(HOLDER))},
        .here = {REF_LEAKS(1, sizeof(HOLDER))},
    },
    {
        .name = "holder_out NULL",
        .direction = "out",
        .make = make_holder_out,
        .rules = "F.2 (NULL to non-null), J19",
        .documented = {[RECEIVED] = STUB(1, sizeof(PAIR)), [ALLOCATED] = OWN(1, sizeof(PAIR))},
    },
    {
        .name = "holder_out existing",
        .direction = "out",
        .make = make_holder_out_existing,
        .rules = "F.2 (non-null to non-null)",
        .documented = {[BUILT] = OWN(1, sizeof(PAIR)), [ALLOCATED] = OWN(1, sizeof(PAIR))},
    },
    {
        .name = "holder_fill",
        .direction = "in,out",
        .make = make_holder_fill,
        .rules = "F.2 (NULL to non-null), J06",
        .documented = {[RECEIVED] = STUB(1, sizeof(PAIR)),
                       [ALLOCATED] = {2, NDR(sizeof(HOLDER)) + sizeof(PAIR)}},
        .here = {REF_LEAKS(1, sizeof(HOLDER))},
    },
    {
        .name = "holder_replace",
        .direction = "in,out",
        .make = make_holder_replace,
        .rules = "F.2 (other), J07",
        .documented =
            {[BUILT] = OWN(1, sizeof(PAIR)), [ALLOCATED] = {2, NDR(sizeof(HOLDER)) + sizeof(PAIR)}},
        .here = {REF_LEAKS(1, sizeof(HOLDER))},
    },
    {
        .name = "holder_clear",
        .direction = "in,out",
        .make = make_holder_clear,
        .rules = "F.2 (non-null to NULL), G3, J08",
        .documented = {[BUILT] = OWN(1, sizeof(PAIR)),
                       [CLIENT_ORPHANED] = OWN(1, sizeof(PAIR)),
                       [ALLOCATED] = STUB(1, sizeof(HOLDER))},
        .client_orphans = "G3: server set an embedded unique pointer to null",
        .here = {REF_LEAKS(1, sizeof(HOLDER))},
    },
    {
        .name = "references_in",
        .direction = "in",
        .make = make_references_in,
        .rules = "F.2, E.6",
        .documented = {[BUILT] = OWN(2, sizeof(LONG)), [ALLOCATED] = STUB(1, sizeof(REFERENCES))},
        .here = {REF_LEAKS(1, sizeof(REFERENCES))},
    },
    {
        .name = "references_in NULL",
        .direction = "in",
        .make = make_references_in_null,
        .rules = "F.2, J05",
        .documented = {[RAISED] = {RPC_X_NULL_REF_POINTER, 0}, [KEPT_OUT] = {1, 0}},
    },
    {
        .name = "references_out",
        .direction = "out",
        .make = make_references_out,
        .rules = "F.2, E.7, J19",
        .documented = {[RECEIVED] = STUB(1, sizeof(LONG)), [ALLOCATED] = OWN(2, sizeof(LONG))},
    },
    {
        .name = "references_in_out",
        .direction = "in,out",
        .make = make_references_in_out,
        .rules = "F.2",
        .documented = {[BUILT] = OWN(2, sizeof(LONG)), [ALLOCATED] = STUB(1, sizeof(REFERENCES))},
        .here = {REF_LEAKS(1, sizeof(REFERENCES))},
    },
    {
        .name = "aliases_clear_one",
        .direction = "in,out",
        .make = make_aliases_clear_one,
        .seen = "p is null",
        .rules = "F.2 (ptr), J09",
        .documented = {[SEEN] = {1, 0},
                       [BUILT] = OWN(1, sizeof(LONG)),
                       [ALLOCATED] = STUB(1, sizeof(ALIASES))},
        .here = {{BOTH_MODES, SEEN, {0, 0}, NULL_PTR_IGNORED}, REF_LEAKS(1, sizeof(ALIASES))},
    },
    {
        .name = "aliases_clear",
        .direction = "in,out",
        .make = make_aliases_clear,
        .seen = "p is null",
        .rules = "F.2 (ptr), G2",
        .documented = {[SEEN] = {1, 0},
                       [BUILT] = OWN(1, sizeof(LONG)),
                       [CLIENT_ORPHANED] = OWN(1, sizeof(LONG)),
                       [ALLOCATED] = STUB(1, sizeof(ALIASES))},
        .client_orphans = "G2: server set a ptr pointer without alias to null",
        .here = {{BOTH_MODES, SEEN, {0, 0}, NULL_PTR_IGNORED},
                 {BOTH_MODES, CLIENT_ORPHANED, {0, 0}, NULL_PTR_IGNORED},
                 REF_LEAKS(1, sizeof(ALIASES))},
    },
};

const struct call_group embedded_calls = CALL_GROUP(calls);
