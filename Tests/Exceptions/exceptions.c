/* exceptions.c - runs one group of tests: exceptions GROUP. EXCEPTIONS_FORM says how it was built.
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
        {"nesting", test_nesting}, {"orders", test_orders},         {"filters", test_filters},
        {"codes", test_codes},     {"leaving", test_leaving},       {"jumps", test_jumps},
        {"volume", test_volume},   {"threads", test_threads},       {"uncaught", test_uncaught},
        {"package", test_package}, {"exhaustion", test_exhaustion},
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
