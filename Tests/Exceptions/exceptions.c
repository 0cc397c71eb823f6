/*
 * exceptions.c - runs one group of tests: exceptions GROUP. EXCEPTIONS_FORM says how it was built.
 * Under Winelib the exceptions are Wine's, and so is what happens to those that nobody catches.
 */
#include "groups.h"
#include "tap.h"

#include <stdio.h>
#include <string.h>

int main(int count, char **arguments) {
    static const struct {
        const char *name;
        void (*run)(void);
    } groups[] = {
        {"nesting", test_nesting}, {"orders", test_orders},   {"filters", test_filters},
        {"codes", test_codes},     {"leaving", test_leaving}, {"jumps", test_jumps},
        {"volume", test_volume},   {"threads", test_threads}, {"package", test_package},
#ifdef __WINE__
        {"runtime", test_runtime},
#else
        {"uncaught", test_uncaught}, {"exhaustion", test_exhaustion},
#endif
    };
    for (size_t i = 0; count == 2 && i < sizeof groups / sizeof groups[0]; i++) {
        if (strcmp(groups[i].name, arguments[1]) == 0) {
            tap_begin(EXCEPTIONS_FORM, groups[i].name);
            groups[i].run();
            return tap_end();
        }
    }
    fprintf(stderr, "usage: exceptions GROUP\n");
    return 2;
}
