/*
 * test_beside.c - the pair beside another allocator in one program.
 *
 *   beside-FORM [-l LIBRARY] ALLOCATOR SYMBOL
 *
 * ALLOCATOR stands in the test's name; SYMBOL is one that only that allocator
 * defines, to show that it is really there. Threads use malloc, calloc,
 * realloc and the pair in turn and exchange blocks of both.
 */
#include "pair.h"
#include "support.h"
#include "tap.h"

#include <dlfcn.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { TABLE = 512, THREADS = 4, ROUNDS = 60000 };

struct parcel {
    size_t byte_count;
    bool of_pair;
};

static _Atomic(struct parcel *) table[TABLE];
static atomic_int wrong;

static void end(struct parcel *parcel) {
    if (parcel == NULL)
        return;
    if (!pattern_holds(parcel + 1, parcel->byte_count, parcel->byte_count))
        atomic_fetch_add(&wrong, 1);
    (parcel->of_pair ? pair.free : free)(parcel);
}

static struct parcel *make(struct random *random) {
    size_t byte_count = random_byte_count(random, 20000);
    size_t whole = sizeof(struct parcel) + byte_count;
    bool of_pair = random_below(random, 2);
    struct parcel *parcel = of_pair ? pair.allocate(whole) : malloc(whole / 2 + 16);
    if (!of_pair)
        parcel = realloc(parcel, whole);
    parcel->byte_count = byte_count;
    parcel->of_pair = of_pair;
    pattern_fill(parcel + 1, byte_count, byte_count);
    return parcel;
}

static void *mix(void *seed) {
    struct random random = {(uint64_t)(uintptr_t)seed};
    for (int round = 0; round < ROUNDS; round++)
        end(atomic_exchange(&table[random_below(&random, TABLE)], make(&random)));
    return NULL;
}

static void *brief(void *unused) {
    struct random random = {5};
    end(make(&random));
    return unused;
}

static void use_in_child(void *unused) { brief(unused); }

static void mixing(void *unused) {
    (void)unused;
    pthread_t threads[THREADS];
    for (uintptr_t index = 0; index < THREADS; index++)
        threads[index] = thread_start(mix, (void *)(index + 1));
    for (int index = 0; index < THREADS; index++)
        thread_join(threads[index]);
    for (int index = 0; index < TABLE; index++)
        end(atomic_exchange(&table[index], NULL));
    for (int count = 0; count < 2000; count++)
        thread_join(thread_start(brief, NULL));
    struct child_result result;
    child_run(&result, use_in_child, NULL);
    exit(atomic_load(&wrong) == 0 && child_exited(&result, 0) ? 0 : 1);
}

static void free_of_malloc(void *unused) {
    (void)unused;
    pair.free(malloc(100));
}

int main(int argument_count, char **arguments) {
    const char *library = "build/lib/libmidl_user.so.1";
    int next = 1;
    if (argument_count > 3 && strcmp(arguments[1], "-l") == 0) {
        library = arguments[2];
        next = 3;
    }
    if (argument_count - next != 2)
        return 2;
    pair_open(library);
    tap_begin(pair_form, arguments[next]);
    tap_ok(dlsym(RTLD_DEFAULT, arguments[next + 1]) != NULL, "is in the program");
    struct child_result result;
    child_run(&result, mixing, NULL);
    if (!tap_ok(child_exited(&result, 0), "malloc and the pair on four threads, and in a child"))
        child_note(&result);
    child_run(&result, free_of_malloc, NULL);
    if (!tap_ok(child_died_of(&result, SIGABRT) && strstr(result.text, "_user_free") != NULL,
                "a block of malloc given to midl_user_free ends the program"))
        child_note(&result);
    return tap_end();
}
